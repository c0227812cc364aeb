"""Which threads are identical, and which conditions are asked once for several."""

from dataclasses import replace
from itertools import permutations

import pytest

from encoder.base.source import Span
from encoder.program.core import At, Ended, Expr, Place, Scalar, Statement, Thread
from encoder.smt.thread_symmetry import identical_threads, representative
from tests.concrete.build import (
    INT,
    add,
    block,
    both,
    equal,
    final,
    leave,
    load,
    loop,
    negate,
    of,
    site,
    store,
    thread,
    var,
    when,
)

BODY = (load("x", "r"), when(equal(var("r"), 0), [store("y", add(var("r"), 1))]), load("l", "s"))


def twin(name: str, *body: Statement, role: str = "twin", runs: int = 1) -> Thread:
    return thread(name, *(body or BODY), variables=["r", "s"], role=role, runs=runs)


def alike(one: Thread, other: Thread) -> bool:
    return identical_threads([one, other])[one.name] == [one.name, other.name]


@pytest.mark.parametrize("names", [("a", "b"), ("x", "y"), ("load", "twin"), ("r", "s"), ("x", "xx"), ("v", "'")])
def test_names_do_not_matter(names: tuple[str, str]) -> None:
    assert alike(*map(twin, names))


def test_neither_does_where_and_how_a_step_was_written() -> None:
    one, *rest = BODY
    elsewhere = replace(site("load", "b", "look"), span=Span("other.yaml", 9, 1, 2), source="mm/y.c g()", procedure="f")
    assert alike(twin("a"), twin("b", replace(one, site=elsewhere), *rest))  # type: ignore[arg-type]


def test_blocks_are_the_same_where_they_are_left_alike() -> None:
    def blocks(outer: int, inner: int, left: int) -> tuple[Statement, ...]:
        return block(outer, loop(inner, *BODY, when(var("s"), [leave(left)]), bound=1)), store("x", 1)

    assert alike(twin("a", *blocks(1, 2, 1)), twin("b", *blocks(7, 3, 7)))
    assert not alike(twin("a", *blocks(1, 2, 1)), twin("b", *blocks(1, 2, 2)))
    more = replace(blocks(1, 2, 1)[0], body=(loop(2, *BODY, when(var("s"), [leave(1)]), bound=2),))  # type: ignore[call-arg]
    assert not alike(twin("a", *blocks(1, 2, 1)), twin("b", more, store("x", 1)))


def of_struct(struct: str) -> Place:
    target = load("x", "r").place
    return replace(target, struct=struct, base=replace(target.base, type=Scalar(kind="pointer", struct=struct)))


@pytest.mark.parametrize(
    "other",
    [
        twin("y", load("y", "r")),  # an object called like its thread, as the first one's is
        twin("y", load(of_struct("y"), "r")),
        twin("y", load("x.y", "r")),
        twin("y", load("x", "s")),
        twin("y", load("x", "r", label="y")),
        twin("y", replace(load("x", "r"), order="acquire")),
        twin("y", load("x", "r"), role="y"),
        twin("y", load("x", "r"), runs=2),
        twin("y", load("x", "r"), load("x", "r")),
        replace(twin("y", load("x", "r")), variables=(("r", INT), ("y", INT))),
    ],
)
def test_what_threads_do_and_are_matters(other: Thread) -> None:
    assert not alike(twin("x", load("x", "r", label="load")), other)


CLASSES = identical_threads([*map(twin, "abc"), twin("d", *BODY[:1]), *(twin(n, *BODY[:2]) for n in "ef")])
Conditions = tuple[Expr, Expr]


def asked(*threads: str) -> Conditions:
    """A situation and a violation that speak of threads, not all in the same way."""
    first, *others = threads
    return both(*map(Ended, others), equal(of(first, "r"), 1)), negate(both(At(first, "load"), equal(final("x"), 1)))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a", "b", True), ("a", "d", False), ("ab", "bc", True), ("ab", "ba", True), ("ad", "bd", True),
        ("ad", "da", False), ("abd", "cad", True), ("ae", "bf", True), ("ae", "ea", False), ("abe", "acd", False),
        ("aa", "ab", False), ("aa", "bb", True), ("abc", "cab", True),
    ],
)  # fmt: skip
def test_conditions_that_differ_only_in_who_is_who(one: str, other: str, same: bool) -> None:
    assert (representative(asked(*one), CLASSES) == representative(asked(*other), CLASSES)) is same


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_representative_speaks_of_other_threads_of_the_same_classes(number: int) -> None:
    """And of as many: some permutation of identical threads turns the one condition into the other."""
    for threads in permutations("abcdef", number):
        order = [*threads[1:], threads[0]]  # as `asked` mentions them
        places = {name: CLASSES[name] for name in order}
        new = [places[name][sum(other in places[name] for other in order[:n])] for n, name in enumerate(order)]
        assert representative(asked(*threads), CLASSES) == asked(new[-1], *new[:-1])
        assert len(set(new)) == number
