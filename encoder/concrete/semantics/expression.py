"""Expressions of the resolved program, compiled to Python functions."""

from collections.abc import Callable
from typing import TypeVar, assert_never

from encoder.concrete.semantics.affine import equal_values
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


def wrap(value: int, type: Scalar) -> int:
    """`value` converted to `type`: 32-bit integers wrap around, bool is `!= 0`, a pointer is unchanged."""
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
    """Whether `value` is a value of `type` without conversion."""
    return value >= 0 if type.kind == "pointer" else equal_values(wrap(value, type), value)


def apply_operator(op: Op, left: int, right: int, type: Scalar) -> int:
    """`left op right` as a value of `type`; a shift count is read as unsigned, and 32 or more shifts all bits out."""
    match op:
        case Op.ADD:
            return wrap(left + right, type)
        case Op.SUB:
            return wrap(left - right, type)
        case Op.MUL:
            return wrap(left * right, type)
        case Op.AND:
            return wrap(left & right, type)
        case Op.OR:
            return wrap(left | right, type)
        case Op.XOR:
            return wrap(left ^ right, type)
        case Op.SHL:
            return wrap(left << min(right % 2**32, 32), type)
        case Op.SHR:
            return wrap(left >> min(right % 2**32, 32), type)
        case Op.EQ:
            return int(equal_values(left, right))
        case Op.NE:
            return int(not equal_values(left, right))
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


def compile_expression(expr: Expr, leaf: Callable[[Leaf], Callable[[Env], int]]) -> Callable[[Env], int]:
    """A function from an environment to the expression's value; `leaf` gives the function for a leaf."""
    match expr:
        case Const(value):
            return lambda env: value
        case Var() | Final() | ThreadVar() | At() | Ended() | Waits() | Keeps():
            return leaf(expr)
        case Not(operand):
            inner = compile_expression(operand, leaf)
            return lambda env: int(not inner(env))
        case Convert(operand, type):
            inner = compile_expression(operand, leaf)
            return lambda env: wrap(inner(env), type)
        case Arith(op, left, right, type):
            first, second = compile_expression(left, leaf), compile_expression(right, leaf)
            return lambda env: apply_operator(op, first(env), second(env), type)
        case Choose(condition, then, otherwise):
            test, yes, no = (compile_expression(part, leaf) for part in (condition, then, otherwise))
            return lambda env: yes(env) if test(env) else no(env)
        case never:
            assert_never(never)
