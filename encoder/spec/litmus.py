"""The syntax tree of a litmus test, names not yet bound; its statements are steps of the statement language."""

from dataclasses import dataclass
from typing import Literal

from encoder.base.source import Span
from encoder.spec.syntax import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Global:
    """A shared variable `x`, or an array element `x[2]`."""

    name: str
    index: int | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A thread's register: `0:r1`."""

    thread: int
    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Literally:
    """A number."""

    value: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class LitmusAddress:
    """`&x`, or `x` where a value is expected; with `index` the address of an element."""

    name: str
    index: int
    span: Span


Observable = Global | Register
Constant = Literally | LitmusAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class InitEntry:
    """An entry of the init block; `type` as written, "" for none; `values` has several for an array, () for none."""

    type: str
    cell: Observable
    values: tuple[Constant, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class CParameter:
    type: str
    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A thread: `P0(int *x) {…}`. `declared` are its local variables."""

    name: str
    parameters: tuple[CParameter, ...]
    declared: tuple[str, ...]
    steps: tuple[Step, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """`0:r1 = 1`; `equal` false for `!=`."""

    left: Observable
    equal: bool
    right: Constant | Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Negation:
    operand: "Proposition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connective:
    op: Literal["and", "or", "implies"]
    left: "Proposition"
    right: "Proposition"


Proposition = Truth | Atom | Negation | Connective


@dataclass(frozen=True, slots=True, kw_only=True)
class LitmusText:
    """A whole test. `quantifier` applies to `proposition`; `filters` select the final states that count."""

    start: tuple[InitEntry, ...]
    functions: tuple[Function, ...]
    locations: tuple[Observable, ...]
    filters: tuple[Proposition, ...]
    quantifier: Literal["exists", "~exists", "forall"]
    proposition: Proposition
    span: Span
