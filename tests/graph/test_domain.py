"""Bounds hold every value, and are tight enough for what is packed into bits."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.graph.domain import bounds, calculate

OPERATORS = ("+", "-", "*", "&", "|", "^", "<<", ">>")
RANGE = st.tuples(st.integers(-40, 40), st.integers(0, 6)).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))


@given(st.sampled_from(OPERATORS), RANGE, RANGE)
def test_every_value_is_within_the_bounds(op: str, a: tuple[int, int], b: tuple[int, int]) -> None:
    low, high = bounds(op, a, b)
    values = [calculate(op, x, y) for x, y in product(range(a[0], a[1] + 1), range(b[0], b[1] + 1))]
    assert low <= min(values) and max(values) <= high


@pytest.mark.parametrize(
    ("op", "a", "b", "expected"),
    [
        ("&", (-512, 511), (15, 15), (0, 15)),
        ("&", (0, 511), (-33, -33), (0, 511)),
        (">>", (0, 511), (5, 5), (0, 15)),
        (">>", (-512, 511), (0, 40), (-512, 511)),
        ("<<", (0, 3), (5, 5), (0, 96)),
    ],
)
def test_a_mask_and_a_shift_leave_few_values(
    op: str, a: tuple[int, int], b: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert bounds(op, a, b) == expected
