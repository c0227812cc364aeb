"""What the explorer says of right verdicts and of wrong ones."""

from dataclasses import replace

import pytest

from encoder.base.result import Opinion, Proved, Refuted, ScheduleStep, Unknown, Vacuous, Verdict, Witness
from encoder.concrete.explorer.compare_verdicts import SearchLimits, compare_verdicts
from encoder.memory.model import StateMachine
from encoder.program.core import BOOL, Const, Ended, Program, Property, SymbolRange, Var
from tests.concrete.build import (
    both,
    cell,
    equal,
    final,
    leave,
    load,
    loop,
    never,
    of,
    place,
    program,
    store,
    thread,
    unlock,
    var,
    when,
)

LIMITS = SearchLimits(states=10_000, seconds=60)
STEP = ScheduleStep(
    step=1, index=0, cpu=0, thread="a", procedure="", label="", path=(), event="", location="", value="", source=""
)
BOTH = both(Ended("a"), Ended("b"))
BUFFERING = program(
    [cell("x"), cell("y")],
    thread("a", store("x", 1), load("y", "r"), variables=["r"]),
    thread("b", store("y", 1), load("x", "r"), variables=["r"]),
)
OLD = never(both(equal(of("a", "r"), 0), equal(of("b", "r"), 0)), situation=BOTH)
SEEN = never(both(equal(of("a", "r"), 1), equal(of("b", "r"), 1)), situation=BOTH)
NOWHERE = never(Const(1), situation=equal(final("x"), 7))


def proved(steps: int = 4, *loops: str) -> Proved:
    return Proved(complete=not loops, steps=steps, open_loops=loops)


def refuted(steps: int) -> Refuted:
    return Refuted(witness=Witness(symbols=(), initial=(), schedule=(STEP,) * steps, final=(), violated=""))


def vacuous() -> Vacuous:
    return Vacuous(complete=True, steps=4)


def opinion(
    prop: Property, verdict: Verdict, machine: StateMachine = "interleavings", *, made: Program = BUFFERING,
    depth: int | None = None, limits: SearchLimits = LIMITS,
) -> Opinion:  # fmt: skip
    (found,) = compare_verdicts(made, [(prop, verdict)], machine=machine, loops=2, depth=depth, limits=limits)
    assert found.by == "explorer"
    return found


@pytest.mark.parametrize(
    ("prop", "verdict", "machine", "agrees"),
    [
        (OLD, proved(), "interleavings", True),
        (OLD, refuted(4), "interleavings", False),
        (OLD, vacuous(), "interleavings", False),
        (OLD, proved(), "store buffers", False),
        (OLD, refuted(4), "store buffers", True),
        (SEEN, refuted(4), "interleavings", True),
        (SEEN, refuted(5), "interleavings", False),
        (SEEN, refuted(3), "interleavings", False),
        (SEEN, refuted(5), "store buffers", True),
        (SEEN, proved(), "interleavings", False),
        (NOWHERE, vacuous(), "interleavings", True),
        (NOWHERE, vacuous(), "store buffers", True),
        (NOWHERE, proved(), "interleavings", False),
        (NOWHERE, refuted(3), "store buffers", False),
        (OLD, proved(3), "interleavings", False),
        (OLD, proved(4, "loop"), "interleavings", False),
    ],
)
def test_right_and_wrong_verdicts(prop: Property, verdict: Verdict, machine: StateMachine, agrees: bool) -> None:
    assert opinion(prop, verdict, machine).word == ("agrees" if agrees else "disagrees")


def test_disagreement_tells_its_own_story() -> None:
    assert opinion(OLD, proved(), "store buffers").detail == (
        "it breaks, 4 steps; no symbols; a: store, b: store, a: load, b: y.v is seen, b: load, a: x.v is seen"
    )
    found = opinion(SEEN, refuted(5)).detail
    assert (
        found
        == "a shortest schedule that breaks it is another, 4 steps; no symbols; a: store, b: store, a: load, b: load"
    )
    assert opinion(OLD, refuted(4)).detail == "no schedule of at most 4 steps breaks it; 13 states"
    assert opinion(OLD, vacuous()).detail.startswith("its situation is reached, 4 steps; no symbols; a: store, a: load")
    assert opinion(NOWHERE, proved()).detail == "its situation is never reached; 9 states"


def test_symbols_and_ranges_are_told() -> None:
    made = program([cell("x", Var("n"))], thread("a", load("x", "r"), when(equal(var("r"), 7), [store("x", 9)]),
                                                 variables=["r"]),
                   symbols=[SymbolRange(name="n", first=0, last=2000)])  # fmt: skip
    broken = never(equal(of("a", "r"), 7), situation=Ended("a"))
    assert opinion(broken, refuted(2), made=made).detail == "5 states, 3 ranges of n"
    assert opinion(broken, proved(), made=made).detail == "it breaks, 2 steps; n = 7; a: load, a: store"


def test_several_verdicts_in_one_go() -> None:
    found = compare_verdicts(
        BUFFERING,
        [(replace(OLD, name="old"), proved()), (replace(SEEN, name="seen"), refuted(4)),
         (replace(NOWHERE, name="nowhere"), vacuous()),
         (replace(NOWHERE, name="open"), Unknown(reason="", reached="", advice=""))],
        machine="interleavings", loops=1, depth=None, limits=LIMITS,
    )  # fmt: skip
    assert [each.word for each in found] == ["agrees", "agrees", "agrees", "gave up"]


def test_limits() -> None:
    few = opinion(OLD, proved(), limits=SearchLimits(states=3, seconds=60))
    assert (few.word, few.detail) == ("gave up", "after 5 states")
    assert opinion(OLD, proved(), limits=SearchLimits(states=1000, seconds=0)).word == "gave up"


def test_what_is_too_much_together_is_asked_apart() -> None:
    found = compare_verdicts(
        BUFFERING, [(replace(OLD, name="old"), proved()), (replace(NOWHERE, name="nowhere"), vacuous())],
        machine="interleavings", loops=1, depth=None, limits=SearchLimits(states=20, seconds=60),
    )  # fmt: skip
    assert [(each.word, each.detail) for each in found] == [("agrees", "13 states"), ("agrees", "9 states")]


def test_a_proof_to_a_depth_is_confirmed_to_that_depth() -> None:
    short = Proved(complete=False, steps=4)
    assert opinion(SEEN, short, depth=3).word == "disagrees"
    assert opinion(replace(SEEN, instances=never(equal(of("a", "r"), 1)).instances), short, depth=2).word == "agrees"
    assert opinion(SEEN, short, depth=4).word == "disagrees"


def test_loops_that_go_on_must_be_told() -> None:
    poll = loop(1, load("x", "r"), when(equal(var("r"), 1), [leave(1)]), label="poll")
    made = program([cell("x")], thread("a", poll, variables=["r"]), thread("b", store("x", 1)))
    asked = never(equal(final("x"), 0), situation=Ended("a"))
    assert opinion(asked, proved(4, "poll"), made=made).word == "agrees"
    assert opinion(asked, proved(), made=made).detail == "loops that go on beyond their bound: poll; 7 states"


def test_a_fault_is_no_proof() -> None:
    nowhere = replace(place("x"), base=equal(var("r"), 1))
    null = program([cell("x")], thread("a", load("x", "r"), load(nowhere, "r", "deref"), variables=["r"]))
    asked = never(Const(0, BOOL))
    assert "NULL" in opinion(asked, proved(), made=null).detail
    unheld = program([cell("l", lock=True)], thread("a", unlock("l")))
    assert "but not held for write" in opinion(asked, proved(), "store buffers", made=unheld).detail
    fine = program([cell("x", 1)], thread("a", load("x", "r"), load(nowhere, "r", "deref"), variables=["r"]))
    assert opinion(asked, proved(), made=fine).word == "agrees"
