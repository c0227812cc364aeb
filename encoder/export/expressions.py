"""Expressions of a program as C over the registers of a litmus test, where every value is an int.

The operators are those of herd7's C: `* + -`, `& | ^` and comparisons. It has no `!`, `&&`, `||`, `?`, `<<` and `>>`.
"""

from collections.abc import Callable

from encoder.export.names import Unwritable
from encoder.program.core import BOOL, Arith, Choose, Const, Convert, Expr, Leaf, Not, Op

NameLeaf = Callable[[Leaf], str]
LOGIC = {Op.LAND: "&", Op.LOR: "|"}


def c_expression(expr: Expr, name: NameLeaf) -> str:
    """The expression; `name` gives the register of a leaf. A choice is written as a sum. Raises Unwritable for a shift
    to the right, or by what is not known."""

    def c(inner: Expr) -> str:
        match inner:
            case Const(value=value):
                return str(value) if value >= 0 else f"(0 - {-value})"
            case Not(operand=operand):
                return f"({c(operand)} == 0)"
            case Convert(operand=operand, type=type) if type == BOOL:
                return f"({c(operand)} != 0)"
            case Convert(operand=operand):
                return c(operand)
            case Arith(op=Op.LAND | Op.LOR as op, left=left, right=right):
                return f"({truth(left, name)} {LOGIC[op]} {truth(right, name)})"
            case Arith(op=Op.SHL, left=left, right=Const(value=count)) if 0 <= count < 31:
                return f"({c(left)} * {1 << count})"
            case Arith(op=Op.SHL | Op.SHR):
                raise Unwritable("a shift to the right, or by what is not known")
            case Arith(op=op, left=left, right=right):
                return f"({c(left)} {op.value} {c(right)})"
            case Choose(condition=condition, then=then, otherwise=otherwise):
                chosen = c(condition)
                return f"(({chosen} != 0) * {c(then)} + ({chosen} == 0) * {c(otherwise)})"
            case _:
                return name(inner)

    return c(expr)


def truth(expr: Expr, name: NameLeaf) -> str:
    """Whether the expression is not 0, as 0 or 1."""
    text = c_expression(expr, name)
    match expr:
        case Not() | Const(value=0 | 1) | Arith(op=Op.LAND | Op.LOR | Op.EQ | Op.NE | Op.LT | Op.LE):
            return text
        case Convert(type=type) if type == BOOL:
            return text
        case _:
            return f"({text} != 0)"


def value_of(expr: Expr) -> int | None:
    """The value of an expression without leaves, None for one with leaves or with an operator that constants seldom
    have."""
    match expr:
        case Const(value=value):
            return value
        case Convert(operand=operand, type=type):
            inner = value_of(operand)
            return None if inner is None else int(inner != 0) if type == BOOL else inner
        case Not(operand=operand):
            inner = value_of(operand)
            return None if inner is None else int(not inner)
        case Arith(op=op, left=left, right=right):
            a, b = value_of(left), value_of(right)
            return None if a is None or b is None else _applied(op, a, b)
        case _:
            return None


def _applied(op: Op, a: int, b: int) -> int | None:
    match op:
        case Op.ADD:
            return a + b
        case Op.SUB:
            return a - b
        case Op.EQ:
            return int(a == b)
        case Op.NE:
            return int(a != b)
        case _:
            return None
