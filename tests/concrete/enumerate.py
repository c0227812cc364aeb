"""Every execution of a tiny program, by brute force: who reads from whom, in which coherence order, stopped where.

Shares nothing with the encoder: threads are run for all values that their reads could return, reads are matched with
writes of those values, and each combination is judged by the axioms. No branch is undecided then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from encoder.concrete.action import Word
from encoder.concrete.deed import Deed, Partial, reads
from encoder.concrete.execution import skeleton
from encoder.concrete.faults import ProgramFault
from encoder.concrete.happened import Done, Happened
from encoder.concrete.interpreter import Machine
from encoder.concrete.state import State
from encoder.concrete.walk import Walk
from encoder.concrete.weak import end_state, forbidden
from encoder.memory.relation import MemoryModel
from encoder.program.core import CellName, Event, Program

LOOPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A thread run so far: what it did, where it is."""

    walk: Walk
    deeds: tuple[Deed, ...]
    following: Event | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An execution before a model has judged it."""

    found: Happened
    orders: Mapping[CellName, tuple[int, ...]]
    end: State


def executions(program: Program, symbols: Mapping[str, int], *, complete: bool = False) -> Iterator[Candidate]:
    """All of them whose values agree; `complete`: only those in which every thread has ended."""
    start = Machine(program, LOOPS).start(symbols)
    words = dict(zip((cell.name for cell in program.cells), start.memory, strict=True))
    every = [traces(program, thread, domains(program, words)) for thread in range(len(program.threads))]
    if complete:
        every = [[t for t in own if t.following is None and t.walk.stopped is None] for own in every]
    for chosen in product(*every):
        yield from _matched(program, start, words, chosen)


def allowed(program: Program, model: MemoryModel, candidate: Candidate) -> bool:
    frame = skeleton(candidate.found, program.cells, candidate.orders)
    return forbidden(program, model, candidate.found, frame) is None


def domains(program: Program, words: Mapping[CellName, Word]) -> Mapping[CellName, frozenset[Word]]:
    """The words that each cell may hold: every one comes from a chain of distinct writes."""
    known = {cell: frozenset({word}) for cell, word in words.items()}
    rounds = 0
    while True:
        grown = dict(known)
        every = [traces(program, thread, known) for thread in range(len(program.threads))]
        rounds += 1
        if rounds > sum(max(sum(bool(d.wrote) for d in t.deeds) for t in own) for own in every):
            return known
        for own in every:
            for trace in own:
                for deed in trace.deeds:
                    if deed.wrote and deed.cell is not None:
                        grown[deed.cell] |= {_whole(deed.written)}
        if grown == known:
            return known
        known = grown


def traces(program: Program, thread: int, values: Mapping[CellName, frozenset[Word]]) -> list[Trace]:
    """Every way the thread can go, stopped after any number of events."""
    found: list[Trace] = []
    todo: list[tuple[Partial | None, ...]] = [()]
    while todo:
        given = todo.pop()
        walk = Walk(program.threads[thread], {cell.name: cell for cell in program.cells}, LOOPS, {})
        try:
            move = next(walk.steps)
            for word in given:
                move = walk.steps.send(word)
        except StopIteration:
            found.append(Trace(walk=walk, deeds=tuple(walk.deeds), following=None))
            continue
        except ProgramFault:
            continue
        found.append(Trace(walk=walk, deeds=tuple(walk.deeds), following=move.event))
        if not reads(move.event):
            todo.append((*given, None))
        elif move.cell is not None:
            todo.extend((*given, word) for word in sorted(values[move.cell]))
    return found


def _matched(
    program: Program, start: State, words: Mapping[CellName, Word], chosen: Sequence[Trace]
) -> Iterator[Candidate]:
    """The traces with every rf and co that agrees with their values."""
    deeds = [(thread, index, deed) for thread, t in enumerate(chosen) for index, deed in enumerate(t.deeds)]
    numbered = list(enumerate(deeds, 1))
    choices: list[list[int | None]] = []
    for number, (_, _, deed) in numbered:
        if not deed.reading:
            choices.append([None])
            continue
        assert deed.cell is not None
        sources: list[int | None] = [0] if words[deed.cell] == deed.read else []
        sources += [
            other for other, (_, _, source) in numbered
            if other != number and source.wrote and source.cell == deed.cell and source.written == deed.read
        ]  # fmt: skip
        choices.append(sources)
    if any(not choice for choice in choices):
        return
    writes = {cell: [number for number, (_, _, deed) in numbered if deed.wrote and deed.cell == cell] for cell in words}
    orders = [[order for order in permutations(own) if _in_order(order, deeds)] for own in writes.values()]
    for sources, picked in product(product(*choices), product(*orders)):
        done = tuple(
            Done(step=number, thread=thread, index=index, source=source, deed=deed)
            for (number, (thread, index, deed)), source in zip(numbered, sources, strict=True)
        )
        found = Happened(done=done, walks=tuple(t.walk for t in chosen), following=tuple(t.following for t in chosen))
        coherence = dict(zip(writes, picked, strict=True))
        yield Candidate(found=found, orders=coherence, end=end_state(program, start, found, coherence))


def _in_order(order: Sequence[int], deeds: Sequence[tuple[int, int, Deed]]) -> bool:
    """A thread's own writes are in program order."""
    return all(deeds[a - 1][0] != deeds[b - 1][0] or a < b for place, a in enumerate(order) for b in order[place + 1 :])


def _whole(parts: Partial | None) -> Word:
    assert parts is not None
    return tuple(part for part in parts if part is not None)
