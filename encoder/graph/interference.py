"""Any number of further threads like one of the program's, and what the others see of them.

Take an execution with any number of such threads, all alike, and leave out of them all but the writes that the others
read from. What is left is an execution of the others and of those writes, but for the counters:

- A counter, to which such a thread only adds, holds what the others have put there and what they have added so far: for
  each of them the sum of a prefix of its adds. Where no such sum is negative (`smt.interference` asks the solver),
  every read sees a non-negative multiple of the adds' greatest common divisor more than the others account for.
- Of the other writes, all of constants, each is a thread of its own, and there are as many as there are reads. One that
  is only done by who brings a counter to zero (`put_page_testzero()`) is done after a look at the counter that finds
  there just what this thread still has to take away: the others account for nothing.

All else that an execution must meet says what must not be: no cycle, nothing in between. Each such rule is monotone in
the events and in po, rf, co, fr and rmw, so it holds of the part if it held of the whole, under every model here; who
waited for sections, or for grace periods to end, has fewer of them to wait for. Of a
counter, nobody's rf is kept: what a read finds may have been left there by an add that is left out. Locks are another
matter, so a thread that takes one cannot be any number. A proof for the others, whatever multiples they find and
whichever of these writes happen, is a proof for any number of the threads; a refutation decides nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import gcd

from encoder.graph.events import Event, EventKind, Graph, Interference
from encoder.program.core import (
    BOOL,
    Arith,
    Cell,
    CellName,
    Const,
    If,
    Load,
    Op,
    Place,
    Program,
    Scalar,
    Store,
    Thread,
    Var,
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a thread cannot be any number of threads."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a thread does to others: to each of the `counters` it adds multiples of the number given; `writes` are the
    events that write constants, one for each word that is written to a cell."""

    counters: dict[CellName, int]
    writes: dict[tuple[CellName, tuple[int, ...]], "Write"]


@dataclass(frozen=True, slots=True)
class Write:
    """A write of a constant. It is done only by who has taken the `last` of a counter, where that is not None."""

    event: Event
    last: Event | None


def effects(graph: Graph, thread: int) -> Effects | Obstacle:
    """The effects of a thread, read off its steps."""
    counters: dict[CellName, int] = {}
    writes: dict[tuple[CellName, tuple[int, ...]], Write] = {}
    for event in graph.threads[thread].events:
        if event.kind in (EventKind.ACQUIRE, EventKind.RELEASE):
            return Obstacle(f"{_where(event)} takes or releases a lock")
        if event.writes is None or event.cell is None:
            continue
        if event.cell in graph.summed and event.delta is not None:
            counters[event.cell] = gcd(counters.get(event.cell, 0), _amount(event))
            continue
        word = tuple(constant for value in event.writes if (constant := graph.terms.as_int(value).value) is not None)
        if event.cell in graph.summed or len(word) < len(event.writes):
            return Obstacle(f"{_where(event)} stores a computed value")
        if event.tags[-1] == "plain":
            return Obstacle(f"{_where(event)} is a plain store")
        last = _last(graph, event)
        if (event.cell, word) not in writes or last is None:
            writes[event.cell, word] = Write(event, last)
    return Effects(counters={cell: step or 1 for cell, step in counters.items()}, writes=writes)


def populated(
    program: Program, graph: Graph, found: Effects, judged: Iterable[CellName]
) -> tuple[Program, Interference]:
    """The program with the writes of others, one for each read, and the environment of their adds.

    `judged` are the cells that the property reads.
    """
    readers = [event.cell for event in graph.events if event.kind in (EventKind.READ, EventKind.RMW)] + list(judged)
    cells = {cell.name: cell for cell in program.cells}
    threads = list(program.threads)
    holding: dict[int, int] = {}
    for (name, word), write in found.writes.items():
        for _ in range(readers.count(name)):
            if write.last is not None and write.last.delta is not None:
                holding[len(threads)] = -write.last.delta.low
            threads.append(_writer(cells, name, word, write, f"other {len(threads)}"))
    around = Interference(counters=found.counters, left=frozenset(found.counters), holding=holding)
    return replace(program, threads=tuple(threads)), around


def _writer(cells: dict[CellName, Cell], name: CellName, word: tuple[int, ...], write: Write, thread: str) -> Thread:
    """A thread with nothing but this write, and the look at the counter that it is done after."""
    parts = zip(cells[name].components, word, strict=True)
    values = tuple((part.name, Const(value, part.type)) for part, value in parts)
    site = replace(write.event.step.site, thread=thread)
    store = Store(place=_place(cells[name]), values=values, order="once", site=site)
    if write.last is None or write.last.cell is None or write.last.delta is None:
        return Thread(name=thread, role="", procedure="", runs=0, variables=(), body=(store,))
    counter, site = cells[write.last.cell], replace(write.last.step.site, thread=thread)
    type = counter.components[0].type
    look = Load(place=_place(counter), into=((counter.components[0].name, "left"),), order="once", site=site)
    least = Arith(Op.EQ, Var("left", type), Const(-write.last.delta.low, type), BOOL)
    body = (look, If(condition=least, then=(store,), otherwise=()))
    return Thread(name=thread, role="", procedure="", runs=0, variables=(("left", type),), body=body)


def _place(cell: Cell) -> Place:
    pointer = Scalar(kind="pointer", struct=cell.struct)
    return Place(base=Const(1, pointer), struct=cell.struct, field=cell.name.field, targets=((1, cell.name),))


def _last(graph: Graph, write: Event) -> Event | None:
    """The fully ordered read-modify-write that has brought a counter to zero whenever the write is done."""
    terms = graph.terms
    for event in graph.threads[write.thread].events:
        takes = event.cell in graph.summed and event.delta is not None and event.delta.value is not None
        if not takes or event.writes is None or "mb" not in event.tags or event.step.index >= write.step.index:
            continue
        if terms.implied(write.step.guard, terms.eq(event.writes[0], terms.const(0))):
            return event
    return None


def _amount(event: Event) -> int:
    """What is added is a multiple of this."""
    assert event.delta is not None
    values = event.delta.values
    return gcd(*values) if values is not None else 1


def _where(event: Event) -> str:
    return f"{event.step.site.event} at {'/'.join(event.step.site.path)}"
