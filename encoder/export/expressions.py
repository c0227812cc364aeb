"""Expressions of a program as C over the registers of a litmus test, where every value is an int."""

from collections.abc import Callable

from encoder.program.core import BOOL, Arith, Choose, Const, Convert, Expr, Leaf, Not, Op

NameLeaf = Callable[[Leaf], str]


def c_expression(expr: Expr, name: NameLeaf) -> str:
    """The expression; `name` gives the register of a leaf. A choice is written as a sum, as herd7 knows no `?`."""

    def c(inner: Expr) -> str:
        match inner:
            case Const(value=value):
                return str(value) if value >= 0 else f"(0 - {-value})"
            case Not(operand=operand):
                return f"!{_grouped(c(operand))}"
            case Convert(operand=operand, type=type) if type == BOOL:
                return f"({c(operand)} != 0)"
            case Convert(operand=operand):
                return c(operand)
            case Arith(op=op, left=left, right=right):
                return f"({c(left)} {op.value} {c(right)})"
            case Choose(condition=condition, then=then, otherwise=otherwise):
                chosen = c(condition)
                return f"(({chosen} != 0) * {c(then)} + ({chosen} == 0) * {c(otherwise)})"
            case _:
                return name(inner)

    return c(expr)


def _grouped(text: str) -> str:
    return text if text.isidentifier() or text.startswith("(") else f"({text})"


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
