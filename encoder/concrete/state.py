"""States of the concrete machine: immutable, hashable, and cheap to make from one another."""

from dataclasses import dataclass
from typing import NamedTuple

from encoder.concrete.action import Action, Values, Word
from encoder.concrete.affine import Box
from encoder.concrete.keeping import Kept
from encoder.program.core import CellName, Event, Site


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Local:
    """What a thread alone knows: it is about to do `action`, or `stopped` beyond a loop's bound, or has ended.

    There is one object for equal contents in one `Machine`, so that locals are compared by identity; `serial` numbers
    them in the order in which they were met. `cell` is the number of the cell that the event touches (-1: none),
    `mm` what a flush flushes, `irq` how many irq regions are open, one in the other. `kept` is what the thread has
    taken and not given back, where its machine keeps account of it.
    """

    serial: int
    place: int
    values: Values
    rounds: tuple[int, ...]
    irq: int
    action: Action | None
    stopped: Site | None
    cell: int
    mm: int
    kept: Kept = ()

    @property
    def ended(self) -> bool:
        return self.action is None and self.stopped is None


Buffer = tuple[tuple[int, Word], ...]
"""Stores that wait, the oldest first: (cell, word). IRQ_END in place of a cell marks where an irq region ended."""
IRQ_END = -1


class State(NamedTuple):
    """Every thread is about to do an event or does none any more.

    `memory` has a word per cell, `locals` a Local per thread. `awaited` has for each thread how many irq regions of
    each other one have to end before this one's latest flush can: those that were open at its begin and have not ended
    since; () where there are none. `symbols` are the values the start was made with, in the program's order.

    Under TSO `buffers` has each thread's store buffer. A state that stands for many starts has in `box` the values of
    the symbols that were not chosen, see `affine`.
    """

    memory: tuple[Word, ...]
    locals: tuple[Local, ...]
    awaited: tuple[tuple[int, ...], ...]
    symbols: tuple[int, ...]
    buffers: tuple[Buffer, ...] = ()
    box: Box = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What an event did: the cell it touched, the word it found there and the word it wrote (None: no write)."""

    event: Event
    cell: CellName | None
    old: Word | None
    new: Word | None
