"""Where an expression stands: what its names mean and what reading memory or calling something does there."""

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
    """A thread's script, a procedure, a macro; the start; or a property."""

    @property
    def world(self) -> SymbolTable: ...

    @property
    def problems(self) -> Problems: ...

    def lookup(self, name: Name) -> Value:
        """What a name means here, constants and literals apart. Raises Rejected."""

    def load(self, location: Location, expression: Expression) -> Value:
        """The value of a memory location. Raises Rejected."""

    def parameter(self, base: Expr, struct: str, name: str, span: Span) -> Value:
        """A number that the scenario gives an object. Raises Rejected."""

    def call(self, call: Call) -> Value | None:
        """The value of a call, None if it has none. Raises Rejected."""

    def position(self, position: Position) -> Expr:
        """`thread at label`. Raises Rejected."""

    def index(self, index: Expr, length: int, expression: Subscript) -> None:
        """Take note that an array or list of `length` is indexed. Raises Rejected."""

    def unreachable(self) -> AbstractContextManager[None]:
        """What is evaluated inside is checked, but never happens."""

    def capture(self, evaluation: Callable[[], Expr]) -> tuple[Expr, Code]:
        """A value and the events of its evaluation, which are held back."""

    def join(self, condition: Expr, then: tuple[Expr, Code], otherwise: tuple[Expr, Code]) -> Expr:
        """One of two values, with the events of that one only."""
