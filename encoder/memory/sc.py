"""Sequential consistency (Lamport 1979), as herd writes it.

RCU, SRCU and the TLB's rules are no part of it: a grace period is a step like any other, and what the platform
promises of a flush is a constraint of the execution, not of the model.
"""

from encoder.memory.relation import Axiom, MemoryModel, co, coe, fr, fre, po, rf, rmw

sc = Axiom(name="sc", kind="acyclic", relation=po | rf | co | fr)
SC = MemoryModel(
    name="sc",
    title="SC",
    axioms=(Axiom(name="atomic", kind="empty", relation=rmw & (fre >> coe)), sc),
    order=sc.relation,
    whole=True,
)
