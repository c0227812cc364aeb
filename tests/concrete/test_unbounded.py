"""Loops without a bound: a search that has seen every state has seen any number of rounds."""

from typing import get_args

import pytest

from encoder.concrete.explorer.explore import explore, explore_all
from encoder.concrete.explorer.longest_path import longest_path
from encoder.memory.model import StateMachine
from encoder.program.core import BOOL, Arith, Choose, Const, Ended, Op, Program
from tests.concrete.build import (
    add,
    assign,
    both,
    cell,
    equal,
    final,
    leave,
    load,
    loop,
    negate,
    never,
    of,
    program,
    rmw,
    store,
    thread,
    var,
    when,
)


def retrying(bound: int | None) -> Program:
    """Threads that add one to x by compare-and-exchange, again and again until nobody interferes."""
    exchange = rmw("x", "r", add(var("old"), 1), when=equal(var("r"), var("old")))
    body = loop(1, load("x", "old"), exchange, when(equal(var("r"), var("old")), [leave(1)]), bound=bound)
    return program([cell("x")], *(thread(name, body, variables=["r", "old"]) for name in "abc"))


ENDED = both(*(Ended(name) for name in "abc"))


@pytest.mark.parametrize("bound", [None, 1, 2])
@pytest.mark.parametrize("machine", get_args(StateMachine))
def test_retries_without_a_bound_are_proved_for_any_number(bound: int | None, machine: StateMachine) -> None:
    lost = never(negate(equal(final("x"), 3)), situation=ENDED)
    found = explore(retrying(bound), lost, loops=None, max_states=10_000, machine=machine)
    assert (found.outcome, found.complete, found.beyond, found.situation) == ("safe", True, (), True)
    assert found.longest is not None and found.longest > 6


def test_waiting_comes_back_to_where_it_was() -> None:
    poll = loop(1, load("x", "r"), when(equal(var("r"), 1), [leave(1)]), bound=2)
    made = program(
        [cell("x"), cell("y")], thread("a", poll, store("y", 1), variables=["r"]), thread("b", store("x", 1))
    )
    early = never(both(Ended("a"), equal(final("x"), 0)))
    bounded = explore(made, early, loops=1, max_states=100)
    assert (bounded.outcome, bounded.longest, bounded.beyond) == ("safe", 4, ("loop",))
    for machine in get_args(StateMachine):
        for reduce in (False, True):
            (found,) = explore_all(made, [early], loops=None, max_states=100, machine=machine, reduce=reduce)
            assert (found.outcome, found.complete, found.longest, found.beyond) == ("safe", True, None, ())


def test_one_who_goes_in_circles_alone_hides_nobody() -> None:
    circle = loop(1, load("z", "r"), when(equal(var("r"), 1), [leave(1)]))
    made = program([cell("z"), cell("y")], thread("a", circle, variables=["r"]), thread("b", store("y", 1)))
    (found,) = explore_all(made, [never(equal(final("y"), 1))], loops=None, max_states=100, reduce=True)
    assert found.outcome == "violated"


def test_counting_for_ever_is_given_up() -> None:
    count = loop(1, store("x", var("i")), assign("i", add(var("i"), 1)))
    made = program([cell("x")], thread("a", count, variables=["i"]))
    found = explore(made, never(equal(final("x"), -1)), loops=None, max_states=100)
    assert (found.outcome, found.complete) == ("gave up", False)
    far = never(Arith(Op.LE, Const(50), final("x"), BOOL))
    assert len(explore(made, far, loops=None, max_states=100).schedule) == 51
    assert explore(made, far, loops=9, max_states=100).outcome == "safe"


def test_stores_that_no_bound_ends_are_given_up_soon() -> None:
    """States that each have one store more in a buffer took gigabytes."""
    spin = loop(1, store("y", 1), load("x", "r"), when(equal(var("r"), 1), [leave(1)]), bound=2)
    made = program(
        [cell("x"), cell("y")],
        thread("a", spin, variables=["r"]),
        thread("b", load("y", "r"), store("x", 1), variables=["r"]),
    )
    asked = never(equal(final("y"), 2))
    assert explore(made, asked, loops=None, max_states=100).complete
    found = explore(made, asked, loops=None, max_states=1_000_000, machine="store buffers")
    assert (found.outcome, found.complete) == ("gave up", False)
    assert found.states < 2000
    assert explore(made, asked, loops=2, max_states=1000, machine="store buffers").complete


def test_no_bound_hides_what_takes_more_rounds() -> None:
    more = Choose(equal(var("n"), 3), Const(3), add(var("n"), 1))
    poll = loop(1, load("x", "r"), when(equal(var("r"), 1), [leave(1)]), assign("n", more), bound=2)
    made = program([cell("x")], thread("a", poll, variables=["r", "n"]), thread("b", store("x", 1)))
    thrice = never(both(Ended("a"), equal(of("a", "n"), 3)))
    assert explore(made, thrice, loops=9, max_states=1000).outcome == "safe"
    assert len(explore(made, thrice, loops=None, max_states=1000).schedule) == 5


def test_longest_path() -> None:
    assert longest_path([(1, 2), (2,), ()], [(), (), ()], 3) == 2
    assert longest_path([(1,), (), ()], [(2,), (), ()], 3) == 1
    assert longest_path([(1,), (), ()], [(), (2,), ()], 3) == 1
    assert longest_path([(1,), (0,)], [], 2) is None
    assert longest_path([], [], 1) == 0
