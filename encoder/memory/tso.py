"""Total store order, as x86 has it: a store may wait in its CPU's buffer while later reads go ahead.

Every read-modify-write that writes is a full barrier, as x86's locked instructions are, and so is `smp_mb()`; other
barriers cost nothing and order nothing more than the machine does. One that fails is a plain read, as in
`atomic_add_unless()` (a load and a branch), unless its primitive says `fails: locked` (Locked), as a bit's trylock and
`cmpxchg()` do. Litmus tests do not: there a failed one is a plain read, weaker than the machine. A grace period is a
full barrier for who waits for it (kernel/rcu/tree.c synchronize_rcu(): "guaranteed to have executed a full memory
barrier"); what it waits for, as a flush does, is a constraint of the execution (smt/axiomatic/grace_periods.py): a
section has ended when the stores before its end have drained.
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
    carries=(tso,),
    whole=True,
    exclusive=True,
    interleaves=True,
    explorable="store buffers",
    machine="x86",
)
