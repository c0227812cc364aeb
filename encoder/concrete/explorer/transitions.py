"""The transitions from a state, under sequential consistency or TSO, for all initial values that the state stands
for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from encoder.concrete.explorer.pointers import touched_cells
from encoder.concrete.interleaving.blocking import awaited_after_end, closed_sections
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import SECTION_END, Awaited, Buffer, Local, MachineState
from encoder.concrete.semantics.action import CellWord
from encoder.concrete.semantics.affine import Affine, Ranges, SymbolBox
from encoder.concrete.semantics.faults import ProgramFault
from encoder.program.core import (
    Acquire,
    EventStatement,
    Fence,
    Flush,
    Grace,
    Load,
    Program,
    Region,
    Release,
    Rmw,
    Store,
    SymbolRange,
)

FEW_VALUES = 2
"""A symbol with at most this many values is enumerated; others are kept symbolic (see `affine`)."""


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """What an event does for the initial values in `box`: the thread after it and the word it wrote (None: no write).

    `locked`: under TSO it requires that the thread's store buffer is empty. `buffered`: its write goes to the store
    buffer.
    """

    box: SymbolBox
    after: Local
    written: CellWord | None
    locked: bool
    buffered: bool


class Transitions:
    """The transitions of a machine's states. With `tso` a store enters its thread's FIFO store buffer until it drains;
    a thread reads its own latest buffered store to a cell, and other threads see the store when it has drained.

    The buffer must be empty for a read-modify-write that writes, or that x86 locks even where it writes nothing (any
    other failed one is a read), an acquisition that takes its lock, the release of a reader, `smp_mb()`, and both ends
    of a TLB flush and of a grace period. The release of a lock held for writing is a store. For whoever waits for a
    section, the section has ended when the stores before its end have drained and, for SRCU, the store that is its end.
    Other fences do nothing. A store to a cell that no other thread touches is performed at once: only its own thread
    could tell the difference.

    `fault` is the first fault that was met, with its state and the box of initial values that have it.
    """

    def __init__(self, machine: Machine, *, tso: bool) -> None:
        self.machine = machine
        self.tso = tso
        self.ranges = Ranges()
        self.fault: tuple[MachineState, SymbolBox, ProgramFault] | None = None
        wide = [symbol for symbol in machine.program.symbols if not _few(symbol)]
        self.wide_symbols = {symbol.name: number for number, symbol in enumerate(wide)}
        self.whole_box: SymbolBox = tuple((symbol.first, symbol.last) for symbol in wide)
        self.shared = shared_cells(machine.program)
        self._outcomes: dict[tuple[Local, CellWord, SymbolBox], tuple[EventOutcome, ...]] = {}
        self._faults: dict[tuple[Local, CellWord, SymbolBox], tuple[SymbolBox, ProgramFault]] = {}

    def starts(self) -> Iterator[tuple[MachineState, dict[str, int]]]:
        """The initial states that the assumptions admit, each with the values of its symbols: one for each choice of
        the symbols with few values, with `Affine` values for the others."""
        for chosen in _choices(self.machine.program):
            symbols = {
                symbol.name: Affine(self.ranges, self.wide_symbols[symbol.name])
                if symbol.name in self.wide_symbols else chosen[symbol.name]
                for symbol in self.machine.program.symbols
            }  # fmt: skip
            for box, start in self.ranges.pieces(self.whole_box, partial(self._start, symbols)):
                if start is not None:
                    yield start._replace(box=box), symbols

    def _start(self, symbols: Mapping[str, int]) -> MachineState | None:
        if self.machine.contradictions(symbols):
            return None
        start = self.machine.start(symbols)
        return start._replace(buffers=((),) * len(start.locals)) if self.tso else start

    def successors(self, state: MachineState) -> Iterator[MachineState]:
        """The states after each thread's next event."""
        for thread in range(len(state.locals)):
            yield from self.thread_successors(state, thread)

    def thread_successors(self, state: MachineState, thread: int) -> Iterator[MachineState]:
        """The states after the thread's next event: none where it has no event, has to wait or faults."""
        memory, threads, awaited, symbols, buffers, _ = state
        local = threads[thread]
        if local.action is None:
            return
        cell, own = local.cell, buffers[thread] if buffers else ()
        for part in self.outcomes(state, thread):
            if own and part.locked:
                continue
            now, waiting, stored = memory, awaited, buffers
            if part.written is not None:
                if part.buffered and cell in self.shared:
                    stored = (*buffers[:thread], (*own, (cell, part.written)), *buffers[thread + 1 :])
                else:
                    now = (*memory[:cell], part.written, *memory[cell + 1 :])
            over = closed_sections(local, part.after)
            if over and stored and stored[thread]:
                marks = ((SECTION_END, key) for key in over)
                stored = (*stored[:thread], (*stored[thread], *marks), *stored[thread + 1 :])
            else:
                found = self.machine.awaited(state, thread, part.after)
                if found is None:
                    continue
                waiting = found
            yield MachineState(
                now, (*threads[:thread], part.after, *threads[thread + 1 :]), waiting, symbols, stored, part.box
            )

    def outcomes(self, state: MachineState, thread: int) -> tuple[EventOutcome, ...]:
        """What the thread's next event does, for all initial values that the state stands for; () where it cannot
        happen with what it reads."""
        local = state.locals[thread]
        word = self._word_read(state, thread, local.cell) if local.cell >= 0 else ()
        key = local, word, state.box
        found = self._outcomes.get(key)
        if found is None:
            self._compute_outcomes(key, thread)
            found = self._outcomes[key]
        if self.fault is None and key in self._faults:
            self.fault = (state, *self._faults[key])
        return found

    def _word_read(self, state: MachineState, thread: int, cell: int) -> CellWord:
        if state.buffers:
            for stored, word in reversed(state.buffers[thread]):
                if stored == cell:
                    return word
        return state.memory[cell]

    def _compute_outcomes(self, key: tuple[Local, CellWord, SymbolBox], thread: int) -> None:
        """Perform the event for every initial value in the box, and cache the outcomes and the first fault."""
        local, word, whole = key
        assert local.action is not None
        outcomes: list[EventOutcome] = []
        for box, effect in self.ranges.pieces(whole, lambda: self._effect(thread, local, word)):
            match effect:
                case ProgramFault():
                    self._faults.setdefault(key, (box, effect))
                case (after, written):
                    event = local.action.event
                    locked = is_locked(event, wrote=written is not None)
                    outcomes.append(EventOutcome(box, after, written, locked, self.tso and is_store(event)))
                case None:
                    pass
        self._outcomes[key] = tuple(outcomes)

    def _effect(self, thread: int, local: Local, word: CellWord) -> tuple[Local, CellWord | None] | ProgramFault | None:
        try:
            return self.machine.effect(thread, local, word)
        except ProgramFault as fault:
            return fault

    def drains(self, state: MachineState) -> Iterator[tuple[int, MachineState]]:
        """Each thread with a buffered store, and the state after its oldest one has drained."""
        for thread, own in enumerate(state.buffers):
            if own:
                (cell, word), *rest = own
                memory = (*state.memory[:cell], word, *state.memory[cell + 1 :])
                remaining, awaited = _drop_ended_sections(tuple(rest), state.awaited, thread)
                buffers = (*state.buffers[:thread], remaining, *state.buffers[thread + 1 :])
                yield thread, state._replace(memory=memory, buffers=buffers, awaited=awaited)


def _drop_ended_sections(own: Buffer, awaited: Awaited, thread: int) -> tuple[Buffer, Awaited]:
    """The buffer without leading marks of section ends, and who waits for whom once these sections have ended."""
    while own and own[0][0] == SECTION_END:
        (_, (first, second)), *rest = own
        own, awaited = tuple(rest), awaited_after_end(awaited, thread, ((first, second),))
    return own, awaited


def is_locked(event: EventStatement, *, wrote: bool) -> bool:
    """Whether an event requires an empty store buffer on x86."""
    match event:
        case Load() | Store() | Region():
            return False
        case Rmw(fails_locked=fails_locked):
            return wrote or fails_locked
        case Acquire():
            return wrote
        case Release(mode=mode):
            return mode == "read"
        case Fence(kind=kind):
            return kind == "mb"
        case Flush() | Grace():
            return True
        case never:
            assert_never(never)


def is_store(event: EventStatement) -> bool:
    """Whether an event's write may wait in the store buffer."""
    return isinstance(event, Store) or (isinstance(event, Release) and event.mode == "write")


def shared_cells(program: Program) -> frozenset[int]:
    """The numbers of the cells that more than one thread may touch."""
    own = touched_cells(program)
    return frozenset(
        number for number, cell in enumerate(program.cells) if sum(cell.name in cells for cells in own) > 1
    )


def _few(symbol: SymbolRange) -> bool:
    return symbol.last - symbol.first < FEW_VALUES


def _choices(program: Program) -> Iterator[dict[str, int]]:
    """All combinations of the values of symbols with few values; the first symbol varies slowest."""
    found: list[dict[str, int]] = [{}]
    for symbol in filter(_few, program.symbols):
        found = [{**chosen, symbol.name: value} for chosen in found for value in range(symbol.first, symbol.last + 1)]
    yield from found
