"""Sequential consistency (Lamport 1979), as herd writes it.

The rules of RCU, SRCU and the TLB are no part of it: which sections a grace period waits for, and what the platform
promises of a flush, are constraints of every execution, not of the model (smt/execution.py in one order of all steps,
smt/axiomatic/grace_periods.py beside axioms).
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
    carries=(sc,),
    whole=True,
    exclusive=True,
    interleaves=True,
    explorable="interleavings",
)
