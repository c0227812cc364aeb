"""Any number of further threads like one of the program's, and what the others see of them.

Take an execution with any number of such threads, all alike, and leave out of them all but the writes that the others
read from. What is left is an execution of the others and of those writes, but for the counters:

- A counter, to which such a thread only adds, holds what the others have put there and what they have added so far: for
  each of them the sum of a prefix of its adds. Where no such sum is negative (`smt.environment` asks the solver), every
  read sees a non-negative multiple of the adds' greatest common divisor more than the others account for.
- Of the other writes, all of constants, each is a thread of its own, and there are as many as there are reads.

All else that an execution must meet says what must not be: no cycle, nothing in between. Each such rule is monotone in
the events and in po, rf, co, fr and rmw, so it holds of the part if it held of the whole, under every model here. Of a
counter, nobody's rf is kept: what a read finds may have been left there by an add that is left out. Locks are another
matter, so a thread that takes one cannot be any number. A proof for the others, whatever multiples they find and
whichever of these writes happen, is a proof for any number of the threads; a refutation decides nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import gcd

from encoder.graph.events import Environment, Event, Graph, Kind
from encoder.program.core import Cell, CellName, Const, Place, Program, Scalar, Store, Thread


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a thread cannot be any number of threads."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a thread does to others: to each of the `counters` it adds multiples of the number given; `writes` are the
    events that write constants, one for each word that is written to a cell."""

    counters: dict[CellName, int]
    writes: dict[tuple[CellName, tuple[int, ...]], Event]

    @property
    def environment(self) -> Environment:
        return Environment(counters=self.counters, left=frozenset(self.counters))


def effects(graph: Graph, thread: int) -> Effects | Obstacle:
    """The effects of a thread, read off its steps."""
    counters: dict[CellName, int] = {}
    writes: dict[tuple[CellName, tuple[int, ...]], Event] = {}
    for event in graph.threads[thread].events:
        if event.kind in (Kind.ACQUIRE, Kind.RELEASE):
            return Obstacle(f"{_where(event)} is for a lock")
        if event.writes is None or event.cell is None:
            continue
        if event.cell in graph.summed and event.delta is not None:
            counters[event.cell] = gcd(counters.get(event.cell, 0), _amount(event))
            continue
        word = tuple(constant for value in event.writes if (constant := graph.terms.as_int(value).value) is not None)
        if event.cell in graph.summed or len(word) < len(event.writes):
            return Obstacle(f"{_where(event)} stores what is computed")
        if event.tags[-1] == "plain":
            return Obstacle(f"{_where(event)} is a plain store")
        writes.setdefault((event.cell, word), event)
    return Effects(counters={cell: step or 1 for cell, step in counters.items()}, writes=writes)


def populated(program: Program, graph: Graph, found: Effects, judged: Iterable[CellName]) -> Program:
    """The program with the writes of others, one for each read; `judged` are the cells that the property reads."""
    readers = [event.cell for event in graph.events if event.kind in (Kind.READ, Kind.RMW)] + list(judged)
    cells = {cell.name: cell for cell in program.cells}
    made: list[Thread] = []
    for (name, word), event in found.writes.items():
        made.extend(_writers(cells[name], word, event, readers.count(name), len(made)))
    return replace(program, threads=(*program.threads, *made))


def _writers(cell: Cell, word: tuple[int, ...], event: Event, count: int, before: int) -> Iterator[Thread]:
    """Threads with nothing but this write."""
    pointer = Scalar(kind="pointer", struct=cell.struct)
    place = Place(base=Const(1, pointer), struct=cell.struct, field=cell.name.field, targets=((1, cell.name),))
    parts = zip(cell.components, word, strict=True)
    values = tuple((part.name, Const(value, part.type)) for part, value in parts)
    for number in range(before + 1, before + count + 1):
        name = f"other {number}"
        store = Store(place=place, values=values, order="once", site=replace(event.step.site, thread=name))
        yield Thread(name=name, role="", procedure="", runs=0, variables=(), body=(store,))


def _amount(event: Event) -> int:
    """What is added is a multiple of this."""
    assert event.delta is not None
    values = event.delta.values
    return gcd(*values) if values is not None else 1


def _where(event: Event) -> str:
    return f"{event.step.site.event} at {'/'.join(event.step.site.path)}"
