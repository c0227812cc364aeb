"""States of the concrete machine: immutable, hashable, and cheap to derive from one another."""

from dataclasses import dataclass
from typing import NamedTuple

from encoder.concrete.interleaving.holdings import Held
from encoder.concrete.interleaving.open_sections import OpenSections, SectionKey
from encoder.concrete.semantics.action import CellWord, PreparedAction, SlotValues
from encoder.concrete.semantics.affine import SymbolBox
from encoder.program.core import CellName, EventStatement, Site


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Local:
    """A thread's local state: it is about to perform `action`, or is `stopped` beyond a loop's bound, or has ended.

    Each `Machine` has one object for equal contents, so that local states are compared by identity; `serial` numbers
    them in the order in which they were made. `place` is the position in the thread's code, `values` are its variables,
    `rounds` its loop counters. `cell` is the number of the cell that the event touches (-1: none), `subject` what a
    flush or grace period is for (see `PreparedAction`), `inside` the sections that it is in, of which `open` are those
    that another thread may wait for. `held` is what the thread has taken and not given back, if its machine tracks it.
    """

    serial: int
    place: int
    values: SlotValues
    rounds: tuple[int, ...]
    inside: OpenSections
    action: PreparedAction | None
    stopped: Site | None
    cell: int
    subject: int
    open: tuple[SectionKey, ...] = ()
    held: Held = ()

    @property
    def ended(self) -> bool:
        return self.action is None and self.stopped is None


Buffer = tuple[tuple[int, CellWord], ...]
"""Buffered stores, the oldest first, as (cell, word). SECTION_END in place of a cell marks where a section ended; the
word is then the section's key."""
SECTION_END = -1
AwaitedSection = tuple[bool, SectionKey, int, int]
"""(whether a grace period waits, else a flush; the section's key; the thread that is in it; how many such sections)."""
Awaited = tuple[tuple[AwaitedSection, ...], ...]


class MachineState(NamedTuple):
    """Every thread is about to perform an event or performs none any more.

    `memory` has a word for each cell, `locals` a Local for each thread. `awaited` has for each thread the sections that
    must end before its latest flush, and its latest grace period, can: those that were open at its begin and have not
    ended since, sorted. `symbols` are the values of the symbols, in the program's order.

    Under TSO `buffers` has each thread's store buffer. A state that stands for many initial states has in `box` the
    values of the symbols that were not enumerated, see `affine`.
    """

    memory: tuple[CellWord, ...]
    locals: tuple[Local, ...]
    awaited: Awaited
    symbols: tuple[int, ...]
    buffers: tuple[Buffer, ...] = ()
    box: SymbolBox = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What an event did: the cell it touched, the word it found there and the word it wrote (None: no write)."""

    event: EventStatement
    cell: CellName | None
    old: CellWord | None
    new: CellWord | None
