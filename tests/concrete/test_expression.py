"""Arithmetic of the resolved program, against values worked out by hand."""

from collections.abc import Callable

import pytest

from encoder.concrete.semantics.expression import apply_operator, compile_expression, wrap
from encoder.program.core import BOOL, INT, UNSIGNED, Choose, Const, Convert, Expr, Leaf, Op, Scalar

LOWEST, HIGHEST = -(2**31), 2**31 - 1


def value_of(expr: Expr) -> int:
    """The value of an expression without variables."""

    def leaf(name: Leaf) -> Callable[[None], int]:
        raise AssertionError(name)

    return compile_expression(expr, leaf)(None)


@pytest.mark.parametrize(
    ("op", "left", "right", "type", "result"),
    [
        (Op.ADD, HIGHEST, 1, INT, LOWEST),
        (Op.ADD, 2**32 - 1, 1, UNSIGNED, 0),
        (Op.SUB, LOWEST, 1, INT, HIGHEST),
        (Op.SUB, 0, 1, UNSIGNED, 2**32 - 1),
        (Op.MUL, 2**16, 2**16, INT, 0),
        (Op.MUL, -3, 5, INT, -15),
        (Op.AND, -1, 1023, INT, 1023),
        (Op.OR, -8, 1, INT, -7),
        (Op.XOR, -1, 5, INT, -6),
        (Op.SHL, 1, 31, INT, LOWEST),
        (Op.SHL, 3, 32, INT, 0),
        (Op.SHL, 3, -1, INT, 0),
        (Op.SHR, -8, 1, INT, -4),
        (Op.SHR, -8, 40, INT, -1),
        (Op.SHR, 2**32 - 1, 31, UNSIGNED, 1),
        (Op.EQ, 3, 3, BOOL, 1),
        (Op.NE, 3, 3, BOOL, 0),
        (Op.LT, -1, 0, BOOL, 1),
        (Op.LE, 2, 1, BOOL, 0),
        (Op.LAND, 2, 4, BOOL, 1),
        (Op.LAND, 2, 0, BOOL, 0),
        (Op.LOR, 0, 4, BOOL, 1),
        (Op.LOR, 0, 0, BOOL, 0),
    ],
)
def test_operators(op: Op, left: int, right: int, type: Scalar, result: int) -> None:
    assert apply_operator(op, left, right, type) == result


@pytest.mark.parametrize(
    ("value", "type", "result"),
    [(-1, UNSIGNED, 2**32 - 1), (2**32 - 1, INT, -1), (2**31, INT, LOWEST), (256, BOOL, 1), (0, BOOL, 0)],
)
def test_conversions(value: int, type: Scalar, result: int) -> None:
    assert wrap(value, type) == result
    assert value_of(Convert(Const(value), type)) == result


def test_choice_takes_any_number_but_0_as_true() -> None:
    assert [value_of(Choose(Const(condition), Const(1), Const(2))) for condition in (0, 1, -4)] == [2, 1, 1]
