"""The interface of scopes: what an expression's names mean, and what reading memory or calling a function does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from encoder.base.source import Span
from encoder.program.core import Code, Expr
from encoder.program.problems import Problems
from encoder.program.symbol_table import SymbolTable
from encoder.program.values import Location, Value
from encoder.spec.syntax import Call, Expression, Name, Position, Subscript


class Scope(Protocol):
    """The scope of a thread's script, procedure or macro; of the initial state; or of a property."""

    @property
    def table(self) -> SymbolTable: ...

    @property
    def problems(self) -> Problems: ...

    def lookup(self, name: Name) -> Value:
        """What a name means, constants and literals excepted. Raises Rejected."""

    def load(self, location: Location, expression: Expression) -> Value:
        """The value of a memory location. Raises Rejected."""

    def parameter(self, base: Expr, struct: str, name: str, span: Span) -> Value:
        """A number that the scenario gives an object. Raises Rejected."""

    def call(self, call: Call) -> Value | None:
        """The value of a call, None if it has none. Raises Rejected."""

    def position(self, position: Position) -> Expr:
        """The value of `thread at label`. Raises Rejected."""

    def index(self, index: Expr, length: int, expression: Subscript) -> None:
        """Called where an array or list of `length` is indexed. Raises Rejected."""

    def unreachable(self) -> AbstractContextManager[None]:
        """In this context expressions are checked, but their events never happen."""

    def capture(self, evaluation: Callable[[], Expr]) -> tuple[Expr, Code]:
        """A value, and the events of its evaluation, which are not emitted."""

    def join(self, condition: Expr, then: tuple[Expr, Code], otherwise: tuple[Expr, Code]) -> Expr:
        """`condition ? then : otherwise`, with the events of the chosen value only."""
