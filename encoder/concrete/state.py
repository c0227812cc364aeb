"""States of the concrete machine: immutable, hashable, and cheap to make from one another."""

from dataclasses import dataclass
from typing import NamedTuple

from encoder.concrete.action import Action, Values, Word
from encoder.program.core import CellName, Event, Site


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Local:
    """What a thread alone knows: it is about to do `action`, or `stopped` beyond a loop's bound, or has ended.

    There is one object for equal contents in one `Machine`, so that locals are compared by identity; `serial` numbers
    them in the order in which they were met. `cell` is the number of the cell that the event touches (-1: none),
    `mm` what a flush flushes, `irq` how many irq regions are open, one in the other.
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

    @property
    def ended(self) -> bool:
        return self.action is None and self.stopped is None


class State(NamedTuple):
    """Every thread is about to do an event or does none any more.

    `memory` has a word per cell, `locals` a Local per thread. `awaited` has a bit mask per thread: the threads whose
    irq region was open at this thread's latest flush begin and has not ended since. `symbols` are the numbers the
    start was made with, in the program's order.
    """

    memory: tuple[Word, ...]
    locals: tuple[Local, ...]
    awaited: tuple[int, ...]
    symbols: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What an event did: the cell it touched, the word it found there and the word it wrote (None: no write)."""

    event: Event
    cell: CellName | None
    old: Word | None
    new: Word | None
