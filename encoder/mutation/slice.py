"""A program without what nothing that is asked of it can depend on, whatever its threads do."""

from dataclasses import dataclass, field, replace
from typing import assert_never

from encoder.concrete.semantics.expression import leaves
from encoder.program.core import (
    BOOL,
    Acquire,
    Assign,
    Block,
    CellName,
    Const,
    Exit,
    Expr,
    Fence,
    Final,
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
    ThreadVar,
    Var,
)


def sliced(program: Program) -> Program:
    """The program without accesses to what nobody reads, and without what only they needed.

    Under sequential consistency the two agree on every property of the program: an access that is gone changed nothing
    that another statement, or a property, looks at. (It may have followed NULL: that is another question.)
    """
    needs = _Needs()
    for asked in program.properties:
        for instance in asked.instances:
            for expr in (instance.situation, instance.violation):
                for leaf in leaves(expr):
                    match leaf:
                        case Final(cell=cell):
                            needs.cells.add(cell)
                        case ThreadVar(thread=thread, name=name):
                            needs.variables.add((thread, name))
                        case _:
                            pass
    size = -1
    while size != needs.size:
        size = needs.size
        threads = tuple(replace(t, body=_kept(t.body, t.name, needs)) for t in program.threads)
    variables = needs.variables
    return replace(
        program,
        threads=tuple(
            replace(t, variables=tuple(v for v in t.variables if (t.name, v[0]) in variables)) for t in threads
        ),
    )


@dataclass(slots=True)
class _Needs:
    """What is read: variables by thread, and cells."""

    variables: set[tuple[str, str]] = field(default_factory=set)
    cells: set[CellName] = field(default_factory=set)

    @property
    def size(self) -> int:
        return len(self.variables) + len(self.cells)

    def read(self, thread: str, *exprs: Expr) -> None:
        self.variables |= {(thread, leaf.name) for expr in exprs for leaf in leaves(expr) if isinstance(leaf, Var)}

    def access(self, thread: str, place: Place) -> None:
        self.read(thread, place.base)
        self.cells |= {cell for _, cell in place.targets}

    def wanted(self, place: Place) -> bool:
        return any(cell in self.cells for _, cell in place.targets)


def _kept(body: tuple[Statement, ...], thread: str, needs: _Needs) -> tuple[Statement, ...]:
    kept: list[Statement] = []
    for statement in body:
        new = _statement(statement, thread, needs)
        if new is not None:
            kept.append(new)
    return tuple(kept)


def _statement(statement: Statement, thread: str, needs: _Needs) -> Statement | None:
    """The statement if it is needed; what it needs is noted."""
    match statement:
        case If(condition=condition):
            then, otherwise = _kept(statement.then, thread, needs), _kept(statement.otherwise, thread, needs)
            if not then and not otherwise:
                return None
            needs.read(thread, condition)
            return replace(statement, then=then, otherwise=otherwise)
        case Block() | Loop():
            return replace(statement, body=_kept(statement.body, thread, needs))
        case Assign(variable=variable, value=value):
            if (thread, variable) not in needs.variables:
                return None
            needs.read(thread, value)
        case Load(place=place, into=into):
            used = any((thread, variable) in needs.variables for _, variable in into)
            if not used and statement.order != "srcu-lock":
                return None
            needs.access(thread, place)
        case Store(place=place, values=values):
            if statement.order != "srcu-unlock" and not needs.wanted(place):
                return None
            needs.read(thread, place.base, *(value for _, value in values))
        case Rmw():
            return _rmw(statement, thread, needs)
        case Acquire(place=place) | Release(place=place):
            needs.access(thread, place)
        case Flush(mm=mm):
            needs.read(thread, mm)
        case Fence():
            return None
        case Grace(place=where):
            needs.read(thread, *(() if where is None else (where.base,)))
        case Region() | Exit():
            pass
        case never:
            assert_never(never)
    return statement


def _rmw(event: Rmw, thread: str, needs: _Needs) -> Statement | None:
    """A read-modify-write is needed where it waits, where its write is read, or what it has read."""
    used = any((thread, variable) in needs.variables for _, variable in event.into)
    if not used and not needs.wanted(event.place) and event.await_ == Const(1, BOOL):
        return None
    needs.access(thread, event.place)
    needs.read(thread, event.when, event.await_, *(value for _, value in event.values))
    return event
