"""Arm's memory model for ordinary memory: Arm ARM B2.3, and aarch64.cat in its words and order.

Its events are instructions, with what the kernel's primitives compile to (`arm64` in specs/primitives): `ARM64` with
the atomic instructions of Armv8.1 (`lse`), `ARM64_LLSC` with loops of load- and store-exclusive (`llsc`). Branches and
expressions compile as they stand: an `if` is a branch, arithmetic is arithmetic, and a comparison or choice whose value
is used is a conditional select. Four things differ from the files:

- `lrs` is rfi. A read that does not read from the latest local write before it reads from a write that is newer in
  coherence order, by another thread: coe and rfe lead there from the local write, so `ob` holds the pair all the same.
- `ob` is not closed under sequence; its acyclicity is asked.
- `data` and `addr` (of registers) are the direct ones. What leads through a comparison or choice, a pick dependency, is
  in `data` and `addr` of the program, as all is. Pick dependencies, and those through an atomic instruction's register
  or through memory (`carry-dep`), order writes only.
- `ctrl` leads from a read to all that follows a branch on it, also on the branch (tag CBNZ) of a loop of load- and
  store-exclusive.

No instruction but a barrier belongs to `synchronize_rcu()` and a flush: they are full barriers for the thread that
waits, as kernel/rcu/tree.c and a DSB have it.

RCU is LKMM's rule with `ob` in place of hb, pb and prop. The three say in LKMM how far a store must have come to be
before an event: prop leads from a store to what follows it on every CPU. Arm's memory is other-multi-copy-atomic: a
store that one other thread has seen is seen by all, so what is before an event in `ob` is before it for every thread,
and `ob` is hb, pb and prop at once. The kernel's implementation of grace periods is itself code on this machine: it
learns of the end of a section, or that none has begun, by accesses between full barriers of both CPUs. Of a section and
a grace period that waits for it therefore either whatever precedes the end of the section is before whatever follows
the grace period, or whatever precedes the grace period is before whatever follows the begin of the section, in `ob`.
That is the law of RCU over `ob`, and the axiom is equivalent to it by the same proof (smt/axiomatic/grace_periods.py).
"""

from typing import Literal

from encoder.memory.lkmm import rcu_order_by
from encoder.memory.model import Axiom, MemoryModel
from encoder.memory.relation import (
    M,
    R,
    W,
    base,
    co,
    coe,
    fencerel,
    fr,
    fre,
    let,
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

A, Q, L, NoRet, Amo, Branch = tag("A"), tag("Q"), tag("L"), tag("NoRet"), tag("Amo"), tag("CBNZ")
dsb_full, dsb_ld, dsb_st = tag("DSB ISH"), tag("DSB ISHLD"), tag("DSB ISHST")
waits = tag("Sync-rcu") | tag("Sync-srcu") | tag("Flush-begin") | tag("Flush-end")
dmb_full = tag("DMB ISH") | dsb_full | waits
dmb_ld = tag("DMB ISHLD") | dsb_ld
dmb_st = tag("DMB ISHST") | dsb_st

amo = let("amo", Amo >> rmw)
ca = let("ca", fr | co)
lrs = let("lrs", rfi)
lws = let("lws", M >> (po & loc) >> W)

# Dependencies

addr, data = let("addr", base("direct-addr")), let("data", base("direct-data"))
ctrl = let("ctrl", base("branch") | (Branch >> po))
carry_dep = let("carry-dep", star(base("data") >> lrs))

# Locally ordered before

dob = let("dob", addr | data | (ctrl >> W) | (addr >> po >> W) | (addr >> lrs) | (data >> lrs))
pob = let(
    "pob",
    (carry_dep >> (base("addr") | base("data") | ctrl) >> W) | (carry_dep >> base("addr") >> po >> W),
)
aob = let("aob", rmw | (rmw >> lrs >> (A | Q)))
bob = let(
    "bob",
    (M >> fencerel(dmb_full) >> M)
    | ((R - NoRet) >> fencerel(dmb_ld) >> M)
    | (W >> fencerel(dmb_st) >> W)
    | (W >> fencerel(dsb_st) >> M)
    | (range_(A >> amo >> L) >> po >> M)
    | (L >> po >> A)
    | ((A | Q) >> po >> M)
    | (M >> po >> L),
)
lob = let("lob", lws | dob | pob | aob | bob)

# Ordered before

obs = rfe | fre | coe
ob = obs | lob

internal = Axiom(name="internal", kind="acyclic", relation=po_loc | ca | rf, role="coherence")
external = Axiom(name="external", kind="acyclic", relation=ob)
atomic = Axiom(name="atomic", kind="empty", relation=rmw & (fre >> coe), role="atomicity")

# RCU

rcu_link = let("rcu-link", opt(po) >> star(ob) >> po)
rcu_fence = let("rcu-fence", po >> rcu_order_by(rcu_link) >> opt(po))
rb = let("rb", rcu_fence >> star(ob))
rcu = Axiom(name="rcu", kind="irreflexive", relation=rb)


def _model(name: str, title: str, instructions: Literal["lse", "llsc"]) -> MemoryModel:
    return MemoryModel(
        name=name,
        title=title,
        axioms=(internal, external, atomic, rcu),
        order=ob,
        order_axioms=(external, rcu),
        orders_sections=True,
        allows_interleavings=True,
        instructions=instructions,
    )


ARM64 = _model("arm64", "ARM64", "lse")
ARM64_LLSC = _model("arm64-llsc", "ARM64 without LSE", "llsc")
