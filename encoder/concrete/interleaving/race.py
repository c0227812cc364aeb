"""The two steps of a schedule that race: the accesses on whose order the outcome depends."""

from collections.abc import Iterator, Sequence

from encoder.base.result import ScheduleStep
from encoder.concrete.interleaving.judgement import observed_leaves
from encoder.concrete.interleaving.state import Observation
from encoder.concrete.semantics.event_effect import has_read
from encoder.program.core import Acquire, At, CellName, Ended, Final, Instance, Release, ThreadVar

RacingPair = tuple[int, int]
"""The positions of two steps in the schedule, the earlier first."""
HeldModes = frozenset[tuple[CellName, str]]
"""Locks that a thread holds, each with its mode."""


def racing_pair(steps: Sequence[ScheduleStep], observed: Sequence[Observation], broken: Instance) -> frozenset[int]:
    """The step numbers of the racing pair; of one step where there is no pair, of none where there is no step.

    Two steps of different threads race when they access the same location, at least one of them writes it, and no lock
    that both threads hold excludes it; accesses of the lock itself do not count. Of all such pairs the reported one is,
    in this order of preference:

    1. the last change of a location that the broken instance reads, with the latest step before it that it races with:
       after it the property stays broken;
    2. the latest pair on a location that the instance reads;
    3. the latest pair on whose second step these locations, or the threads that the instance reads, depend.

    Later means later in the drawing. Where there is no pair, the one step is that last change or, failing that, the
    last step.
    """
    if not steps:
        return frozenset()
    cells = {leaf.cell for leaf in observed_leaves(broken) if isinstance(leaf, Final)}
    held = _held(steps, observed)
    last = max((number for number, seen in enumerate(observed) if _changes(seen, cells)), default=None)
    pairs = sorted(_pairs(steps, observed, held), key=lambda pair: (pair[1], pair[0]))
    past = _past(steps, observed, cells, broken)
    for matters in (
        [pair for pair in pairs if pair[1] == last],
        [pair for pair in pairs if observed[pair[1]].cell in cells],
        [pair for pair in pairs if pair[1] in past],
    ):
        if matters:
            return frozenset(steps[number].step for number in matters[-1])
    return frozenset({steps[len(steps) - 1 if last is None else last].step})


def _changes(seen: Observation, cells: set[CellName]) -> bool:
    return seen.cell in cells and seen.new is not None and seen.new != seen.old


def _pairs(
    steps: Sequence[ScheduleStep], observed: Sequence[Observation], held: Sequence[HeldModes]
) -> Iterator[RacingPair]:
    for later in range(len(steps)):
        for earlier in range(later):
            apart = steps[earlier].thread != steps[later].thread
            if apart and not _exclude(held[earlier], held[later]) and _clash(observed[earlier], observed[later]):
                yield earlier, later


def _clash(first: Observation, second: Observation) -> bool:
    if first.cell is None or first.cell != second.cell or isinstance(second.event, Acquire | Release):
        return False
    return first.new is not None or second.new is not None


def _exclude(first: HeldModes, second: HeldModes) -> bool:
    """Whether a lock excludes two threads from each other: one that both hold, and not both for reading."""
    return any(lock == other and "write" in (mode, way) for lock, mode in first for other, way in second)


def _held(steps: Sequence[ScheduleStep], observed: Sequence[Observation]) -> tuple[HeldModes, ...]:
    """The locks that the thread of each step holds at that step, by its own program order."""
    found: list[HeldModes] = [frozenset()] * len(steps)
    now: dict[str, HeldModes] = {}
    for number in sorted(range(len(steps)), key=lambda number: steps[number].index):
        seen, thread = observed[number], steps[number].thread
        own = found[number] = now.get(thread, frozenset())
        match seen.event:
            case Acquire(mode=mode) if seen.cell is not None and seen.new is not None:
                own = own | {(seen.cell, mode)}
            case Release(mode=mode) if seen.cell is not None:
                own = own - {(seen.cell, mode)}
            case _:
                pass
        now[thread] = own
    return tuple(found)


def _past(
    steps: Sequence[ScheduleStep], observed: Sequence[Observation], cells: set[CellName], broken: Instance
) -> set[int]:
    """The steps on which the final values of these cells, and of the threads that the instance reads, depend: for each
    such step those before it in its thread and, if it reads, the latest write before it."""
    threads = {leaf.thread for leaf in observed_leaves(broken) if isinstance(leaf, ThreadVar | At | Ended)}
    wanted = set(cells)
    past: set[int] = set()
    for number in range(len(steps) - 1, -1, -1):
        seen, thread = observed[number], steps[number].thread
        writes = seen.cell in wanted and seen.new is not None
        if not writes and thread not in threads:
            continue
        past.add(number)
        threads.add(thread)
        if writes:
            wanted.discard(seen.cell)
        if has_read(seen.event) and seen.cell is not None:
            wanted.add(seen.cell)
    return past
