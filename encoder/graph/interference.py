"""Interference: what any number of further threads like one of the program's do to the other threads.

Take an execution with any number of such threads and remove all of their events except the writes that other threads
read from. The rest is an execution of the other threads and of these writes, except for counters:

- A counter, to which such a thread only adds, holds what the other threads have put there plus what these threads have
  added so far: for each of them the sum of a prefix of its adds. If no such sum is negative (`smt.interference` asks
  the solver), every read finds, beside what the other threads account for, a non-negative multiple of the greatest
  common divisor of the adds.
- The other writes all store constants. Each becomes a thread of its own, as many times as there are reads of its cell.
  A write that is only done by the thread that brings a counter to zero (`put_page_testzero()`) is done after a load of
  the counter that finds there just what this thread still has to subtract: the other threads account for nothing.

What such a thread does depends on what it reads, and so on how many others there are: a branch that it takes only if it
finds a large count is one too. Its effects are therefore read off the graph in which it finds whatever any number of
them may leave, which is made from its effects: they are widened until they stay the same.

Every other requirement on executions says that something is absent: no cycle, no write in between. Each such rule is
monotone in the events and in po, rf, co, fr and rmw, so under every model here it holds of the part if it holds of the
whole, and a thread that waits for critical sections or grace periods to end has fewer of them to wait for. The encoding
has no rf of such a counter, since the add that a read reads from may have been removed. Locks are another matter, so a
thread that takes a lock is not supported. A proof for the other threads, whatever multiples they find and whichever of
these writes happen, is therefore a proof for any number of the threads; a counterexample decides nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import gcd

from encoder.graph.events import Event, EventKind, Graph, Interference
from encoder.program.core import (
    BOOL,
    PLAIN_LOAD,
    PLAIN_STORE,
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
    """Why a thread cannot be repeated any number of times."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a thread does to other threads: to each of the `counters` it adds multiples of the given number; `writes`
    holds one event for each cell and constant that is written."""

    counters: dict[CellName, int]
    writes: dict[tuple[CellName, tuple[int, ...]], "ConstantWrite"]

    def same_as(self, other: "Effects") -> bool:
        """Whether both allow the same. They may hold events of different graphs, which are never equal."""
        return self.counters == other.counters and self._kinds() == other._kinds()

    def _kinds(self) -> dict[tuple[CellName, tuple[int, ...]], object]:
        return {key: write.kind() for key, write in self.writes.items()}


@dataclass(frozen=True, slots=True)
class ConstantWrite:
    """A write of constants. It is done only by the thread that brings a counter to zero with `drop_to_zero`, if that is
    not None."""

    event: Event
    drop_to_zero: Event | None

    def kind(self) -> object:
        """What distinguishes it from other writes of the same constants."""
        drop = self.drop_to_zero
        return None if drop is None else (drop.cell, None if drop.delta is None else drop.delta.value)


Writes = dict[tuple[CellName, tuple[int, ...]], ConstantWrite]


def effects_of(graph: Graph, thread: int) -> Effects | Obstacle:
    """The effects of a thread on other threads, read off its events."""
    counters: dict[CellName, int] = {}
    writes: Writes = {}
    for event in graph.threads[thread].events:
        if event.kind in (EventKind.ACQUIRE, EventKind.RELEASE):
            return Obstacle(f"{_where(event)} takes or releases a lock")
        if event.writes is None or event.cell is None:
            continue
        if event.cell in graph.counters and event.delta is not None:
            counters[event.cell] = gcd(counters.get(event.cell, 0), _amount(event))
            continue
        constants = tuple(
            constant for value in event.writes if (constant := graph.terms.as_int(value).value) is not None
        )
        if event.cell in graph.counters or len(constants) < len(event.writes):
            return Obstacle(f"{_where(event)} stores a computed value")
        if event.tags[-1] == "plain":
            return Obstacle(f"{_where(event)} is a plain store")
        _note(writes, (event.cell, constants), ConstantWrite(event, _drop_to_zero(graph, event)))
    return Effects(counters={cell: step or 1 for cell, step in counters.items()}, writes=writes)


def joint_effects(effects: Iterable[Effects]) -> Effects:
    """The effects of any number of threads of several kinds, given the effects of each kind."""
    counters: dict[CellName, int] = {}
    writes: Writes = {}
    for each in effects:
        for cell, step in each.counters.items():
            counters[cell] = gcd(counters.get(cell, 0), step)
        for key, write in each.writes.items():
            _note(writes, key, write)
    return Effects(counters=counters, writes=writes)


def _note(writes: Writes, key: tuple[CellName, tuple[int, ...]], write: ConstantWrite) -> None:
    """Add a write. It depends on a counter only if all writes of these constants depend on it in the same way."""
    before = writes.get(key, write)
    writes[key] = before if before.kind() == write.kind() else ConstantWrite(write.event, None)


def with_other_threads(
    program: Program, graph: Graph, effects: Effects, property_cells: Iterable[CellName]
) -> tuple[Program, Interference]:
    """The program with one thread for each of the other threads' writes and each read of its cell, and the interference
    of their adds.

    `property_cells` are the cells that the property reads. `graph` is the program's, other threads after its own left
    out of account.
    """
    own = (event for event in graph.events if event.thread < len(program.threads))
    readers = [event.cell for event in own if event.kind in (EventKind.READ, EventKind.RMW)] + list(property_cells)
    cells = {cell.name: cell for cell in program.cells}
    threads = list(program.threads)
    own_adds: dict[int, int] = {}
    for (name, constants), write in effects.writes.items():
        for _ in range(readers.count(name)):
            if write.drop_to_zero is not None and write.drop_to_zero.delta is not None:
                own_adds[len(threads)] = -write.drop_to_zero.delta.low
            threads.append(_writer(cells, name, constants, write, f"other {len(threads)}"))
    interference = Interference(counters=effects.counters, remaining=frozenset(effects.counters), own_adds=own_adds)
    return replace(program, threads=tuple(threads)), interference


def _writer(
    cells: dict[CellName, Cell], name: CellName, constants: tuple[int, ...], write: ConstantWrite, thread: str
) -> Thread:
    """A thread that consists of this write, after the load of the counter that it depends on."""
    parts = zip(cells[name].components, constants, strict=True)
    values = tuple((part.name, Const(value, part.type)) for part, value in parts)
    site = replace(write.event.step.site, thread=thread)
    store = Store(place=_place(cells[name]), values=values, order="once", site=site, arm64=PLAIN_STORE)
    if write.drop_to_zero is None or write.drop_to_zero.cell is None or write.drop_to_zero.delta is None:
        return Thread(name=thread, role="", procedure="", runs=0, variables=(), body=(store,))
    counter, site = cells[write.drop_to_zero.cell], replace(write.drop_to_zero.step.site, thread=thread)
    type = counter.components[0].type
    load = Load(
        place=_place(counter), into=((counter.components[0].name, "left"),), order="once", site=site, arm64=PLAIN_LOAD
    )
    least = Arith(Op.EQ, Var("left", type), Const(-write.drop_to_zero.delta.low, type), BOOL)
    body = (load, If(condition=least, then=(store,), otherwise=()))
    return Thread(name=thread, role="", procedure="", runs=0, variables=(("left", type),), body=body)


def _place(cell: Cell) -> Place:
    """A place that means this cell."""
    pointer = Scalar(kind="pointer", struct=cell.struct)
    return Place(base=Const(1, pointer), struct=cell.struct, field=cell.name.field, targets=((1, cell.name),))


def _drop_to_zero(graph: Graph, write: Event) -> Event | None:
    """The fully ordered read-modify-write that has brought a counter to zero whenever the write is done, else None."""
    terms = graph.terms
    for event in graph.threads[write.thread].events:
        takes = event.cell in graph.counters and event.delta is not None and event.delta.value is not None
        if not takes or event.writes is None or "mb" not in event.tags or event.step.index >= write.step.index:
            continue
        if terms.implied(write.step.guard, terms.eq(event.writes[0], terms.const(0))):
            return event
    return None


def _amount(event: Event) -> int:
    """A number that divides whatever the event adds."""
    assert event.delta is not None
    values = event.delta.values
    return gcd(*values) if values is not None else 1


def _where(event: Event) -> str:
    """The event and its path of labels, for messages."""
    return f"{event.step.site.event} at {'/'.join(event.step.site.path)}"
