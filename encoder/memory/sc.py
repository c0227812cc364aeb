"""Sequential consistency (Lamport 1979), as herd writes it."""

from encoder.memory.relation import Axiom, External, Intersection, MemoryModel, Sequence, co, fr, po, rf, rmw

SC = MemoryModel(
    name="sc",
    title="SC",
    axioms=(
        Axiom(name="atomic", kind="empty", relation=Intersection(rmw, Sequence(External(fr), External(co)))),
        Axiom(name="sc", kind="acyclic", relation=po | rf | co | fr),
    ),
)
