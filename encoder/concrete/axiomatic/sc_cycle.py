"""Why an execution is not sequentially consistent: a cycle of po, rf, co and fr between steps, in words.

Where flushes or grace periods wait for sections an interleaving has one of the two come first: the section's end before
the wait's, or the wait's begin before the section's. Such an edge is called `wait`.
"""

from collections.abc import Sequence

from encoder.base.result import ScheduleStep
from encoder.concrete.axiomatic.cycles import is_acyclic, shortest_cycle
from encoder.concrete.axiomatic.execution import Skeleton, build_execution
from encoder.concrete.axiomatic.program_order import StepEdge

_NAMES = ("po", "rf", "co", "fr")


def sc_cycle(
    skeleton: Skeleton, steps: Sequence[ScheduleStep], waits: Sequence[Sequence[StepEdge]] = ()
) -> tuple[str, ...]:
    """The edges of one shortest cycle, () where there is none: the execution is then an interleaving. `waits` has for
    each pair of a wait and a section the pairs of steps of which one must be in order.

    It begins with the earliest step that it can; po is transitive, so no two successive edges are po.
    """
    labels = _labels(skeleton)
    if is_acyclic(labels):
        if _orderable(tuple(labels), waits):
            return ()
        for ways in waits:
            labels.setdefault(min(ways, key=_against_the_drawing), "wait")
    after: dict[int, list[int]] = {}
    for a, b in sorted(labels):
        after.setdefault(a, []).append(b)
    cycle = shortest_cycle(after)
    return tuple(
        f"{_drawn(steps[a - 1])} -{labels[a, b]}-> {_drawn(steps[b - 1])}"
        for a, b in zip(cycle, (*cycle[1:], *cycle[:1]), strict=True)
    )


def _labels(skeleton: Skeleton) -> dict[tuple[int, int], str]:
    """For each pair of related steps the first of po, rf, co, fr that relates them."""
    given = build_execution(skeleton).given
    labels: dict[tuple[int, int], str] = {}
    for name in _NAMES:
        for a, b in given[name]:
            pair = (skeleton.nodes[a].step, skeleton.nodes[b].step)
            if pair[0] != pair[1]:
                labels.setdefault(pair, name)
    return labels


def _orderable(edges: Sequence[StepEdge], waits: Sequence[Sequence[StepEdge]]) -> bool:
    """Whether one order can be chosen for each wait such that all edges are acyclic."""
    if not is_acyclic(edges):
        return False
    return not waits or any(_orderable((*edges, way), waits[1:]) for way in waits[0])


def _against_the_drawing(edge: StepEdge) -> bool:
    return edge[0] > edge[1]


def _drawn(step: ScheduleStep) -> str:
    words = " ".join(word for word in (step.procedure or step.thread, step.label) if word)
    return f"step {step.step} ({words})"
