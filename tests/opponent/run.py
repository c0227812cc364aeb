"""One thread, one statement at a time, told what each of its reads returns: what it does, and what that came from.

A variable has a value, the reads that its value came from (data) and the reads that decided that it was set (control).

- A read gives the variable itself as data. An assignment passes on the data of what it is made of, and its control.
- The condition of an `if` counts until the arms meet (see `flow`). What is set there has all that the condition came
  from, data and control, as control; what is done there is control dependent on it. An arm that was not taken does
  nothing, whatever stands in it.
- An address dependency is on the data of the place's base, a data dependency on that of the values written: what
  decided that they were set is in neither.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from encoder.concrete.semantics.event_effect import EventEffect
from encoder.program.core import (
    Acquire,
    Assign,
    Cell,
    CellName,
    EventStatement,
    Expr,
    Fence,
    Flush,
    Grace,
    If,
    Load,
    Place,
    Region,
    Release,
    Rmw,
    Scalar,
    Site,
    Store,
    Thread,
)
from tests.opponent import flow
from tests.opponent.expression import unpicked, value, variables, within

Word = tuple[int, ...]
Reads = frozenset[int]
NONE: Reads = frozenset()


@dataclass(frozen=True, slots=True)
class Variables:
    """`data` and `control`: the reads that each value came from, and that decided that it was set. `direct`: those of
    `data` that were neither compared nor asked for a choice on the way."""

    values: Mapping[str, int]
    data: Mapping[str, Reads]
    control: Mapping[str, Reads]
    direct: Mapping[str, Reads]

    def number(self, expr: Expr) -> int:
        return value(expr, self.values)

    def data_of(self, *exprs: Expr) -> Reads:
        return NONE.union(*(self.data.get(name, NONE) for expr in exprs for name in variables(expr)))

    def control_of(self, expr: Expr) -> Reads:
        return NONE.union(*(self.control.get(name, NONE) for name in variables(expr)))

    def direct_of(self, *exprs: Expr) -> Reads:
        return NONE.union(*(self.direct.get(name, NONE) for expr in exprs for name in unpicked(expr)))

    def set(self, name: str, number: int, data: Reads, control: Reads, direct: Reads) -> "Variables":
        return Variables(
            {**self.values, name: number}, {**self.data, name: data}, {**self.control, name: control},
            {**self.direct, name: direct},
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Branch:
    """An `if`, where the arm begins that the thread has taken, and the reads that its condition came from."""

    asked: flow.Place
    arm: flow.Place | None
    sources: Reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A thread run so far: what it did, what its variables hold, the event before which it stands (None: none), and
    the loop beyond whose bound it is."""

    deeds: tuple[EventEffect, ...]
    variables: Variables
    following: EventStatement | None
    stopped: Site | None


@dataclass(frozen=True, slots=True)
class _Standing:
    """A thread before the statement of a place."""

    at: flow.Place
    variables: Variables
    branches: tuple[Branch, ...]
    branched: Reads
    deeds: tuple[EventEffect, ...]

    @property
    def control(self) -> Reads:
        return NONE.union(*(branch.sources for branch in self.branches))


class Runner:
    """Runs one thread. `cells` are the program's, `values` the words that a read of each may return."""

    def __init__(
        self, thread: Thread, cells: Mapping[CellName, Cell], values: Mapping[CellName, frozenset[Word]], rounds: int
    ) -> None:
        self.types = dict(thread.variables)
        self.cells = cells
        self.values = values
        self.start = flow.flow(thread, rounds)
        self.taken = flow.taken(self.start)

    def traces(self) -> Iterator[Trace]:
        """Every way the thread can go, stopped after any number of events."""
        yield from self._onwards(
            _Standing(self.start, Variables(dict.fromkeys(self.types, 0), {}, {}, {}), (), NONE, ())
        )

    def _onwards(self, standing: _Standing) -> Iterator[Trace]:
        while isinstance(standing.at.statement, Assign | If):
            standing = self._local(standing, standing.at.statement)
        event, stopped = standing.at.statement, standing.at.stopped
        yield Trace(deeds=standing.deeds, variables=standing.variables, following=event, stopped=stopped)
        if event is not None:
            for after in self._done(standing, event):
                yield from self._onwards(after)

    def _moved(self, standing: _Standing, to: flow.Place | None, variables: Variables, *more: Branch) -> _Standing:
        """Arms that meet where the thread comes to are over, and those without which others come there."""
        assert to is not None
        every, common = (*standing.branches, *more), self.taken[to]
        kept = tuple(b for b in every if b.asked.meets is not to and (b.asked, b.arm) in common)
        return _Standing(to, variables, kept, standing.branched, standing.deeds)

    def _local(self, standing: _Standing, statement: Assign | If) -> _Standing:
        here, known = standing.at, standing.variables
        match statement:
            case Assign(variable=name, value=expr):
                data, control = known.data_of(expr), known.control_of(expr) | standing.control
                number = _checked(known.number(expr), self.types[name])
                after = known.set(name, number, data, control, known.direct_of(expr))
                return self._moved(standing, here.next, after)
            case If(condition=condition):
                sources = known.data_of(condition) | known.control_of(condition)
                to = here.next if known.number(condition) else here.other
                moved = self._moved(standing, to, known, Branch(here, to, sources))
                return replace(moved, branched=standing.branched | known.data_of(condition))
            case never:
                assert_never(never)

    def _done(self, standing: _Standing, event: EventStatement) -> Iterator[_Standing]:
        """The thread after its event, for every word that it may read; nowhere where the event cannot be done."""
        known, place = standing.variables, event.place if not isinstance(event, Fence | Region | Flush) else None
        cell = None
        if place is not None:
            cell = dict(place.targets).get(known.number(place.base))
            if cell is None:
                return
        reading = isinstance(event, Load | Rmw | Acquire) or (isinstance(event, Release) and event.mode == "read")
        address = NONE if place is None else known.data_of(place.base)
        for word in sorted(self.values[cell]) if reading and cell is not None else [None]:
            found = self._effect(standing, event, word)
            if found is None:
                continue
            after, written, (data, direct) = found
            deed = EventEffect(
                event=event, cell=cell, reading=reading, read=word, wrote=written is not None, written=written,
                address=address, data=data, control=standing.control, branched=standing.branched, direct_data=direct,
                direct_address=NONE if place is None else known.direct_of(place.base),
                mm=known.number(event.mm) if isinstance(event, Flush) else None,
            )  # fmt: skip
            moved = self._moved(standing, standing.at.next, after)
            yield replace(moved, deeds=(*standing.deeds, deed))

    def _effect(
        self, standing: _Standing, event: EventStatement, word: Word | None
    ) -> tuple[Variables, Word | None, tuple[Reads, Reads]] | None:
        """The variables after the event, the word that it writes (None: it does not), and the reads that this came
        from, in any way and directly; None where the event has to wait for another word, or releases what is not
        held."""
        known = standing.variables
        match event:
            case Load(place=place, into=into):
                return self._taken(standing, place, into, word), None, (NONE, NONE)
            case Store(place=place, values=values):
                return known, self._word(known, place, values), _sources(known, values)
            case Rmw():
                after = self._taken(standing, event.place, event.into, word)
                if not after.number(event.await_):
                    return None
                written = self._word(after, event.place, event.values) if after.number(event.when) else None
                return after, written, _sources(after, event.values)
            case Acquire(mode=mode, into=into):
                (held,) = word or ()
                free = held == 0 or (mode == "read" and held != 1)
                written = ((1,) if mode == "write" else (max(held, 1) + 1,)) if free else None
                if into is not None:
                    own = frozenset({len(standing.deeds)})
                    known = known.set(into, int(free), own, standing.control, own)
                return (known, written, (NONE, NONE)) if free or into is not None else None
            case Release(mode="read"):
                (held,) = word or ()
                return (known, (held - 1 if held > 2 else 0,), (NONE, NONE)) if held >= 2 else None
            case Release():
                return known, (0,), (NONE, NONE)
            case Fence() | Grace() | Region() | Flush():
                return known, None, (NONE, NONE)
            case never:
                assert_never(never)

    def _taken(
        self, standing: _Standing, place: Place, into: tuple[tuple[str, str], ...], word: Word | None
    ) -> Variables:
        """The variables that the components of a word are read into."""
        known = standing.variables
        parts = dict(zip(self._components(place), word or (), strict=True))
        for component, name in into:
            number = _checked(parts[component], self.types[name])
            own = frozenset({len(standing.deeds)})
            known = known.set(name, number, own, standing.control, own)
        return known

    def _word(self, known: Variables, place: Place, values: tuple[tuple[str, Expr], ...]) -> Word:
        exprs, types = dict(values), self._components(place)
        return tuple(_checked(known.number(exprs[name]), type) for name, type in types.items())

    def _components(self, place: Place) -> dict[str, Scalar]:
        return {part.name: part.type for part in self.cells[place.targets[0][1]].components}


def _sources(known: Variables, values: tuple[tuple[str, Expr], ...]) -> tuple[Reads, Reads]:
    exprs = [expr for _, expr in values]
    return known.data_of(*exprs), known.direct_of(*exprs)


def _checked(number: int, type: Scalar) -> int:
    assert within(number, type) == number, f"{number} is no {type.kind}"
    return number
