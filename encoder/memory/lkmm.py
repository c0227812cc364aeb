"""The Linux kernel's memory model: linux-kernel.bell, lock.cat and linux-kernel.cat of v6.12's tools/memory-model.

The definitions have the order of the files. Four things differ from the files:

- Initial writes are not events. Nothing comes before them, so they are on no cycle and in no race.
- A lock operation reads and writes its location: LKR reads 0, LKW writes 1, UL writes 0. This yields the rf and co that
  lock.cat constructs.
- `rcu_open` is a base relation: from a grace period to the begin of every section of its kind that is still open where
  its thread has stopped. Such a section ends after every executed event, so rcu-link leads from the grace period to
  that end. Complete executions, of which the cat file speaks, have none.
- `rcu_rscs` is a base relation: the execution matches lock to unlock by nesting, as the bell file defines it.
- Only lock operations access a spinlock, so `mixed-lock-accesses` concerns srcu_structs alone.
"""

from encoder.memory.model import Axiom, MemoryModel, PropPath
from encoder.memory.relation import (
    M,
    R,
    Relation,
    W,
    base,
    co,
    coe,
    cross,
    different_values,
    domain,
    ext,
    fencerel,
    fr,
    fre,
    id_,
    identity,
    int_,
    inverse,
    let,
    let_rec,
    loc,
    opt,
    po,
    po_loc,
    range_,
    rf,
    rfe,
    rfi,
    rmw,
    star,
    tag,
)

# linux-kernel.bell

Once, Release, Acquire, Noreturn = tag("Once"), tag("Release"), tag("Acquire"), tag("Noreturn")
Wmb, Rmb, Mb, Barrier = tag("Wmb"), tag("Rmb"), tag("Mb"), tag("Barrier")
Rcu_lock, Rcu_unlock, Sync_rcu = tag("Rcu-lock"), tag("Rcu-unlock"), tag("Sync-rcu")
Before_atomic, After_atomic = tag("Before-atomic"), tag("After-atomic")
After_spinlock, After_unlock_lock = tag("After-spinlock"), tag("After-unlock-lock")
After_srcu_read_unlock = tag("After-srcu-read-unlock")
Srcu_lock, Srcu_unlock, Sync_srcu = tag("Srcu-lock"), tag("Srcu-unlock"), tag("Sync-srcu")
RMW = tag("RMW")  # both halves of every read-modify-write, one that fails included
LKR, LKW, UL, LF, RL, RU = tag("LKR"), tag("LKW"), tag("UL"), tag("LF"), tag("RL"), tag("RU")
addr, data, ctrl = base("addr"), base("data"), base("ctrl")

rcu_rscs = base("rcu-rscs")
rcu_open = base("rcu-open")

carry_srcu_data = let("carry-srcu-data", star(data >> ~Srcu_unlock >> rf))
srcu_rscs = let("srcu-rscs", (Srcu_lock >> carry_srcu_data >> data >> Srcu_unlock) & loc)

invalid_sleep = let("invalid-sleep", rcu_rscs & (po >> Sync_srcu >> po))

unmatched_rcu_lock = identity(Rcu_lock) - identity(domain(rcu_rscs))
unmatched_rcu_unlock = identity(Rcu_unlock) - identity(range_(rcu_rscs))
unmatched_srcu_lock = identity(Srcu_lock) - identity(domain(srcu_rscs))
unmatched_srcu_unlock = identity(Srcu_unlock) - identity(range_(srcu_rscs))
multiple_srcu_matches = (inverse(srcu_rscs) >> srcu_rscs) - id_
srcu_bad_value_match = different_values(srcu_rscs)

Marked = (
    ~M | Once | Release | Acquire | domain(rmw) | range_(rmw)
    | LKR | LKW | UL | LF | RL | RU | Srcu_lock | Srcu_unlock
)  # fmt: skip
Plain = M - Marked

carry_dep = let("carry-dep", star(data >> ~Srcu_unlock >> rfi))
addr = let("addr", carry_dep >> addr)
ctrl = let("ctrl", carry_dep >> ctrl)
data = let("data", carry_dep >> data)

# lock.cat

Srcu = Srcu_lock | Srcu_unlock | Sync_srcu
mixed_lock_accesses = Srcu >> loc >> (M - Srcu)
unmatched_unlock = (identity(UL) - identity(range_(LKW >> po_loc >> UL))) | (
    (UL >> po_loc >> UL) - (po_loc >> LKW >> po_loc)
)

Release = Release | UL
Acquire = Acquire | LKR

# linux-kernel.cat: basic relations

acq_po = let("acq-po", Acquire >> po >> M)
po_rel = let("po-rel", M >> po >> Release)
po_unlock_lock_po = let("po-unlock-lock-po", po >> UL >> (po | rf) >> LKR >> po)

R4rmb = R - Noreturn
rmb = let("rmb", R4rmb >> fencerel(Rmb) >> R4rmb)
wmb = let("wmb", W >> fencerel(Wmb) >> W)
mb = let(
    "mb",
    (M >> fencerel(Mb) >> M)
    | (M >> fencerel(Before_atomic) >> RMW >> opt(po) >> M)
    | (M >> opt(po) >> RMW >> fencerel(After_atomic) >> M)
    | (M >> opt(po) >> LKW >> fencerel(After_spinlock) >> M)
    | (M >> po_unlock_lock_po >> After_unlock_lock >> po >> M)
    | (M >> opt(po) >> Srcu_unlock >> fencerel(After_srcu_read_unlock) >> M),
)
gp = let("gp", po >> (Sync_rcu | Sync_srcu) >> opt(po))
strong_fence = let("strong-fence", mb | gp)

nonrw_fence = let("nonrw-fence", strong_fence | po_rel | acq_po)
fence = let("fence", nonrw_fence | wmb | rmb)
barrier = let(
    "barrier",
    fencerel(
        Barrier | Rmb | Wmb | Mb | Sync_rcu | Sync_srcu | Before_atomic | After_atomic | Acquire | Release
        | Rcu_lock | Rcu_unlock | Srcu_lock | Srcu_unlock
    )
    | (po >> Release)
    | (Acquire >> po),
)  # fmt: skip

# Fundamental coherence ordering

com = let("com", rf | co | fr)
coherence = Axiom(name="coherence", kind="acyclic", relation=po_loc | com, role="coherence")
atomic = Axiom(name="atomic", kind="empty", relation=rmw & (fre >> coe), role="atomicity")

# Instruction execution ordering

dep = let("dep", addr | data)
rwdep = let("rwdep", (dep | ctrl) >> W)
overwrite = let("overwrite", co | fr)
to_w = let("to-w", rwdep | (overwrite & int_) | (addr >> Plain >> wmb))
to_r = let("to-r", (addr >> R) | (dep >> Marked >> rfi))
ppo = let("ppo", to_r | to_w | (fence & int_) | (po_unlock_lock_po & int_))


def A_cumul(r: Relation) -> Relation:
    return opt(rfe >> Marked) >> r


rmw_sequence = let("rmw-sequence", star(rf >> rmw))
cumul_fence = let(
    "cumul-fence",
    Marked >> (A_cumul(strong_fence | po_rel) | wmb | po_unlock_lock_po) >> Marked >> rmw_sequence,
)
prop = let("prop", Marked >> opt(overwrite & ext) >> star(cumul_fence) >> Marked >> opt(rfe) >> Marked)

hb = let("hb", Marked >> (ppo | rfe | ((prop - id_) & int_)) >> Marked)
happens_before = Axiom(name="happens-before", kind="acyclic", relation=hb)

# Write and fence propagation ordering

pb = let("pb", prop >> strong_fence >> star(hb) >> Marked)
propagation = Axiom(name="propagation", kind="acyclic", relation=pb)

# RCU

rcu_gp = identity(Sync_rcu)
srcu_gp = identity(Sync_srcu)
rcu_rscsi = let("rcu-rscsi", inverse(rcu_rscs))
srcu_rscsi = let("srcu-rscsi", inverse(srcu_rscs))

rcu_link = let("rcu-link", opt(po) >> star(hb) >> star(pb) >> prop >> po)


def rcu_order_by(rcu_link: Relation) -> Relation:
    return let_rec(
        "rcu-order",
        lambda rcu_order: rcu_gp | srcu_gp | rcu_open
        | (rcu_gp >> rcu_link >> rcu_rscsi)
        | ((srcu_gp >> rcu_link >> srcu_rscsi) & loc)
        | (rcu_rscsi >> rcu_link >> rcu_gp)
        | ((srcu_rscsi >> rcu_link >> srcu_gp) & loc)
        | (rcu_gp >> rcu_link >> rcu_order >> rcu_link >> rcu_rscsi)
        | ((srcu_gp >> rcu_link >> rcu_order >> rcu_link >> srcu_rscsi) & loc)
        | (rcu_rscsi >> rcu_link >> rcu_order >> rcu_link >> rcu_gp)
        | ((srcu_rscsi >> rcu_link >> rcu_order >> rcu_link >> srcu_gp) & loc)
        | (rcu_order >> rcu_link >> rcu_order),
    )  # fmt: skip


rcu_order = rcu_order_by(rcu_link)
rcu_fence = let("rcu-fence", po >> rcu_order >> opt(po))
fence = let("fence", fence | rcu_fence)
strong_fence = let("strong-fence", strong_fence | rcu_fence)

rb = let("rb", prop >> rcu_fence >> star(hb) >> star(pb) >> Marked)
rcu = Axiom(name="rcu", kind="irreflexive", relation=rb)

# Plain accesses and data races

mixed_accesses = let(
    "mixed-accesses",
    ((Plain & W) >> (po_loc - barrier) >> Marked) | (Marked >> (po_loc - barrier) >> (Plain & W)),
)

xbstar = let("xbstar", star(hb | pb | rb))
vis = let(
    "vis",
    star(cumul_fence) >> opt(rfe) >> Marked >> ((strong_fence >> Marked >> xbstar) | (xbstar & int_)),
)

w_pre_bounded = let("w-pre-bounded", Marked >> opt(addr | fence))
r_pre_bounded = let("r-pre-bounded", Marked >> opt(addr | nonrw_fence | (R4rmb >> fencerel(Rmb) >> ~Noreturn)))
w_post_bounded = let("w-post-bounded", opt(fence) >> Marked >> rmw_sequence)
r_post_bounded = let("r-post-bounded", opt(nonrw_fence | (~Noreturn >> fencerel(Rmb) >> R4rmb)) >> Marked)

ww_vis = let(
    "ww-vis",
    fence | (strong_fence >> xbstar >> w_pre_bounded) | (w_post_bounded >> vis >> w_pre_bounded),
)
wr_vis = let(
    "wr-vis",
    fence | (strong_fence >> xbstar >> r_pre_bounded) | (w_post_bounded >> vis >> r_pre_bounded),
)
rw_xbstar = let("rw-xbstar", fence | (r_post_bounded >> xbstar >> w_pre_bounded))

pre_race = let("pre-race", ext & (cross(Plain, M) | cross(M, Plain)))

wr_incoh = pre_race & rf & inverse(rw_xbstar)
rw_incoh = pre_race & fr & inverse(wr_vis)
ww_incoh = pre_race & co & inverse(ww_vis)
plain_coherence = Axiom(name="plain-coherence", kind="empty", relation=wr_incoh | rw_incoh | ww_incoh)

ww_nonrace = let("ww-nonrace", ww_vis & (cross(Marked, W) | rw_xbstar) & (cross(W, Marked) | wr_vis))
ww_race = (pre_race & co) - ww_nonrace
wr_race = (pre_race & (opt(co) >> rf)) - wr_vis - inverse(rw_xbstar)
rw_race = (pre_race & fr) - rw_xbstar

# The axioms as one order
#
# Why acyclicity of `order` with `prop_path` is equivalent to the acyclicity of hb and pb:
#
# - cumul-fence is contained in hb+: its fences are in ppo, and rfe, `rf ; rmw` and the rf from an unlock are hb edges.
#   So prop adds to hb only the paths that begin with an overwrite; every other `prop ; strong-fence` is in hb+.
# - A prop path that has returned to its thread need not go on as prop: hb continues from there.
# - The `\ id` of hb can be omitted. Where such a prop leads from an event back to itself, its last event but one is in
#   the same thread (an rfe into a read whose overwrite is newer contradicts coherence), and hb leads from there to the
#   event: hb has a cycle without this edge.
# - An overwrite followed by `rf ; rmw` is an overwrite.
# - The tail hb* of pb is followed edge by edge.
#
# smt/axiomatic/grace_periods.py adds what rb requires.
prop_path = PropPath(
    overwrite=Marked >> (overwrite & ext) >> Marked,
    cumul_fence=Marked >> (wmb | po_unlock_lock_po | (rf >> rmw)) >> Marked,
    rfe=rfe >> Marked,
    a_cumul_fence=(mb | gp | po_rel) >> Marked,
    strong_fence=(mb | gp) >> Marked,
)

LKMM = MemoryModel(
    name="lkmm",
    title="LKMM",
    axioms=(coherence, atomic, happens_before, propagation, rcu, plain_coherence),
    flags=(
        ("unmatched-rcu-lock", unmatched_rcu_lock),
        ("unmatched-rcu-unlock", unmatched_rcu_unlock),
        ("unmatched-srcu-lock", unmatched_srcu_lock),
        ("unmatched-srcu-unlock", unmatched_srcu_unlock),
        ("multiple-srcu-matches", multiple_srcu_matches),
        ("invalid-sleep", invalid_sleep),
        ("srcu-bad-value-match", srcu_bad_value_match),
        ("mixed-lock-accesses", mixed_lock_accesses),
        ("unmatched-unlock", unmatched_unlock),
        ("mixed-accesses", mixed_accesses),
        ("data-race", ww_race | wr_race | rw_race),
    ),
    order=Marked >> (ppo | rfe) >> Marked,
    order_axioms=(happens_before, propagation, rcu),
    prop_path=prop_path,
    orders_sections=True,
    propagated=prop,
    allows_interleavings=True,
    decides_before_storing=False,
)
