"""Store buffers: the classic shapes, what drains them, and the same ends as the axioms allow."""

import random
from dataclasses import replace

import pytest

from encoder.concrete.explorer.explore import explore, explore_all
from encoder.memory import MODELS
from encoder.memory.model import StateMachine
from encoder.program.core import Const, Ended, Expr, Program, Statement
from tests.concrete.build import (
    TRUE,
    both,
    cell,
    equal,
    final,
    flush,
    grace,
    irq,
    load,
    lock,
    never,
    of,
    program,
    rmw,
    store,
    thread,
    unlock,
    var,
    when,
)
from tests.concrete.enumerate import TooMany, allowed
from tests.fuzz.ends import condition, ends
from tests.fuzz.maker import Limits, Maker
from tests.memory.weak import fence

CELLS = [
    cell("x"),
    cell("y"),
    cell("z"),
    cell("w"),
    cell("l", lock=True),
    cell("m", lock=True),
    cell("h", 1, lock=True),
]


def possible(made: Program, end: Expr, machine: StateMachine = "store buffers") -> bool:
    """Whether all threads can end so; a reduced search says the same."""
    asked = never(both(end, *(Ended(t.name) for t in made.threads)))
    answers = set()
    for reduce in (False, True):
        (found,) = explore_all(made, [asked], loops=2, max_states=100_000, machine=machine, reduce=reduce)
        assert found.outcome != "gave up"
        answers.add(found.outcome == "violated")
    assert len(answers) == 1
    return answers.pop()


def both_old(*between: Statement) -> bool:
    """Store buffering with something between the store and the load."""
    made = program(
        CELLS,
        thread("a", store("x", 1), *between, load("y", "r"), variables=["r", "s"]),
        thread("b", store("y", 1), *between, load("x", "r"), variables=["r", "s"]),
    )
    return possible(made, both(equal(of("a", "r"), 0), equal(of("b", "r"), 0)))


ADD = rmw("z", "s", Const(1))
FAILED = rmw("z", "s", Const(1), when=Const(0))


@pytest.mark.parametrize(
    ("between", "reordered"),
    [
        ((), True),
        ((fence("mb"),), False),
        ((fence("wmb"),), True),
        (grace(), False),
        ((fence("after-atomic"),), True),
        ((ADD,), False),
        ((FAILED,), True),
        ((replace(FAILED, fails_locked=True),), False),
        ((replace(FAILED, read_order="mb", write_order="mb"),), True),
        ((lock("l"), unlock("l")), False),
        ((lock("l", "read"), unlock("l", "read")), False),
        ((lock("l", into="s"), when(var("s"), [unlock("l")])), False),
        ((lock("h", into="s"),), True),
        ((irq(True), irq(False)), True),
        ((flush(True),), False),
        ((flush(False),), False),
    ],
)
def test_what_a_load_may_overtake(between: tuple[Statement, ...], reordered: bool) -> None:
    assert both_old(*between) == reordered


def test_a_release_waits_in_the_buffer() -> None:
    made = program(
        CELLS,
        thread("a", lock("l"), store("x", 1), unlock("l"), load("y", "r"), variables=["r"]),
        thread("b", lock("m"), store("y", 1), unlock("m"), load("x", "r"), variables=["r"]),
    )
    assert possible(made, both(equal(of("a", "r"), 0), equal(of("b", "r"), 0)))
    assert not possible(made, both(equal(of("a", "r"), 0), equal(of("b", "r"), 0)), "interleavings")


def test_a_lock_hands_over_what_was_stored() -> None:
    body = (lock("l"), load("x", "r"), store("x", Const(5)), unlock("l"))
    made = program(CELLS, *(thread(name, *body, variables=["r"]) for name in "ab"))
    assert not possible(made, both(equal(of("a", "r"), 0), equal(of("b", "r"), 0)))
    assert not possible(made, equal(final("x"), 0))


def test_a_thread_reads_its_own_store_before_others_do() -> None:
    made = program(
        CELLS,
        thread("a", store("x", 1), load("x", "r"), load("y", "s"), variables=["r", "s"]),
        thread("b", store("y", 1), load("y", "r"), load("x", "s"), variables=["r", "s"]),
    )
    mine = both(equal(of("a", "r"), 1), equal(of("b", "r"), 1))
    assert possible(made, both(mine, equal(of("a", "s"), 0), equal(of("b", "s"), 0)))
    assert not possible(made, equal(of("a", "r"), 0))


def test_stores_keep_their_order() -> None:
    made = program(
        CELLS,
        thread("a", store("x", 1), store("y", 1)),
        thread("b", load("y", "r"), load("x", "s"), variables=["r", "s"]),
    )
    assert not possible(made, both(equal(of("b", "r"), 1), equal(of("b", "s"), 0)))


def test_all_readers_see_one_order_of_independent_stores() -> None:
    made = program(
        CELLS,
        thread("a", store("x", 1)),
        thread("b", store("y", 1)),
        thread("c", load("x", "r"), load("y", "s"), variables=["r", "s"]),
        thread("d", load("y", "r"), load("x", "s"), variables=["r", "s"]),
    )
    first = both(equal(of("c", "r"), 1), equal(of("c", "s"), 0))
    assert possible(made, first)
    assert not possible(made, both(first, equal(of("d", "r"), 1), equal(of("d", "s"), 0)))


def test_what_is_judged_has_nothing_in_a_buffer() -> None:
    made = program([cell("x"), cell("y")], thread("a", store("x", 1), store("y", 1), load("x", "r"), variables=["r"]),
                   thread("b", load("x", "r"), load("y", "r"), variables=["r"]))  # fmt: skip
    gone = never(both(Ended("a"), equal(final("y"), 0)))
    assert explore(made, gone, loops=1, max_states=1000, machine="store buffers").outcome == "safe"


def test_flush_waits_until_the_stores_of_a_region_are_seen() -> None:
    reader = thread("a", irq(True), store("x", 1), irq(False), load("z", "r"), variables=["r"], runs=1)
    flusher = thread("f", flush(True), flush(False), load("x", "r"), store("z", 1), variables=["r"], runs=2)
    made = program(CELLS, reader, flusher)
    seen = never(both(Ended("a"), Ended("f"), equal(of("f", "r"), 0), equal(of("a", "r"), 1)))
    assert explore(made, seen, loops=1, max_states=10_000, machine="store buffers").outcome == "violated"
    inside = thread("a", irq(True), load("y", "r"), store("x", 1), irq(False), variables=["r"], runs=1)
    late = thread("f", store("y", 1), flush(True), flush(False), load("x", "s"), variables=["s"], runs=2)
    old = both(equal(of("a", "r"), 0), equal(of("f", "s"), 0))
    assert not possible(program(CELLS, inside, late), old)
    assert possible(program(CELLS, replace(inside, runs=2), late), old)


def test_steps_count_and_draining_does_not() -> None:
    made = program([cell("x"), cell("y")], thread("a", store("x", 1)), thread("b", load("x", "r"), variables=["r"]))
    seen = never(equal(of("b", "r"), 1))
    found = explore(made, seen, loops=1, max_states=100, depth=2, machine="store buffers")
    assert (found.outcome, found.schedule) == ("violated", ("a", "b"))
    assert found.story == ("a: store", "a: x.v is seen", "b: load")
    assert explore(made, seen, loops=1, max_states=100, depth=1, machine="store buffers").outcome == "safe"
    full = explore(made, never(Const(0)), loops=1, max_states=100, machine="store buffers")
    assert (full.complete, full.longest) == (True, 2)


def compare_with_axioms(seeds: range, most: int = 1500) -> None:
    """Every end of a random program, those that no execution has included."""
    seen = set()
    for seed in seeds:
        made = Maker(random.Random(seed), Limits(wrong=False, symbols=False)).program()
        try:
            found = ends(made, most)
        except TooMany:
            continue
        picked = sorted(found)
        random.Random(seed).shuffle(picked)
        for what in picked[:20]:
            expected = any(allowed(made, MODELS["tso"], candidate) for candidate in found[what])
            seen.add(expected)
            asked = never(condition(made, what), TRUE)
            for reduce in (False, True):
                (one,) = explore_all(made, [asked], loops=2, max_states=100_000, machine="store buffers", reduce=reduce)
                assert (one.outcome == "violated") == expected, (seed, what, reduce)
    assert seen == {True, False}


def test_ends_are_those_that_the_axioms_allow() -> None:
    compare_with_axioms(range(8), 300)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_ends_are_those_that_the_axioms_allow_of_many(block: int) -> None:
    compare_with_axioms(range(100 + 20 * block, 120 + 20 * block))
