"""Every step from a state, under sequential consistency or TSO, for all starts that the state stands for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from encoder.concrete.explorer.pointers import touched
from encoder.concrete.interleaving.blocking import ended, left
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import SECTION_END, Awaited, Buffer, Local, MachineState
from encoder.concrete.semantics.action import CellWord
from encoder.concrete.semantics.affine import Affine, Box, Ranges
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

FEW = 2


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What an event does for the starts in `box`: the thread after it and the word it wrote (None: no write).

    `locked`: under TSO it waits until its thread's stores are done. `buffered`: its write waits in the store buffer.
    """

    box: Box
    after: Local
    written: CellWord | None
    locked: bool
    buffered: bool


class Transitions:
    """The steps of a machine's states. With `tso` a store waits in its thread's buffer, first in, first out, until it
    drains; a thread reads its own latest store to a cell, and other threads see it when it has drained.

    What has to find the buffer empty is a read-modify-write that writes, or that x86 locks even where it writes nothing
    (a failed one is else a read), an acquisition that takes its lock, the release of a reader, `smp_mb()`, and both
    ends of a TLB flush and of a grace period. The release of a lock held for writing is a store. A section has ended
    for who waits for it when the stores before its end have drained, and of SRCU the store that is its end. Other
    fences do nothing. A store to a cell that no other thread touches is done at once: only its own thread could tell.

    `fault` is the first that was met, with the state that has it for the starts in a box.
    """

    def __init__(self, machine: Machine, *, tso: bool) -> None:
        self.machine = machine
        self.tso = tso
        self.ranges = Ranges()
        self.fault: tuple[MachineState, Box, ProgramFault] | None = None
        wide = [symbol for symbol in machine.program.symbols if not _few(symbol)]
        self.wide = {symbol.name: number for number, symbol in enumerate(wide)}
        self.whole: Box = tuple((symbol.first, symbol.last) for symbol in wide)
        self.shared = shared_cells(machine.program)
        self._known: dict[tuple[Local, CellWord, Box], tuple[Outcomes, ...]] = {}
        self._faulty: dict[tuple[Local, CellWord, Box], tuple[Box, ProgramFault]] = {}

    def starts(self) -> Iterator[tuple[MachineState, dict[str, int]]]:
        """The states before the first event that the assumptions admit, with the values of the symbols in them: one for
        each choice of the symbols that have few, `Affine` for the others."""
        for chosen in _choices(self.machine.program):
            symbols = {
                symbol.name: Affine(self.ranges, self.wide[symbol.name])
                if symbol.name in self.wide else chosen[symbol.name]
                for symbol in self.machine.program.symbols
            }  # fmt: skip
            for box, start in self.ranges.pieces(self.whole, partial(self._start, symbols)):
                if start is not None:
                    yield start._replace(box=box), symbols

    def _start(self, symbols: Mapping[str, int]) -> MachineState | None:
        if self.machine.contradicted(symbols):
            return None
        start = self.machine.start(symbols)
        return start._replace(buffers=((),) * len(start.locals)) if self.tso else start

    def moves(self, state: MachineState) -> Iterator[MachineState]:
        """The states after each thread's next event."""
        for thread in range(len(state.locals)):
            yield from self.steps(state, thread)

    def steps(self, state: MachineState, thread: int) -> Iterator[MachineState]:
        """The states after the thread's next event: none where it has none, has to wait or faults."""
        memory, threads, awaited, symbols, buffers, _ = state
        local = threads[thread]
        if local.action is None:
            return
        cell, own = local.cell, buffers[thread] if buffers else ()
        for part in self.parts(state, thread):
            if own and part.locked:
                continue
            now, waiting, stored = memory, awaited, buffers
            if part.written is not None:
                if part.buffered and cell in self.shared:
                    stored = (*buffers[:thread], (*own, (cell, part.written)), *buffers[thread + 1 :])
                else:
                    now = (*memory[:cell], part.written, *memory[cell + 1 :])
            over = left(local, part.after)
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

    def parts(self, state: MachineState, thread: int) -> tuple[Outcomes, ...]:
        """What the thread's next event does, for all starts that the state stands for; nothing where it cannot happen
        with what it reads."""
        local = state.locals[thread]
        word = self._read(state, thread, local.cell) if local.cell >= 0 else ()
        key = local, word, state.box
        found = self._known.get(key)
        if found is None:
            self._find(key, thread)
            found = self._known[key]
        if self.fault is None and key in self._faulty:
            self.fault = (state, *self._faulty[key])
        return found

    def _read(self, state: MachineState, thread: int, cell: int) -> CellWord:
        if state.buffers:
            for stored, word in reversed(state.buffers[thread]):
                if stored == cell:
                    return word
        return state.memory[cell]

    def _find(self, key: tuple[Local, CellWord, Box], thread: int) -> None:
        """Do the event for every start in the box."""
        local, word, whole = key
        assert local.action is not None
        parts: list[Outcomes] = []
        for box, effect in self.ranges.pieces(whole, lambda: self._effect(thread, local, word)):
            match effect:
                case ProgramFault():
                    self._faulty.setdefault(key, (box, effect))
                case (after, written):
                    event = local.action.event
                    locked = is_locked(event, wrote=written is not None)
                    parts.append(Outcomes(box, after, written, locked, self.tso and is_store(event)))
                case None:
                    pass
        self._known[key] = tuple(parts)

    def _effect(self, thread: int, local: Local, word: CellWord) -> tuple[Local, CellWord | None] | ProgramFault | None:
        try:
            return self.machine.effect(thread, local, word)
        except ProgramFault as fault:
            return fault

    def drains(self, state: MachineState) -> Iterator[tuple[int, MachineState]]:
        """Each thread whose oldest store may be done, with the state after it."""
        for thread, own in enumerate(state.buffers):
            if own:
                (cell, word), *rest = own
                memory = (*state.memory[:cell], word, *state.memory[cell + 1 :])
                left, awaited = _ends(tuple(rest), state.awaited, thread)
                buffers = (*state.buffers[:thread], left, *state.buffers[thread + 1 :])
                yield thread, state._replace(memory=memory, buffers=buffers, awaited=awaited)


def _ends(own: Buffer, awaited: Awaited, thread: int) -> tuple[Buffer, Awaited]:
    """The buffer without the ends of sections that nothing is before any more."""
    while own and own[0][0] == SECTION_END:
        (_, (first, second)), *rest = own
        own, awaited = tuple(rest), ended(awaited, thread, ((first, second),))
    return own, awaited


def is_locked(event: EventStatement, *, wrote: bool) -> bool:
    """Whether an event finds its thread's store buffer empty on x86."""
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
    """The numbers of the cells that more than one thread touches."""
    own = touched(program)
    return frozenset(
        number for number, cell in enumerate(program.cells) if sum(cell.name in cells for cells in own) > 1
    )


def _few(symbol: SymbolRange) -> bool:
    return symbol.last - symbol.first < FEW


def _choices(program: Program) -> Iterator[dict[str, int]]:
    """All values of the symbols that have few, the first symbol slowest."""
    found: list[dict[str, int]] = [{}]
    for symbol in filter(_few, program.symbols):
        found = [{**chosen, symbol.name: value} for chosen in found for value in range(symbol.first, symbol.last + 1)]
    yield from found
