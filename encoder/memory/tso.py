"""Total store order, the model of x86: a store may wait in its CPU's buffer while later reads proceed.

Every read-modify-write that writes is a full barrier, as x86's locked instructions are, and so is `smp_mb()`. Other
barriers add no ordering. A failed read-modify-write is a plain read, as in `atomic_add_unless()` (a load and a branch),
unless its primitive says `fails: locked` (tag Locked), as a bit's trylock and `cmpxchg()` do. Litmus tests never say
so: in them a failed one is a plain read, which is weaker than the machine.

A grace period is a full barrier for the thread that waits for it (kernel/rcu/tree.c synchronize_rcu(): "guaranteed to
have executed a full memory barrier"). What it waits for, and what a flush waits for, constrains the execution
(smt/axiomatic/grace_periods.py): a section has ended when the stores before its end have drained.
"""

from encoder.memory.model import Axiom, MemoryModel
from encoder.memory.relation import (
    M,
    R,
    W,
    co,
    coe,
    domain,
    fencerel,
    fr,
    fre,
    let,
    po,
    po_loc,
    range_,
    rf,
    rfe,
    rmw,
    tag,
)

rmwev = domain(rmw) | range_(rmw) | tag("Locked")
mbr = let("mbr", M >> fencerel(tag("Mb") | tag("Sync-rcu") | tag("Sync-srcu")) >> M)
ppo = let("ppo", (W >> po >> W) | (R >> po >> M))
implied = let("implied", (M >> po >> rmwev) | (rmwev >> po >> M))

atomic = Axiom(name="atomic", kind="empty", relation=rmw & (fre >> coe), role="atomicity")
coherence = Axiom(name="coherence", kind="acyclic", relation=po_loc | rf | fr | co, role="coherence")
tso = Axiom(name="tso", kind="acyclic", relation=ppo | implied | mbr | rfe | fr | co)
TSO = MemoryModel(
    name="tso",
    title="TSO",
    axioms=(atomic, coherence, tso),
    order=tso.relation,
    order_axioms=(tso,),
    merges_rmw=True,
    orders_sections=True,
    allows_interleavings=True,
    explorable="store buffers",
)
