"""Sequential consistency (Lamport 1979), as herd's sc.cat states it.

The rules of RCU, SRCU and the TLB are not part of the model. Which critical sections a grace period waits for, and what
the platform guarantees about a TLB flush, constrain every execution under every model: see
smt/interleaving/execution.py for one total order and smt/axiomatic/grace_periods.py for axioms.
"""

from encoder.memory.model import Axiom, MemoryModel
from encoder.memory.relation import co, coe, fr, fre, po, rf, rmw

atomic = Axiom(name="atomic", kind="empty", relation=rmw & (fre >> coe), role="atomicity")
sc = Axiom(name="sc", kind="acyclic", relation=po | rf | co | fr)
SC = MemoryModel(
    name="sc",
    title="SC",
    axioms=(atomic, sc),
    order=sc.relation,
    order_axioms=(sc,),
    merges_rmw=True,
    orders_sections=True,
    allows_interleavings=True,
    explorable="interleavings",
)
