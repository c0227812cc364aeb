"""Where the arms of an `if` meet."""

import pytest

from encoder.program.core import If, Statement
from tests.concrete.build import block, equal, leave, load, loop, store, thread, var, when
from tests.opponent.flow import flow, places

C = equal(var("c"), 1)


def at(name: str) -> Statement:
    return store(name, 1)


def asked(condition: int, *arms: list[Statement]) -> Statement:
    """`if (c == condition)`."""
    return when(equal(var("c"), condition), *arms)


def meets(*body: Statement, rounds: int = 2) -> dict[int, str]:
    """For the `if` with each number in its condition, what its arms meet before: a cell, or "" for the end. Of several
    rounds the last one counts."""
    found = {}
    every = places(flow(thread("a", *body, variables=["c"]), rounds))
    for place in sorted(every, key=lambda each: -each.number):
        if isinstance(place.statement, If):
            met = place.meets
            assert met is not None
            shown = "" if met.statement is None else getattr(met.statement, "place", None)
            found[place.statement.condition.right.value] = shown if shown == "" else shown.targets[0][1].object
    return found


CASES = {
    "behind it": ([asked(1, [at("x")], [at("y")]), at("z")], {1: "z"}),
    "at the end": ([asked(1, [at("x")])], {1: ""}),
    "one in the other": ([asked(1, [asked(2, [at("x")]), at("y")]), at("z")], {1: "z", 2: "y"}),
    "an arm leaves": ([block(1, asked(1, [at("x"), leave(1)]), at("y")), at("z")], {1: "z"}),
    "both arms leave": ([block(1, asked(1, [leave(1)], [leave(1)])), at("z")], {1: "z"}),
    "an arm in an arm leaves": ([block(1, asked(1, [asked(2, [leave(1)])]), at("y")), at("z")], {1: "z", 2: "z"}),
    "they leave different blocks": (
        [block(2, block(1, asked(1, [leave(1)]), asked(2, [leave(2)])), at("x")), at("z")], {1: "z", 2: "z"},
    ),
    "they meet within a block": ([block(1, asked(1, [at("x")]), at("y"), leave(1)), at("z")], {1: "y"}),
    "round a loop": ([loop(1, load("x", "c"), asked(1, [leave(1)]), at("y")), at("z")], {1: "z"}),
    "one round": ([loop(1, load("x", "c"), asked(1, [at("y"), leave(1)]), bound=1), at("z")], {1: "z"}),
    "tests of a further round": ([loop(1, asked(1, [leave(1)]), bound=0), at("z")], {1: "z"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_arms_of_an_if_meet(case: str) -> None:
    body, expected = CASES[case]
    assert meets(*body) == expected
