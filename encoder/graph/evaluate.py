"""From the program's expressions to terms, given the values of its variables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, assert_never

from encoder.graph.term import Term, Terms
from encoder.program.core import (
    BOOL,
    INT,
    Arith,
    At,
    Choose,
    Const,
    Convert,
    Ended,
    Expr,
    Final,
    Keeps,
    Leaf,
    Not,
    Op,
    Scalar,
    ThreadVar,
    Var,
    Waits,
)

INT_LOW = -(2**31)


class Lookup(Protocol):
    """Maps a variable to its term, or to None before its first assignment."""

    def get(self, name: str, /) -> Term | None: ...


class Variables:
    """The values of a thread's variables on a path: those assigned since the last join, and those of the joined paths,
    merged on demand."""

    __slots__ = ("join", "known")

    def __init__(self, known: dict[str, Term | None], join: "VariablesJoin | None") -> None:
        self.known = known
        self.join = join

    def get(self, name: str, /) -> Term | None:
        """The variable's term, None before its first assignment."""
        if name not in self.known:
            self.known[name] = None if self.join is None else self.join.get(name)
        return self.known[name]

    def assigned(self, values: Mapping[str, Term]) -> "Variables":
        """The variables after assignments."""
        return Variables({**self.known, **values}, self.join)


@dataclass(frozen=True, slots=True)
class VariablesJoin:
    """The join of two mutually exclusive paths: a variable has its value of `one` where `condition` holds, else that of
    `other`."""

    terms: Terms
    condition: Term
    one: Variables
    other: Variables
    types: Mapping[str, Scalar]

    def get(self, name: str, /) -> Term | None:
        a, b = self.one.get(name), self.other.get(name)
        if a is b:
            return a
        start = zero(self.terms, self.types[name])
        return self.terms.choose(self.condition, start if a is None else a, start if b is None else b)


def zero(terms: Terms, scalar: Scalar) -> Term:
    """The value of a variable of this type before its first assignment."""
    return terms.false if scalar == BOOL else terms.const(0)


def to_type(terms: Terms, term: Term, scalar: Scalar) -> Term:
    """The term converted to `scalar`: truth for bool, modulo 2^32 for int and unsigned."""
    match scalar.kind:
        case "bool":
            return terms.as_bool(term)
        case "int":
            return terms.wrap(term, INT_LOW)
        case "unsigned":
            return terms.wrap(term, 0)
        case "pointer":
            return terms.as_int(term)
        case _:
            assert_never(scalar.kind)


def evaluate(terms: Terms, expr: Expr, env: Lookup) -> Term:
    """The term of a pure expression over a thread's variables, or over the scenario's symbols.

    Raises TypeError for the state expressions that only properties may contain.
    """

    def variable(leaf: Leaf) -> Term:
        if not isinstance(leaf, Var):
            raise TypeError(f"{type(leaf).__name__} outside a property")
        value = env.get(leaf.name)
        return zero(terms, leaf.type) if value is None else value

    return term_of(terms, expr, variable)


def term_of(terms: Terms, expr: Expr, leaf: Callable[[Leaf], Term]) -> Term:
    """The term of an expression; `leaf` gives the terms of its leaves."""
    match expr:
        case Const(value=value, type=scalar):
            return terms.truth(bool(value)) if scalar == BOOL else terms.const(value)
        case Not(operand=operand):
            return terms.not_(terms.as_bool(term_of(terms, operand, leaf)))
        case Convert(operand=operand, type=scalar):
            return to_type(terms, term_of(terms, operand, leaf), scalar)
        case Arith(op=op, left=left, right=right, type=scalar):
            return combine(terms, op, term_of(terms, left, leaf), term_of(terms, right, leaf), scalar)
        case Choose(condition=condition, then=then, otherwise=otherwise):
            chosen = terms.as_bool(term_of(terms, condition, leaf))
            return terms.choose(chosen, term_of(terms, then, leaf), term_of(terms, otherwise, leaf))
        case Var() | Final() | ThreadVar() | At() | Ended() | Waits() | Keeps():
            return leaf(expr)
        case _:
            assert_never(expr)


def combine(terms: Terms, op: Op, a: Term, b: Term, scalar: Scalar = INT) -> Term:
    """The term of a binary operation, whose result has type `scalar` where it is an integer."""
    match op:
        case Op.LAND:
            return terms.and_(terms.as_bool(a), terms.as_bool(b))
        case Op.LOR:
            return terms.or_(terms.as_bool(a), terms.as_bool(b))
        case Op.EQ:
            return terms.eq(a, b)
        case Op.NE:
            return terms.not_(terms.eq(a, b))
        case Op.LT:
            return terms.lt(a, b)
        case Op.LE:
            return terms.le(a, b)
        case Op.ADD | Op.SUB | Op.MUL | Op.AND | Op.OR | Op.XOR | Op.SHL | Op.SHR:
            return to_type(terms, terms.arith(op.value, a, b), scalar)
        case _:
            assert_never(op)
