"""Every execution of a tiny program, by brute force: who reads from whom, in which coherence order, stopped where.

Shares nothing with the encoder, nor with the replay but the axioms: threads are run by `tests.opponent` for all values
that their reads could return, reads are matched with writes of those values, and each combination is judged by the
axioms. No branch is undecided then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, prod

from encoder.concrete.axiomatic.execution import build_skeleton
from encoder.concrete.axiomatic.replay import end_state, why_forbidden
from encoder.concrete.axiomatic.thread_runs import ExecutedStep, ThreadRuns
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import MachineState
from encoder.concrete.semantics.action import CellWord
from encoder.concrete.semantics.event_effect import EventEffect
from encoder.memory.model import MemoryModel
from encoder.program.core import CellName, Program
from tests.opponent.run import Trace
from tests.opponent.together import together
from tests.opponent.values import Effort, TooMany, traces

__all__ = ["LOOPS", "Candidate", "TooMany", "allowed", "executions"]

LOOPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An execution before a model has judged it."""

    found: ThreadRuns
    orders: Mapping[CellName, tuple[int, ...]]
    end: MachineState


@dataclass(frozen=True, slots=True)
class Way:
    """What each step of one location that reads reads from (0: the start), and the order of its writes."""

    sources: Mapping[int, int]
    order: tuple[int, ...]


def executions(
    program: Program,
    symbols: Mapping[str, int],
    *,
    complete: bool = False,
    coherent: bool = False,
    most: int | None = None,
    numbers: Sequence[int] = (),
) -> Iterator[Candidate]:
    """All of them whose values agree; `complete`: only those in which every thread has ended, `coherent`: only those
    that are coherent and atomic, location by location, as every model asks. What comes from nowhere may be one of these
    `numbers` too.

    Raises TooMany where a thread has more than 3 times `most` ways, or what they combine to is more than 10 times as
    many.
    """
    start = Machine(program, LOOPS).start(symbols)
    words = dict(zip((cell.name for cell in program.cells), start.memory, strict=True))
    of_one = None if most is None else 3 * most
    every = traces(program, LOOPS, words, of_one, numbers)
    if complete:
        every = [[t for t in own if t.following is None and t.stopped is None] for own in every]
    effort = Effort(None if most is None else 10 * most)
    for chosen in together(every, words, effort):
        yield from _matched(program, start, words, chosen, coherent, effort)


def allowed(program: Program, model: MemoryModel, candidate: Candidate) -> bool:
    frame = build_skeleton(candidate.found, program.cells, candidate.orders, model.instructions)
    return why_forbidden(program, model, candidate.found, frame) is None


def _matched(
    program: Program, start: MachineState, words: Mapping[CellName, CellWord], chosen: Sequence[Trace], coherent: bool,
    effort: Effort,
) -> Iterator[Candidate]:  # fmt: skip
    """The traces with every rf and co that agrees with their values, location by location."""
    deeds = [(thread, index, deed) for thread, t in enumerate(chosen) for index, deed in enumerate(t.deeds)]
    effort.spend(10)
    ways: list[list[Way]] = []
    for cell, word in words.items():
        own = [(n, *d) for n, d in enumerate(deeds, 1) if d[2].cell == cell]
        ways.append(list(_located(own, word, coherent, effort)))
        if not ways[-1]:
            return
    for picked in product(*ways):
        sources = {number: source for way in picked for number, source in way.sources.items()}
        done = tuple(
            ExecutedStep(step=number, thread=thread, index=index, source=sources.get(number), effect=deed)
            for number, (thread, index, deed) in enumerate(deeds, 1)
        )
        found = ThreadRuns(done=done, runs=tuple(chosen), next_events=tuple(t.following for t in chosen))
        coherence = {cell: way.order for cell, way in zip(words, picked, strict=True)}
        yield Candidate(found=found, orders=coherence, end=end_state(program, start, found, coherence))


def _located(
    deeds: Sequence[tuple[int, int, int, EventEffect]], word: CellWord, coherent: bool, effort: Effort
) -> Iterator[Way]:
    """The ways of one location: (number, thread, index, deed) of what touches it."""
    readers = [each for each in deeds if each[3].reading]
    writers = [(number, deed) for number, _, _, deed in deeds if deed.wrote]
    threads = {number: thread for number, thread, _, _ in deeds}
    choices = [
        ([0] if word == deed.read else [])
        + [other for other, source in writers if other != number and source.written == deed.read]
        for number, _, _, deed in readers
    ]
    effort.spend(factorial(len(writers)) * prod(map(len, choices)))
    for order in permutations([number for number, _ in writers]):
        place = {number: position for position, number in enumerate((0, *order))}
        for picked in product(*choices):
            way = Way({each[0]: source for each, source in zip(readers, picked, strict=True)}, order)
            if (not coherent and _in_order(order, threads)) or _coherent(way, place, threads):
                yield way


def _in_order(order: Sequence[int], threads: Mapping[int, int]) -> bool:
    """A thread's own writes are in program order."""
    return all(threads[a] != threads[b] or a < b for place, a in enumerate(order) for b in order[place + 1 :])


def _coherent(way: Way, place: Mapping[int, int], threads: Mapping[int, int]) -> bool:
    """Coherence and atomicity, which every model has: who goes back sees the past, who modifies what others have."""
    latest: dict[int, int] = {}
    for number, thread in threads.items():
        seen = latest.get(thread, 0)
        if number in way.sources:
            if place[way.sources[number]] < seen:
                return False
            seen = place[way.sources[number]]
        if number in place:
            if place[number] <= seen or (number in way.sources and place[number] != seen + 1):
                return False
            seen = place[number]
        latest[thread] = seen
    return True
