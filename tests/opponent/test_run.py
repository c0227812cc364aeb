"""What a thread's events depend on, by the run itself, and the words that its reads may return."""

from dataclasses import replace

import pytest

from encoder.program.core import Place, Statement
from tests.concrete.build import (
    add,
    assign,
    block,
    cell,
    equal,
    leave,
    load,
    loop,
    name,
    program,
    rmw,
    store,
    thread,
    var,
    when,
)  # fmt: skip
from tests.opponent.run import Runner, Trace
from tests.opponent.values import TooMany, traces

CELLS = {name(each): cell(each) for each in ("x", "y", "z")}
READ, LAST = load("x", "c"), store("y", var("d"))
ASKED = when(equal(var("d"), 1), [store("y", 1)])
POINTER = Place(base=var("d"), struct="x", field="v", targets=((1, name("y")), (2, name("z"))))


def ended(*body: Statement, read: int = 1) -> Trace:
    """The thread run to its end, all its reads returning this."""
    values = {each: frozenset({(read,)}) for each in CELLS}
    *_, last = Runner(thread("a", *body, variables=["c", "d", "e"]), CELLS, values, 2).traces()
    assert last.following is None
    return last


def last(*body: Statement, read: int = 1) -> tuple[set[int], set[int], set[int]]:
    """What the last event depends on: address, data, control."""
    deed = ended(*body, read=read).deeds[-1]
    return set(deed.address), set(deed.data), set(deed.control)


CASES = {
    "data": ([READ, store("y", add(var("c"), 1))], ((), (0,), ())),
    "data, passed on": ([READ, assign("d", var("c")), LAST], ((), (0,), ())),
    "an address": ([READ, assign("d", var("c")), store(POINTER, 1)], ((0,), (), ())),
    "control": ([READ, when(var("c"), [store("y", 1)])], ((), (), (0,))),
    "no control behind the arms": ([READ, when(var("c"), [store("y", 1)]), store("z", 1)], ((), (), ())),
    "set in an arm: no data": ([READ, when(var("c"), [assign("d", 1)]), LAST], ((), (), ())),
    "set in an arm: no address": ([READ, when(var("c"), [assign("d", 1)]), store(POINTER, 1)], ((), (), ())),
    "set in an arm: control": ([READ, when(var("c"), [assign("d", 1)]), ASKED], ((), (), (0,))),
    "set in an arm to what it was": ([assign("d", 1), READ, when(var("c"), [assign("d", 1)]), ASKED], ((), (), (0,))),
    "set in the other arm": ([assign("d", 1), READ, when(var("c"), [], [assign("d", 1)]), ASKED], ((), (), ())),
    "set in an arm, then again": ([READ, when(var("c"), [assign("d", 0)]), assign("d", 1), ASKED], ((), (), ())),
    "control, passed on": (
        [READ, when(var("c"), [assign("e", 1)]), assign("d", var("e")), ASKED], ((), (), (0,)),
    ),
    "control by control": (
        [READ, when(var("c"), [assign("e", 1)]), when(var("e"), [assign("d", 1)]), ASKED], ((), (), (0,)),
    ),
    "data in an arm": ([READ, when(var("c"), [load("z", "d")]), LAST], ((), (1,), ())),
    "read in an arm": ([READ, when(var("c"), [load("z", "d")]), ASKED], ((), (), (0, 1))),
    "an exchange": ([READ, rmw("y", "d", var("c"))], ((), (0,), ())),
    "an addition": ([READ, rmw("y", "d", add(var("d"), var("c")))], ((), (0, 1), ())),
    "an arm that leaves": ([READ, block(1, when(var("c"), [], [leave(1)]), store("y", 1))], ((), (), (0,))),
    "behind what an arm leaves": ([READ, block(1, when(var("c"), [leave(1)])), store("y", 1)], ((), (), ())),
    "set before an arm leaves": ([READ, block(1, when(var("c"), [assign("d", 1), leave(1)])), ASKED], ((), (), (0,))),
    "on one way only": (
        [READ, block(1, when(var("e"), [when(var("c"), [leave(1)])]), store("y", 1))], ((), (), ()),
    ),
    "behind a loop": ([loop(1, READ, when(var("c"), [leave(1)]), bound=1), store("y", 1)], ((), (), ())),
    "before a loop is left": ([loop(1, READ, when(var("c"), [store("y", 1), leave(1)]), bound=1)], ((), (), (0,))),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_an_event_depends_on(case: str) -> None:
    body, expected = CASES[case]
    assert last(*body) == tuple(map(set, expected))


def words(at: str, *bodies: list[Statement], most: int | None = None) -> set[int]:
    """What reads of a location return somewhere."""
    threads = [thread("ab"[n], *body, variables=["c", "d"]) for n, body in enumerate(bodies)]
    made = program(list(CELLS.values()), *threads)
    every = traces(made, 2, dict.fromkeys(CELLS, (0,)), most)
    deeds = [deed for own in every for trace in own for deed in trace.deeds]
    return {deed.read[0] for deed in deeds if deed.cell == name(at) and deed.read is not None}


def test_values_that_justify_each_other_are_kept() -> None:
    copy: list[Statement] = [load("y", "d"), store("x", var("d"))]
    assert words("x", [READ, when(equal(var("c"), 7), [assign("d", 7)]), LAST], copy) == {0, 7}
    assert words("x", [READ, store("y", var("c"))], copy) >= {0, 1, 2, 3}
    assert words("x", [READ, when(equal(var("c"), 7), [assign("d", 8)]), LAST], copy) == {0}
    assert words("x", [READ], copy) == {0}


def test_values_are_made_of_others() -> None:
    counted = rmw("x", "c", add(var("c"), 5))
    assert words("x", [counted], [counted, load("x", "d")]) >= {0, 5, 10}


def test_there_may_be_too_much_to_try() -> None:
    body: list[Statement] = [READ, store("x", var("c")), *(replace(READ) for _ in range(5))]
    with pytest.raises(TooMany):
        words("x", body, body, most=100)
