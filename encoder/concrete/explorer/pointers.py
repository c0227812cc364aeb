"""Which cells each thread may touch: a flow-insensitive points-to analysis of all threads together.

The values that a pointer variable, or a pointer in a cell, may have are its initial value and those of everything that
is ever assigned to it, collected from all statements until a fixpoint is reached. None stands for any value, where an
expression computes one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    CellName,
    Choose,
    Const,
    Exit,
    Expr,
    Fence,
    Flush,
    Grace,
    If,
    Load,
    Loop,
    Place,
    Program,
    Region,
    Release,
    Rmw,
    Statement,
    Store,
    Var,
)
from encoder.program.traverse import place_of, statements

PointsTo = frozenset[int] | None
Holder = tuple[object, str]
"""(a thread's number, its variable), or (a cell's name, its component)."""


def touched_cells(program: Program) -> tuple[frozenset[CellName], ...]:
    """The cells that each thread may touch."""
    found = points_to(program)
    return tuple(
        frozenset(
            cell
            for statement in statements(thread.body)
            if (place := place_of(statement)) is not None
            for cell in found.cells(number, place)
        )
        for number, thread in enumerate(program.threads)
    )


def points_to(program: Program) -> "Pointers":
    """The values that the program's variables and cells may hold."""
    found = Pointers({thread.name: number for number, thread in enumerate(program.threads)})
    for cell in program.cells:
        for component, init in zip(cell.components, cell.init, strict=True):
            found.known[cell.name, component.name] = found.values("start", init)
    while found.add_all(program):
        pass
    return found


@dataclass(slots=True)
class Pointers:
    """The values that variables and cells may have, as far as arithmetic does not compute them. `names` gives each
    thread's number, `known` the values found so far."""

    names: Mapping[str, int]
    known: dict[Holder, PointsTo] = field(default_factory=dict)
    changed: bool = False

    def add_all(self, program: Program) -> bool:
        """Add what every statement makes of the values known so far; returns whether there was anything new."""
        self.changed = False
        for number, thread in enumerate(program.threads):
            for statement in statements(thread.body):
                self._add_statement(number, statement)
        return self.changed

    def values(self, thread: object, expr: Expr) -> PointsTo:
        """The values that the expression may have, None for any; a variable that was never assigned is 0."""
        match expr:
            case Const(value):
                return frozenset((value,))
            case Var(name) if thread != "start":
                return self.known.get((thread, name), frozenset((0,)))
            case Choose(_, then, otherwise):
                return _union(self.values(thread, then), self.values(thread, otherwise))
            case _:
                return None

    def cells(self, thread: int, place: Place) -> list[CellName]:
        """The cells that a place may denote."""
        values = self.values(thread, place.base)
        return [cell for value, cell in place.targets if values is None or value in values]

    def may_be(self, thread: str, variable: str, value: int) -> bool:
        """Whether a thread's variable may have this value."""
        values = self.values(self.names[thread], Var(variable))
        return values is None or value in values

    def _add_statement(self, thread: int, statement: Statement) -> None:
        match statement:
            case Assign(variable=variable, value=value):
                self._add((thread, variable), self.values(thread, value))
            case Load(place=place, into=into):
                self._add_load(thread, place, into)
            case Store(place=place, values=values):
                self._add_store(thread, place, values)
            case Rmw(place=place, into=into, values=values):
                self._add_load(thread, place, into)
                self._add_store(thread, place, values)
            case Acquire(place=place, mode=mode, into=into):
                self._add_lock(thread, place, frozenset((1,)) if mode == "write" else None)
                if into is not None:
                    self._add((thread, into), None)
            case Release(place=place, mode=mode):
                self._add_lock(thread, place, frozenset((0,)) if mode == "write" else None)
            case Fence() | Region() | Flush() | Grace() | If() | Block() | Loop() | Exit():
                pass
            case never:
                assert_never(never)

    def _add_load(self, thread: int, place: Place, into: tuple[tuple[str, str], ...]) -> None:
        for cell in self.cells(thread, place):
            for component, variable in into:
                self._add((thread, variable), self.known[cell, component])

    def _add_store(self, thread: int, place: Place, values: tuple[tuple[str, Expr], ...]) -> None:
        for cell in self.cells(thread, place):
            for component, value in values:
                self._add((cell, component), self.values(thread, value))

    def _add_lock(self, thread: int, place: Place, word: PointsTo) -> None:
        """A lock's word changes: 1 is held for writing, larger values count readers."""
        for cell in self.cells(thread, place):
            self._add((cell, ""), word)

    def _add(self, holder: Holder, values: PointsTo) -> None:
        before = self.known.get(holder, frozenset((0,)))
        after = _union(before, values)
        if after != before:
            self.known[holder] = after
            self.changed = True


def _union(first: PointsTo, second: PointsTo) -> PointsTo:
    return None if first is None or second is None else first | second
