"""Expressions of the resolved program, worked out one operator after the other as the type's docstring has them."""

from collections.abc import Mapping
from functools import cache
from typing import assert_never

from encoder.program.core import Arith, Choose, Const, Convert, Expr, Not, Op, Scalar, Var
from encoder.spec.walk import walk


def within(value: int, type: Scalar) -> int:
    """The value of the type that has the same last 32 bits; `bool` is whether it is not 0."""
    match type.kind:
        case "int":
            last = value & 0xFFFF_FFFF
            return last - 0x1_0000_0000 if last > 0x7FFF_FFFF else last
        case "unsigned":
            return value & 0xFFFF_FFFF
        case "bool":
            return 1 if value else 0
        case "pointer":
            return value
        case never:
            assert_never(never)


def value(expr: Expr, values: Mapping[str, int]) -> int:
    """The expression's value. Raises TypeError for what does not stand in threads."""
    match expr:
        case Const(value=number):
            return number
        case Var(name=name):
            return values[name]
        case Not(operand=operand):
            return 0 if value(operand, values) else 1
        case Convert(operand=operand, type=type):
            return within(value(operand, values), type)
        case Choose(condition=condition, then=then, otherwise=otherwise):
            return value(then if value(condition, values) else otherwise, values)
        case Arith(op=op, left=left, right=right, type=type):
            return within(_operation(op, value(left, values), value(right, values)), type)
        case _:
            raise TypeError(f"{expr} stands in a thread")


def _operation(op: Op, left: int, right: int) -> int:
    match op:
        case Op.ADD:
            return left + right
        case Op.SUB:
            return left - right
        case Op.MUL:
            return left * right
        case Op.AND:
            return left & right
        case Op.OR:
            return left | right
        case Op.XOR:
            return left ^ right
        case Op.SHL:
            return left << right if 0 <= right < 32 else 0
        case Op.SHR:
            return left >> right if 0 <= right < 32 else -int(left < 0)
        case Op.EQ:
            return int(left == right)
        case Op.NE:
            return int(left != right)
        case Op.LT:
            return int(left < right)
        case Op.LE:
            return int(left <= right)
        case Op.LAND:
            return int(left != 0 and right != 0)
        case Op.LOR:
            return int(left != 0 or right != 0)
        case never:
            assert_never(never)


@cache
def variables(expr: Expr) -> frozenset[str]:
    """The variables that the expression is written with."""
    return frozenset(part.name for part in walk(expr) if isinstance(part, Var))


@cache
def unpicked(expr: Expr) -> frozenset[str]:
    """The variables that go into the value otherwise than by what is compared, negated or asked for a choice."""
    if isinstance(expr, Not | Choose) or (isinstance(expr, Convert | Arith) and expr.type.kind == "bool"):
        return frozenset()
    if isinstance(expr, Arith):
        return unpicked(expr.left) | unpicked(expr.right)
    return unpicked(expr.operand) if isinstance(expr, Convert) else variables(expr)
