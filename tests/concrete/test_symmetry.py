"""Threads that are alike: the search may let one order of them stand for all, and nothing else may change."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from encoder.concrete.explorer.explore import explore
from encoder.concrete.explorer.symmetry import symmetry_classes
from encoder.concrete.interleaving.replay import replay
from encoder.program.core import Ended, Expr, Program, Property, Statement, Thread
from tests.concrete.build import (
    add,
    assign,
    block,
    both,
    cell,
    equal,
    final,
    flush,
    irq,
    leave,
    load,
    never,
    of,
    program,
    site,
    store,
    thread,
    var,
    when,
)

INCREMENT = (load("x", "r"), store("x", add(var("r"), 1)))
READER = (irq(True), load("x", "r"), when(equal(var("r"), 0), [assign("q", 1)]), irq(False), assign("q", 0))


def twins(names: str, body: tuple[Statement, ...] = INCREMENT, runs: int = 0) -> list[Thread]:
    return [thread(name, *body, variables=["r", "q"], role="twin", runs=runs) for name in names]


def never_of(names: str, condition: Callable[[str], Expr]) -> Property:
    """One instance for each thread."""
    instances = [replace(never(condition(name)).instances[0], text=name) for name in names]
    return replace(never(equal(final("x"), 0)), instances=tuple(instances))


INCREMENTS = program([cell("x")], *twins("abc"))


def test_like_threads_are_a_class_whatever_their_blocks_are_called() -> None:
    def blocks(id: int) -> tuple[Statement, ...]:
        return (block(id, when(equal(var("r"), 0), [leave(id)]), *INCREMENT),)

    made = program([cell("x")], *twins("a", blocks(1)), *twins("b", blocks(7)), *twins("c"))
    assert symmetry_classes(made, never(equal(final("x"), 9))) == (0, 0, 2)


@pytest.mark.parametrize("change", [{"role": "other"}, {"runs": 1}, {"body": INCREMENT[:1]}])
def test_threads_that_differ_are_no_class(change: dict[str, object]) -> None:
    first, second = twins("ab")
    made = program([cell("x")], first, replace(second, **change))  # type: ignore[arg-type]
    assert symmetry_classes(made, never(equal(final("x"), 9))) == (0, 1)


def test_property_that_names_one_thread_tells_them_apart() -> None:
    assert symmetry_classes(INCREMENTS, never(equal(of("a", "r"), 1))) == (0, 1, 2)
    assert symmetry_classes(INCREMENTS, never_of("abc", lambda t: equal(of(t, "r"), 1))) == (0, 0, 0)


@pytest.mark.parametrize(("value", "outcome"), [(3, "violated"), (4, "safe")])
def test_symmetry_keeps_the_answer_and_saves_states(value: int, outcome: str) -> None:
    asked = never_of("abc", lambda t: both(Ended(t), equal(final("x"), value)))
    whole, fewer = (explore(INCREMENTS, asked, loops=1, max_states=10_000, symmetry=s) for s in (False, True))
    assert whole.outcome == fewer.outcome == outcome
    assert (fewer.longest, len(fewer.schedule), fewer.situation) == (whole.longest, len(whole.schedule), True)
    assert fewer.states < whole.states / 2


def test_schedule_found_with_symmetry_is_a_true_one() -> None:
    asked = never_of("abc", lambda t: both(Ended(t), equal(of(t, "r"), 2)))
    found = explore(INCREMENTS, asked, loops=1, max_states=10_000, symmetry=True)
    assert replay(INCREMENTS, asked, dict(found.symbols), found.schedule, 1).violated == found.violated


def flushed(*waiting: Statement) -> Program:
    """Readers that mark (q) a region in which they saw x as 0; the other sets x, flushes, and sets y."""
    flusher = thread("f", store("x", 1), flush(True), *waiting, store("y", 1), runs=1)
    return program([cell("x"), cell("y")], *twins("abc", READER, runs=1), flusher)


@pytest.mark.parametrize(("waiting", "outcome"), [((flush(False),), "safe"), ((), "violated")])
def test_flush_knows_whom_it_waits_for_when_threads_change_places(waiting: tuple[Statement, ...], outcome: str) -> None:
    made = flushed(*waiting)
    asked = never_of("abc", lambda t: both(equal(final("y"), 1), equal(of(t, "q"), 1)))
    whole, fewer = (explore(made, asked, loops=1, max_states=100_000, symmetry=s) for s in (False, True))
    assert whole.outcome == fewer.outcome == outcome
    assert (fewer.longest, len(fewer.schedule)) == (whole.longest, len(whole.schedule))
    assert fewer.states < whole.states / 2


def test_variable_that_is_not_read_again_keeps_no_states_apart() -> None:
    made = program([cell("x")], thread("a", load("x", "r"), variables=["r"]), thread("b", store("x", 1)))
    forgotten = explore(made, never(equal(final("x"), 2)), loops=1, max_states=100)
    observed = explore(made, never(equal(of("a", "r"), 2)), loops=1, max_states=100)
    assert (forgotten.states, observed.states) == (4, 5)


def test_like_threads_are_a_class_wherever_their_tests_stand() -> None:
    def tested(name: str) -> Thread:
        (own,) = twins(name, (load("x", "r"), replace(when(equal(var("r"), 0), INCREMENT), site=site("look", name))))
        return own

    made = program([cell("x")], tested("a"), tested("b"))
    assert symmetry_classes(made, never(equal(final("x"), 9))) == (0, 0)


def test_threads_called_like_what_they_touch_are_told_apart() -> None:
    threads = [thread(name, load(name, "r"), variables=["r"], role="twin") for name in "xy"]
    made = program([cell("x"), cell("y", 1)], *threads)
    assert symmetry_classes(made, never(equal(final("x"), 9))) == (0, 1)
