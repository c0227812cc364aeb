"""Expressions of the resolved program, turned into Python functions."""

from collections.abc import Callable
from typing import TypeVar, assert_never

from encoder.concrete.semantics.affine import same
from encoder.program.core import (
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

Env = TypeVar("Env")


def wrapped(value: int, type: Scalar) -> int:
    """The value of `type` that stands for `value`: 32 bits wrap, bool is `!= 0`, a pointer is what it is."""
    match type.kind:
        case "int":
            return (value + 2**31) % 2**32 - 2**31
        case "unsigned":
            return value % 2**32
        case "bool":
            return int(bool(value))
        case "pointer":
            return value
        case never:
            assert_never(never)


def fits(value: int, type: Scalar) -> bool:
    """Whether `value` is a value of `type` as it stands."""
    return value >= 0 if type.kind == "pointer" else same(wrapped(value, type), value)


def arith(op: Op, left: int, right: int, type: Scalar) -> int:
    """`left op right` as a value of `type`; a shift count is read as unsigned, and 32 or more shifts all bits out."""
    match op:
        case Op.ADD:
            return wrapped(left + right, type)
        case Op.SUB:
            return wrapped(left - right, type)
        case Op.MUL:
            return wrapped(left * right, type)
        case Op.AND:
            return wrapped(left & right, type)
        case Op.OR:
            return wrapped(left | right, type)
        case Op.XOR:
            return wrapped(left ^ right, type)
        case Op.SHL:
            return wrapped(left << min(right % 2**32, 32), type)
        case Op.SHR:
            return wrapped(left >> min(right % 2**32, 32), type)
        case Op.EQ:
            return int(same(left, right))
        case Op.NE:
            return int(not same(left, right))
        case Op.LT:
            return int(left < right)
        case Op.LE:
            return int(left <= right)
        case Op.LAND:
            return int(bool(left) and bool(right))
        case Op.LOR:
            return int(bool(left) or bool(right))
        case never:
            assert_never(never)


def compiled(expr: Expr, leaf: Callable[[Leaf], Callable[[Env], int]]) -> Callable[[Env], int]:
    """A function from an environment to the expression's value; `leaf` says how the environment answers for a leaf."""
    match expr:
        case Const(value):
            return lambda env: value
        case Var() | Final() | ThreadVar() | At() | Ended() | Waits() | Keeps():
            return leaf(expr)
        case Not(operand):
            inner = compiled(operand, leaf)
            return lambda env: int(not inner(env))
        case Convert(operand, type):
            inner = compiled(operand, leaf)
            return lambda env: wrapped(inner(env), type)
        case Arith(op, left, right, type):
            first, second = compiled(left, leaf), compiled(right, leaf)
            return lambda env: arith(op, first(env), second(env), type)
        case Choose(condition, then, otherwise):
            test, yes, no = (compiled(part, leaf) for part in (condition, then, otherwise))
            return lambda env: yes(env) if test(env) else no(env)
        case never:
            assert_never(never)
