"""States of the concrete machine: immutable, hashable, and cheap to make from one another."""

from dataclasses import dataclass
from typing import NamedTuple

from encoder.concrete.interleaving.held import Kept
from encoder.concrete.interleaving.open_sections import Inside, SectionKey
from encoder.concrete.semantics.action import CellWord, PreparedAction, SlotValues
from encoder.concrete.semantics.affine import Box
from encoder.program.core import CellName, EventStatement, Site


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Local:
    """What a thread alone knows: it is about to do `action`, or `stopped` beyond a loop's bound, or has ended.

    There is one object for equal contents in one `Machine`, so that locals are compared by identity; `serial` numbers
    them in the order in which they were met. `cell` is the number of the cell that the event touches (-1: none),
    `subject` what a flush or grace period is for (see `PreparedAction`), `inside` the sections that it is in, of which
    `open` are those that somebody may wait for. `kept` is what the thread has taken and not given back, where its
    machine keeps account of it.
    """

    serial: int
    place: int
    values: SlotValues
    rounds: tuple[int, ...]
    inside: Inside
    action: PreparedAction | None
    stopped: Site | None
    cell: int
    subject: int
    open: tuple[SectionKey, ...] = ()
    kept: Kept = ()

    @property
    def ended(self) -> bool:
        return self.action is None and self.stopped is None


Buffer = tuple[tuple[int, CellWord], ...]
"""Stores that wait, the oldest first: (cell, word). SECTION_END in place of a cell marks where a section ended, the
word is its key."""
SECTION_END = -1
Owed = tuple[bool, SectionKey, int, int]
"""Whether a grace period waits, or a flush; for which section, of which thread, and for how many like it."""
Awaited = tuple[tuple[Owed, ...], ...]


class MachineState(NamedTuple):
    """Every thread is about to do an event or does none any more.

    `memory` has a word per cell, `locals` a Local per thread. `awaited` has for each thread which sections have to end
    before its latest flush, and its latest grace period, can: those that were open at its begin and have not ended
    since, in a fixed order. `symbols` are the values the start was made with, in the program's order.

    Under TSO `buffers` has each thread's store buffer. A state that stands for many starts has in `box` the values of
    the symbols that were not chosen, see `affine`.
    """

    memory: tuple[CellWord, ...]
    locals: tuple[Local, ...]
    awaited: Awaited
    symbols: tuple[int, ...]
    buffers: tuple[Buffer, ...] = ()
    box: Box = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What an event did: the cell it touched, the word it found there and the word it wrote (None: no write)."""

    event: EventStatement
    cell: CellName | None
    old: CellWord | None
    new: CellWord | None
