"""What variables and cells can hold at all, against properties."""

from dataclasses import replace

import pytest

from encoder.concrete.explorer.reachable_values import excluded_by_values
from encoder.program.core import Const, Ended, Expr, Load, Program, Store
from tests.concrete.build import (
    add,
    both,
    cell,
    equal,
    final,
    load,
    lock,
    negate,
    never,
    of,
    program,
    store,
    thread,
    unlock,
    var,
)

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
    assert excluded_by_values(MADE, never(breaks), vacuous=False).word == word


@pytest.mark.parametrize(
    ("holder", "word", "said"),
    [
        (("write", None), 1, "gave up"),
        (("write", "r"), 1, "gave up"),
        (("write", None), 2, "agrees"),
        (("read", None), 2, "gave up"),
    ],
)
def test_the_word_of_a_lock_changes_too(holder: tuple[str, str | None], word: int, said: str) -> None:
    mode, into = holder
    made = program(
        [cell("l", lock=True)],
        thread("a", lock("l", mode, into), unlock("l", mode), variables=["r"] if into else []),
        thread("b", load("l", "s"), variables=["s"]),
    )
    assert excluded_by_values(made, never(equal(of("b", "s"), word)), vacuous=False).word == said


def test_a_situation_is_asked_by_itself() -> None:
    asked = never(equal(of("b", "r"), 1), situation=equal(of("b", "r"), 2))
    assert excluded_by_values(MADE, asked, vacuous=False).word == "agrees"
    assert excluded_by_values(MADE, asked, vacuous=True).word == "gave up"


def test_of_plain_accesses_nothing_is_said() -> None:
    """Two that copy from each other may hold anything under the kernel's model."""
    copies = [
        thread(name, plain(load(source, "r")), plain(store(target, var("r"))), variables=["r"])
        for name, source, target in (("a", "x", "y"), ("b", "y", "x"))
    ]
    asked = never(equal(of("a", "r"), 7))
    assert excluded_by_values(program([cell("x"), cell("y")], *copies), asked, vacuous=False).word == "gave up"


def plain(access: Load | Store) -> Load | Store:
    return replace(access, order="plain")
