"""Why a model forbids an execution, in a sentence."""

from encoder.concrete.axiomatic.cycles import shortest_cycle
from encoder.concrete.axiomatic.execution import Skeleton
from encoder.concrete.axiomatic.relations import Pairs, RelationEvaluator, holds, successors
from encoder.memory.model import MemoryModel


def violated_axiom(model: MemoryModel, skeleton: Skeleton, evaluator: RelationEvaluator) -> str | None:
    """The first axiom that is broken, with a cycle or a pair of steps that breaks it; None where none is."""
    for axiom in model.axioms:
        if not holds(axiom, evaluator):
            pairs = evaluator.relation(axiom.relation)
            return f"{model.title} forbids it: {axiom.name} is not {axiom.kind}: {_shown(skeleton, axiom.kind, pairs)}"
    return None


def _shown(skeleton: Skeleton, kind: str, pairs: Pairs) -> str:
    if kind == "empty":
        numbers: tuple[int, ...] = min(pairs)
    elif kind == "irreflexive":
        numbers = min((a, b) for a, b in pairs if a == b)
    else:
        cycle = shortest_cycle(successors(pairs))
        numbers = (*cycle, cycle[0])
    return " -> ".join(_named(skeleton, number) for number in numbers)


def _named(skeleton: Skeleton, number: int) -> str:
    """A step by its number; with the node's kind where the step has several nodes."""
    node = skeleton.nodes[number]
    if not node.step:
        return "the end of an open section"
    halves = sum(other.step == node.step for other in skeleton.nodes)
    return f"step {node.step}" + (f" ({node.kind})" if halves > 1 else "")
