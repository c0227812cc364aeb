"""What no interleaving could have: a cycle of po, rf, co and fr between steps, in words."""

from collections.abc import Sequence

from encoder.base.result import ScheduleStep
from encoder.concrete.axiomatic.cycles import shortest_cycle
from encoder.concrete.axiomatic.execution import Skeleton, execution

_NAMES = ("po", "rf", "co", "fr")


def sc_cycle(frame: Skeleton, steps: Sequence[ScheduleStep]) -> tuple[str, ...]:
    """The edges of one shortest cycle, () where there is none: the execution is an interleaving.

    It begins with the earliest step that it can; po is transitive, so no two of its edges in a row are po.
    """
    labels = _labels(frame)
    after: dict[int, list[int]] = {}
    for a, b in sorted(labels):
        after.setdefault(a, []).append(b)
    cycle = shortest_cycle(after)
    return tuple(
        f"{_drawn(steps[a - 1])} -{labels[a, b]}-> {_drawn(steps[b - 1])}"
        for a, b in zip(cycle, (*cycle[1:], *cycle[:1]), strict=True)
    )


def _labels(frame: Skeleton) -> dict[tuple[int, int], str]:
    """How one step is related to another: the first of the names that fits."""
    given = execution(frame).given
    labels: dict[tuple[int, int], str] = {}
    for name in _NAMES:
        for a, b in given[name]:
            pair = (frame.nodes[a].step, frame.nodes[b].step)
            if pair[0] != pair[1]:
                labels.setdefault(pair, name)
    return labels


def _drawn(step: ScheduleStep) -> str:
    words = " ".join(word for word in (step.procedure or step.thread, step.label) if word)
    return f"step {step.step} ({words})"
