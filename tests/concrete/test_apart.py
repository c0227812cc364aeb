"""What variables and cells can hold at all, against properties."""

import pytest

from encoder.concrete.apart import apart
from encoder.program.core import Const, Ended, Expr, Program
from tests.concrete.build import add, both, cell, equal, final, load, negate, never, of, program, store, thread, var

READER = thread("b", load("x", "r"), store("y", add(var("r"), 1)), variables=["r"])
MADE: Program = program([cell("x"), cell("y"), cell("z", Const(3))], thread("a", store("x", 2)), READER)


@pytest.mark.parametrize(
    ("breaks", "word"),
    [
        (equal(of("b", "r"), 1), "agrees"),
        (equal(of("b", "r"), 2), "gave up"),
        (both(Ended("b"), equal(of("b", "r"), 1)), "agrees"),
        (both(negate(equal(of("b", "r"), final("x"))), equal(final("x"), of("b", "r"))), "agrees"),
        (equal(final("z"), 0), "agrees"),
        (equal(final("y"), 7), "gave up"),
        (both(equal(final("y"), 7), equal(final("z"), 2)), "agrees"),
    ],
    ids=["never held", "held", "with what is not known", "no choice", "never written", "computed", "whatever y is"],
)
def test_what_no_values_can_be_is_excluded(breaks: Expr, word: str) -> None:
    assert apart(MADE, never(breaks), vacuous=False).word == word


def test_a_situation_is_asked_by_itself() -> None:
    asked = never(equal(of("b", "r"), 1), situation=equal(of("b", "r"), 2))
    assert apart(MADE, asked, vacuous=False).word == "agrees"
    assert apart(MADE, asked, vacuous=True).word == "gave up"
