"""Program slicing: removes what no property can depend on, whatever the threads do."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import assert_never

from encoder.program.core import (
    BOOL,
    Acquire,
    Assign,
    Block,
    CellName,
    Code,
    Const,
    Exit,
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
)
from encoder.program.traverse import expressions, leaves, rewrite_statements, variables, variables_set


def slice_program(program: Program) -> Program:
    """The program without accesses whose effect nothing reads, and without what only these needed.

    Under sequential consistency the two programs agree on every property: a removed access changed nothing that another
    statement, or a property, reads. (It may have dereferenced NULL, which is not compared.)
    """
    needs = _NeededNames()
    for prop in program.properties:
        for instance in prop.instances:
            for leaf in leaves(instance.situation, instance.violation):
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
        threads = tuple(
            replace(t, body=rewrite_statements(t.body, partial(needs.keep_if_needed, t.name))) for t in program.threads
        )
    return replace(
        program,
        threads=tuple(
            replace(t, variables=tuple(v for v in t.variables if (t.name, v[0]) in needs.variables)) for t in threads
        ),
    )


@dataclass(slots=True)
class _NeededNames:
    """What is read: variables by thread, and cells."""

    variables: set[tuple[str, str]] = field(default_factory=set)
    cells: set[CellName] = field(default_factory=set)

    @property
    def size(self) -> int:
        return len(self.variables) + len(self.cells)

    def keep_if_needed(self, thread: str, statement: Statement) -> Code:
        """The statement if it is needed; what it reads is then noted."""
        if not self._needed(thread, statement):
            return ()
        self.variables |= {(thread, name) for name in variables(*expressions(statement))}
        if isinstance(statement, Load | Rmw | Acquire | Release):
            self.cells |= {cell for _, cell in statement.place.targets}
        return (statement,)

    def _needed(self, thread: str, statement: Statement) -> bool:
        """Whether what the statement does is read, or the statement can wait, end something, or make others wait."""
        read = any((thread, name) in self.variables for name in variables_set(statement))
        match statement:
            case If(then=then, otherwise=otherwise):
                return bool(then or otherwise)
            case Assign():
                return read
            case Load(order=order):
                return read or order == "srcu-lock"
            case Store(order=order, place=place):
                return order == "srcu-unlock" or self._may_read(place)
            case Rmw(place=place, await_=wait):
                return read or self._may_read(place) or wait != Const(1, BOOL)
            case Fence():
                return False
            case Acquire() | Release() | Region() | Flush() | Grace() | Block() | Loop() | Exit():
                return True
            case never:
                assert_never(never)

    def _may_read(self, place: Place) -> bool:
        return any(cell in self.cells for _, cell in place.targets)
