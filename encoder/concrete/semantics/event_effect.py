"""An event of one thread, done with what is known: the words read and written, and what they depend on.

A number that is not known yet is None; what is made of it is not known either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import assert_never

from encoder.concrete.semantics.action import checked
from encoder.concrete.semantics.expression import compiled
from encoder.concrete.semantics.faults import MustWait, NotHeld, NullDereference
from encoder.concrete.semantics.partial_values import NotKnown, known
from encoder.program.core import (
    Acquire,
    Cell,
    CellName,
    EventStatement,
    Expr,
    Fence,
    Flush,
    Grace,
    Leaf,
    Load,
    Place,
    Region,
    Release,
    Rmw,
    Site,
    Store,
    Thread,
    Var,
)
from encoder.program.traverse import place_of, variables

Partial = tuple[int | None, ...]
"""A word of which some components may be unknown."""
Reads = frozenset[int]
"""Events of the thread, numbered from 0 in program order."""
NONE: Reads = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEffect:
    """An event done. `read` and `written` are words (None: no such half), `wrote` None where that is not known.

    `reading` says that the event has a read half, `mm` is a flush's address space.
    """

    event: EventStatement
    cell: CellName | None
    reading: bool
    read: Partial | None
    wrote: bool | None
    written: Partial | None
    address: Reads
    data: Reads
    control: Reads
    mm: int | None = None


class KnownVariables:
    """A thread's variables: what is known of their values, the reads that these were made from, and the reads of the
    conditions in whose arms they, or what they were made from, were set."""

    def __init__(self, thread: Thread) -> None:
        self.values: dict[str, int | None] = {name: 0 for name, _ in thread.variables}
        self._made_from: dict[str, Reads] = {}
        self._set_under: dict[str, Reads] = {}
        self._types = dict(thread.variables)

    def value(self, expr: Expr) -> int | None:
        try:
            return _function(expr)(self.values)
        except NotKnown:
            return None

    def data(self, *exprs: Expr) -> Reads:
        """The reads that the variables in the expressions were made from."""
        return NONE.union(*(self._made_from.get(name, NONE) for name in variables(*exprs)))

    def control(self, *exprs: Expr) -> Reads:
        """The reads that decided in which arms the variables in the expressions were set."""
        return NONE.union(*(self._set_under.get(name, NONE) for name in variables(*exprs)))

    def set(self, name: str, value: int | None, data: Reads, control: Reads) -> None:
        self.values[name] = None if value is None else checked(value, self._types[name])
        self._made_from[name], self._set_under[name] = data, control


class EffectEvaluator:
    """Does one thread's events."""

    def __init__(self, variables: KnownVariables, cells: Mapping[CellName, Cell]) -> None:
        self._variables = variables
        self._cells = cells

    def do(
        self, event: EventStatement, cell: CellName | None, read: Partial | None, control: Reads, number: int
    ) -> EventEffect:
        """The thread's event of this number, done. Raises ProgramFault."""
        place = place_of(event)
        deed = EventEffect(
            event=event,
            cell=cell,
            reading=read is not None,
            read=read,
            wrote=False,
            written=None,
            address=NONE if place is None else self._variables.data(place.base),
            data=NONE,
            control=control,
        )
        return self._done(event, deed, frozenset((number,)))

    def target(self, place: Place, site: Site) -> CellName | None:
        """The cell that a place means, None where that is not known. Raises NullDereference."""
        base = self._variables.value(place.base)
        if base is None:
            return None
        targets = dict(place.targets)
        if base not in targets:
            raise NullDereference("NULL, or no object of the struct, is dereferenced", site)
        return targets[base]

    def _done(self, event: EventStatement, deed: EventEffect, own: Reads) -> EventEffect:
        match event:
            case Load(place=place, into=into):
                self._take(place, into, deed, own)
                return deed
            case Store(place=place, values=values):
                written = self._word(place, values)
                return replace(deed, wrote=True, written=written, data=self._variables.data(*(e for _, e in values)))
            case Rmw():
                return self._modify(event, deed, own)
            case Acquire(mode=mode, into=into, site=site):
                return self._acquire(deed, mode, into, site, own)
            case Release(mode=mode, site=site):
                return replace(deed, wrote=True, written=(_released(deed.read, mode, site),))
            case Flush(mm=mm):
                return replace(deed, mm=self._variables.value(mm))
            case Fence() | Region() | Grace():
                return deed
            case never:
                assert_never(never)

    def _take(self, place: Place, into: tuple[tuple[str, str], ...], deed: EventEffect, own: Reads) -> None:
        assert deed.read is not None
        components = self._cells[place.targets[0][1]].components
        numbers = {component.name: number for number, component in enumerate(components)}
        for component, variable in into:
            self._variables.set(variable, deed.read[numbers[component]], own, deed.control)

    def _word(self, place: Place, values: tuple[tuple[str, Expr], ...]) -> Partial:
        exprs, components = dict(values), self._cells[place.targets[0][1]].components
        found = ((self._variables.value(exprs[c.name]), c.type) for c in components)
        return tuple(None if value is None else checked(value, type) for value, type in found)

    def _modify(self, event: Rmw, deed: EventEffect, own: Reads) -> EventEffect:
        self._take(event.place, event.into, deed, own)
        if self._variables.value(event.await_) == 0:
            raise MustWait("has to wait for another value", event.site)
        when = self._variables.value(event.when)
        written = self._word(event.place, event.values) if when != 0 else None
        data = self._variables.data(*(e for _, e in event.values))
        return replace(deed, wrote=None if when is None else when != 0, written=written, data=data)

    def _acquire(self, deed: EventEffect, mode: str, into: str | None, site: Site, own: Reads) -> EventEffect:
        assert deed.read is not None
        (held,) = deed.read
        free = None if held is None else held == 0 or (mode == "read" and held > 1)
        if into is not None:
            self._variables.set(into, None if free is None else int(free), own, deed.control)
        elif free is False:
            raise MustWait("has to wait for the lock", site)
        if free is False:
            return deed
        locked = 1 if mode == "write" else None if held is None else max(held, 1) + 1
        return replace(deed, wrote=free if into is not None else True, written=(locked,))


def _released(read: Partial | None, mode: str, site: Site) -> int | None:
    """The word that a release writes; that of a writer reads nothing. Raises NotHeld."""
    if mode == "write":
        return 0
    assert read is not None
    (held,) = read
    if held is not None and held < 2:
        raise NotHeld("released for read, but not held for read", site)
    return None if held is None else held - 1 if held > 2 else 0


def reads(event: EventStatement) -> bool:
    """Whether the event has a read half."""
    match event:
        case Load() | Rmw() | Acquire():
            return True
        case Release(mode=mode):
            return mode == "read"
        case Store() | Fence() | Region() | Flush() | Grace():
            return False
        case never:
            assert_never(never)


@cache
def _function(expr: Expr) -> Callable[[Mapping[str, int | None]], int]:
    def leaf(name: Leaf) -> Callable[[Mapping[str, int | None]], int]:
        if not isinstance(name, Var):
            raise TypeError(f"{name} stands in a thread")
        return lambda values: known(values[name.name])

    return compiled(expr, leaf)
