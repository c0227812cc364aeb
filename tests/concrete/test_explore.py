"""The explorer on programs whose reachable states are known."""

from dataclasses import replace

import pytest

from encoder.concrete.explorer.explore import explore
from encoder.program.core import At, Const, Ended, Program, SymbolRange, Var
from tests.concrete.build import (
    add,
    assign,
    both,
    cell,
    equal,
    final,
    leave,
    load,
    lock,
    loop,
    negate,
    never,
    of,
    place,
    program,
    rmw,
    store,
    thread,
    unlock,
    var,
    when,
)

STORE_BUFFERING = program(
    [cell("x"), cell("y")],
    thread("a", store("x", 1), load("y", "r"), variables=["r"]),
    thread("b", store("y", 1), load("x", "r"), variables=["r"]),
)
BOTH_ENDED = both(Ended("a"), Ended("b"))


def increments(*threads: str) -> Program:
    """Threads that read x and write back one more."""
    body = (load("x", "r"), store("x", add(var("r"), 1)))
    return program([cell("x")], *(thread(name, *body, variables=["r"]) for name in threads))


def test_store_buffering_never_reads_both_old() -> None:
    old = both(BOTH_ENDED, equal(of("a", "r"), 0), equal(of("b", "r"), 0))
    found = explore(STORE_BUFFERING, never(old), loops=1, max_states=100)
    assert (found.outcome, found.complete, found.longest) == ("safe", True, 4)


def test_store_buffering_may_read_one_old() -> None:
    old = both(BOTH_ENDED, equal(of("a", "r"), 0))
    found = explore(STORE_BUFFERING, never(old), loops=1, max_states=100)
    assert (found.outcome, found.schedule) == ("violated", ("a", "a", "b", "b"))


@pytest.mark.parametrize(("first", "second", "outcome"), [("data", "flag", "safe"), ("flag", "data", "violated")])
def test_message_passing(first: str, second: str, outcome: str) -> None:
    sent = program(
        [cell("data"), cell("flag")],
        thread("a", store(first, 1), store(second, 1)),
        thread("b", load("flag", "f"), load("data", "d"), variables=["f", "d"]),
    )
    stale = both(Ended("b"), equal(of("b", "f"), 1), equal(of("b", "d"), 0))
    assert explore(sent, never(stale), loops=1, max_states=100).outcome == outcome


def test_plain_increment_loses_an_update() -> None:
    lost = both(BOTH_ENDED, negate(equal(final("x"), 2)))
    found = explore(increments("a", "b"), never(lost), loops=1, max_states=100)
    assert (found.outcome, len(found.schedule)) == ("violated", 4)


def test_atomic_increment_loses_none() -> None:
    body = rmw("x", "r", add(var("r"), 1))
    atomic = program([cell("x")], *(thread(name, body, variables=["r"]) for name in "ab"))
    found = explore(atomic, never(both(BOTH_ENDED, negate(equal(final("x"), 2)))), loops=1, max_states=100)
    assert (found.outcome, found.complete, found.longest) == ("safe", True, 2)


def test_increment_under_a_lock_loses_none() -> None:
    body = (lock("l"), load("x", "r"), store("x", add(var("r"), 1), "inside"), unlock("l"))
    locked = program([cell("x"), cell("l", lock=True)], *(thread(name, *body, variables=["r"]) for name in "ab"))
    lost = both(BOTH_ENDED, negate(equal(final("x"), 2)))
    assert explore(locked, never(lost), loops=1, max_states=1000).outcome == "safe"
    together = both(At("a", "inside"), At("b", "inside"))
    assert explore(locked, never(together), loops=1, max_states=1000).outcome == "safe"


def test_situation_that_is_never_reached_is_said_so() -> None:
    impossible = never(Const(1), situation=equal(final("x"), 3))
    found = explore(increments("a", "b"), impossible, loops=1, max_states=100)
    assert (found.outcome, found.situation) == ("safe", False)
    possible = never(Const(0), situation=equal(final("x"), 2))
    assert explore(increments("a", "b"), possible, loops=1, max_states=100).situation


def test_depth_leaves_longer_schedules_unseen() -> None:
    reached = never(equal(final("x"), 2))
    short = explore(increments("a", "b"), reached, loops=1, max_states=100, depth=3)
    assert (short.outcome, short.complete, short.longest) == ("safe", False, None)
    assert explore(increments("a", "b"), reached, loops=1, max_states=100, depth=4).outcome == "violated"
    full = explore(increments("a", "b"), never(equal(final("x"), 3)), loops=1, max_states=100, depth=4)
    assert (full.outcome, full.complete, full.longest) == ("safe", True, 4)


def test_giving_up_is_not_safe() -> None:
    found = explore(increments("a", "b"), never(equal(final("x"), 3)), loops=1, max_states=3)
    assert (found.outcome, found.complete) == ("gave up", False)


def test_violation_in_the_start_needs_no_step() -> None:
    found = explore(increments("a"), never(equal(final("x"), 0)), loops=1, max_states=100)
    assert (found.outcome, found.schedule) == ("violated", ())


def spinning(bound: int | None) -> Program:
    """A thread that polls x until another has set it."""
    poll = loop(1, load("x", "r"), when(equal(var("r"), 1), [leave(1)]), bound=bound, label="wait/poll")
    return program([cell("x")], thread("a", poll, variables=["r"]), thread("b", store("x", 1)))


@pytest.mark.parametrize(("bound", "rounds"), [(None, 3), (1, 1)])
def test_loop_stops_beyond_its_bound(bound: int | None, rounds: int) -> None:
    found = explore(spinning(bound), never(Ended("a")), loops=3, max_states=100)
    assert found.schedule == ("b", "a")
    found = explore(spinning(bound), never(both(Ended("a"), equal(final("x"), 0))), loops=3, max_states=100)
    assert (found.outcome, found.longest, found.beyond) == ("safe", rounds + 1, ("wait/poll",))


def test_loop_that_ends_within_its_bound_is_not_beyond() -> None:
    count = loop(1, when(equal(var("i"), 2), [leave(1)]), store("x", var("i")), assign("i", add(var("i"), 1)))
    counting = program([cell("x")], thread("a", count, variables=["i"]))
    for bound, beyond in ((1, ("loop",)), (2, ()), (3, ())):
        assert explore(counting, never(Const(0)), loops=bound, max_states=100).beyond == beyond


def test_inner_loop_has_its_bound_in_each_outer_round() -> None:
    inner = loop(2, load("x", "r"), when(equal(var("r"), 0), [leave(2)]), bound=1, label="inner")
    nested = program([cell("x")], thread("a", loop(1, inner, bound=3, label="outer"), variables=["r"]))
    found = explore(nested, never(Const(0)), loops=9, max_states=100)
    assert (found.beyond, found.longest) == (("outer",), 3)


def test_every_symbol_is_tried_and_the_assumptions_hold() -> None:
    ranges = [SymbolRange(name="n", first=0, last=5), SymbolRange(name="k", first=0, last=1)]
    chosen = program(
        [cell("x", Var("n"))],
        thread("a", store("x", 9)),
        symbols=ranges,
        assumptions=[negate(equal(Var("n"), 3))],
    )
    for value, outcome in ((3, "safe"), (4, "violated"), (9, "violated"), (7, "safe")):
        found = explore(chosen, never(equal(final("x"), value)), loops=1, max_states=100)
        assert found.outcome == outcome
    found = explore(chosen, never(both(equal(Var("k"), 1), equal(final("x"), 9))), loops=1, max_states=100)
    assert dict(found.symbols)["k"] == 1


def test_no_admitted_start_is_no_proof() -> None:
    contradictory = program([cell("x")], thread("a", store("x", 1)), assumptions=[Const(0)])
    with pytest.raises(ValueError, match="assumptions"):
        explore(contradictory, never(Const(1)), loops=1, max_states=100)


def test_a_symbol_may_have_very_many_values() -> None:
    wide = program([cell("x", Var("n"))], symbols=[SymbolRange(name="n", first=0, last=10**6)])
    found = explore(wide, never(equal(final("x"), 7)), loops=1, max_states=100)
    assert (found.outcome, found.symbols) == ("violated", (("n", 7),))
    assert explore(wide, never(equal(final("x"), -1)), loops=1, max_states=100).outcome == "safe"


def test_fault_is_told_with_its_schedule_and_hides_nothing() -> None:
    nowhere = replace(place("x"), base=equal(var("r"), 0))
    faulty = program([cell("x")], thread("a", load("x", "r"), load(nowhere, "r", "deref"), variables=["r"]),
                     thread("b", store("x", 1), store("x", 2)))  # fmt: skip
    found = explore(faulty, never(both(equal(of("a", "r"), 1), equal(final("x"), 2))), loops=1, max_states=100)
    assert (found.outcome, found.schedule) == ("violated", ("b", "a", "b"))
    assert found.fault is not None
    assert (found.fault.schedule, "deref" in found.fault.message) == (("b", "a"), True)
