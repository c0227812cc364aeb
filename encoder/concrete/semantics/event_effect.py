"""An event of one thread performed with partly known values: the words read and written, and their dependencies.

A number that is not known yet is None; what is computed from it is not known either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import assert_never

from encoder.concrete.semantics.action import check_value
from encoder.concrete.semantics.expression import compile_expression
from encoder.concrete.semantics.faults import MustWait, NotHeld, NullDereference
from encoder.concrete.semantics.partial_values import UnknownValue, require_known
from encoder.program.core import (
    BOOL,
    Acquire,
    Arith,
    Cell,
    CellName,
    Convert,
    EventStatement,
    Expr,
    Fence,
    Flush,
    Grace,
    Leaf,
    Load,
    Op,
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

PartialWord = tuple[int | None, ...]
"""A word of which some components may be unknown."""
Reads = frozenset[int]
"""Reads of the thread, as the numbers of their events from 0 in program order."""
NO_READS: Reads = frozenset()
_ARITHMETIC = frozenset({Op.ADD, Op.SUB, Op.MUL, Op.AND, Op.OR, Op.XOR, Op.SHL, Op.SHR})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEffect:
    """The effect of a performed event. `read` and `written` are words (None: it reads, or writes, nothing); `wrote` is
    None where that is not known.

    `reading` says whether the event has a read; `mm` is a flush's address space. `address`, `data` and `control` are
    the reads on which it depends, `branched` those on which any branch before it does. From those in `direct_address`
    and `direct_data` arithmetic leads to it, no comparison or choice.
    """

    event: EventStatement
    cell: CellName | None
    reading: bool
    read: PartialWord | None
    wrote: bool | None
    written: PartialWord | None
    address: Reads
    data: Reads
    control: Reads
    mm: int | None = None
    branched: Reads = NO_READS
    direct_address: Reads = NO_READS
    direct_data: Reads = NO_READS


class KnownVariables:
    """A thread's variables: their values as far as they are known, the reads from which they were computed, and the
    reads from which the conditions were computed under which they, or what they were computed from, were assigned."""

    def __init__(self, thread: Thread) -> None:
        self.values: dict[str, int | None] = {name: 0 for name, _ in thread.variables}
        self._made_from: dict[str, Reads] = {}
        self._set_under: dict[str, Reads] = {}
        self._arithmetic: dict[str, Reads] = {}
        self._types = dict(thread.variables)

    def value(self, expr: Expr) -> int | None:
        """The value of the expression, None where it is not known."""
        try:
            return _function(expr)(self.values)
        except UnknownValue:
            return None

    def data(self, *exprs: Expr) -> Reads:
        """The reads from which the variables in the expressions were computed."""
        return NO_READS.union(*(self._made_from.get(name, NO_READS) for name in variables(*exprs)))

    def control(self, *exprs: Expr) -> Reads:
        """The reads from which the conditions were computed under which the variables in the expressions were
        assigned."""
        return NO_READS.union(*(self._set_under.get(name, NO_READS) for name in variables(*exprs)))

    def direct(self, *exprs: Expr) -> Reads:
        """The reads from which the values are computed by arithmetic alone."""
        found = NO_READS
        for expr in exprs:
            match expr:
                case Var(name=name):
                    found |= self._arithmetic.get(name, NO_READS)
                case Arith(op=op) if op in _ARITHMETIC:
                    found |= self.direct(expr.left, expr.right)
                case Convert(type=type) if type != BOOL:
                    found |= self.direct(expr.operand)
                case _:
                    pass  # what is compared, or chooses, is looked at and not used
        return found

    def set(self, name: str, value: int | None, data: Reads, control: Reads, direct: Reads) -> None:
        self.values[name] = None if value is None else check_value(value, self._types[name])
        self._made_from[name], self._set_under[name], self._arithmetic[name] = data, control, direct


class EffectEvaluator:
    """Performs one thread's events."""

    def __init__(self, variables: KnownVariables, cells: Mapping[CellName, Cell]) -> None:
        self._variables = variables
        self._cells = cells

    def perform(
        self, event: EventStatement, cell: CellName | None, read: PartialWord | None, control: Reads, number: int
    ) -> EventEffect:
        """Perform the thread's event with this number, which reads the word `read` (None: it reads nothing). Raises
        ProgramFault."""
        place = place_of(event)
        effect = EventEffect(
            event=event,
            cell=cell,
            reading=read is not None,
            read=read,
            wrote=False,
            written=None,
            address=NO_READS if place is None else self._variables.data(place.base),
            direct_address=NO_READS if place is None else self._variables.direct(place.base),
            data=NO_READS,
            control=control,
        )
        return self._done(event, effect, frozenset((number,)))

    def target(self, place: Place, site: Site) -> CellName | None:
        """The cell that a place denotes, None where that is not known. Raises NullDereference."""
        base = self._variables.value(place.base)
        if base is None:
            return None
        targets = dict(place.targets)
        if base not in targets:
            raise NullDereference("NULL, or no object of the struct, is dereferenced", site)
        return targets[base]

    def _done(self, event: EventStatement, effect: EventEffect, own: Reads) -> EventEffect:
        match event:
            case Load(place=place, into=into):
                self._take(place, into, effect, own)
                return effect
            case Store(place=place, values=values):
                written = self._word(place, values)
                return replace(self._computed(effect, values), wrote=True, written=written)
            case Rmw():
                return self._modify(event, effect, own)
            case Acquire(mode=mode, into=into, site=site):
                return self._acquire(effect, mode, into, site, own)
            case Release(mode=mode, site=site):
                return replace(effect, wrote=True, written=(_released(effect.read, mode, site),))
            case Flush(mm=mm):
                return replace(effect, mm=self._variables.value(mm))
            case Fence() | Region() | Grace():
                return effect
            case never:
                assert_never(never)

    def _take(self, place: Place, into: tuple[tuple[str, str], ...], effect: EventEffect, own: Reads) -> None:
        assert effect.read is not None
        components = self._cells[place.targets[0][1]].components
        numbers = {component.name: number for number, component in enumerate(components)}
        for component, variable in into:
            self._variables.set(variable, effect.read[numbers[component]], own, effect.control, own)

    def _word(self, place: Place, values: tuple[tuple[str, Expr], ...]) -> PartialWord:
        exprs, components = dict(values), self._cells[place.targets[0][1]].components
        found = ((self._variables.value(exprs[c.name]), c.type) for c in components)
        return tuple(None if value is None else check_value(value, type) for value, type in found)

    def _modify(self, event: Rmw, effect: EventEffect, own: Reads) -> EventEffect:
        self._take(event.place, event.into, effect, own)
        if self._variables.value(event.await_) == 0:
            raise MustWait("has to wait for another value", event.site)
        when = self._variables.value(event.when)
        written = self._word(event.place, event.values) if when != 0 else None
        return replace(self._computed(effect, event.values), wrote=None if when is None else when != 0, written=written)

    def _computed(self, effect: EventEffect, values: tuple[tuple[str, Expr], ...]) -> EventEffect:
        """The effect with the reads that the written values depend on."""
        exprs = [expr for _, expr in values]
        return replace(effect, data=self._variables.data(*exprs), direct_data=self._variables.direct(*exprs))

    def _acquire(self, effect: EventEffect, mode: str, into: str | None, site: Site, own: Reads) -> EventEffect:
        assert effect.read is not None
        (held,) = effect.read
        free = None if held is None else held == 0 or (mode == "read" and held > 1)
        if into is not None:
            self._variables.set(into, None if free is None else int(free), own, effect.control, own)
        elif free is False:
            raise MustWait("has to wait for the lock", site)
        if free is False:
            return effect
        locked = 1 if mode == "write" else None if held is None else max(held, 1) + 1
        return replace(effect, wrote=free if into is not None else True, written=(locked,))


def _released(read: PartialWord | None, mode: str, site: Site) -> int | None:
    """The word that a release writes; that of a writer reads nothing. Raises NotHeld."""
    if mode == "write":
        return 0
    assert read is not None
    (held,) = read
    if held is not None and held < 2:
        raise NotHeld("released for read, but not held for read", site)
    return None if held is None else held - 1 if held > 2 else 0


def has_read(event: EventStatement) -> bool:
    """Whether the event has a read."""
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
        return lambda values: require_known(values[name.name])

    return compile_expression(expr, leaf)
