"""What a model says against an execution, in a sentence."""

from encoder.concrete.axiomatic.cycles import shortest_cycle
from encoder.concrete.axiomatic.execution import Skeleton
from encoder.concrete.axiomatic.relations import Pairs, RelationEvaluator, holds, successors
from encoder.memory.model import MemoryModel


def violated_axiom(model: MemoryModel, frame: Skeleton, evaluator: RelationEvaluator) -> str | None:
    """The first axiom that is broken, with a cycle or a pair of steps; None where none is."""
    for axiom in model.axioms:
        if not holds(axiom, evaluator):
            pairs = evaluator.relation(axiom.relation)
            return f"{model.title} forbids it: {axiom.name} is not {axiom.kind}: {_shown(frame, axiom.kind, pairs)}"
    return None


def _shown(frame: Skeleton, kind: str, pairs: Pairs) -> str:
    if kind == "empty":
        numbers: tuple[int, ...] = min(pairs)
    elif kind == "irreflexive":
        numbers = min((a, b) for a, b in pairs if a == b)
    else:
        cycle = shortest_cycle(successors(pairs))
        numbers = (*cycle, cycle[0])
    return " -> ".join(_named(frame, number) for number in numbers)


def _named(frame: Skeleton, number: int) -> str:
    """A step; for a read-modify-write also which half."""
    node = frame.nodes[number]
    if not node.step:
        return "the end of an open section"
    halves = sum(other.step == node.step for other in frame.nodes)
    return f"step {node.step}" + (f" ({node.half})" if halves > 1 else "")
