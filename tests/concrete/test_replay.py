"""Replay: what it draws, what it refuses, and that a changed record is noticed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from encoder.base.errors import SelfCheckError
from encoder.base.result import ScheduleStep, Witness
from encoder.concrete.interleaving.format_values import format_word
from encoder.concrete.interleaving.replay import ReplayResult, confirm, replay
from encoder.program.core import (
    BOOL,
    INT,
    Choose,
    Component,
    Const,
    Ended,
    Expr,
    Program,
    Scalar,
    SymbolRange,
    ThreadVar,
    Var,
)
from tests.concrete.build import (
    add,
    both,
    cell,
    equal,
    fence,
    final,
    load,
    lock,
    loop,
    negate,
    never,
    place,
    program,
    rmw,
    store,
    thread,
    unlock,
    var,
    when,
)

PAGE = Scalar(kind="pointer", struct="page")
WORD = replace(
    cell("slot.pte"),
    components=(
        Component(name="dirty", type=BOOL),
        Component(name="n", type=INT),
        Component(name="page", type=PAGE),
        Component(name="present", type=BOOL),
    ),
    init=(Const(0), Const(0), Const(0), Const(0)),
)

RACE = program(
    [cell("x", Var("n")), cell("y"), cell("l", lock=True)],
    thread(
        "a", load("x", "r", "pin/read"), fence("pin/mb"), store("x", add(var("r"), 1), "pin/write"), variables=["r"]
    ),
    thread("b", lock("l"), rmw("x", "r", add(var("r"), 4), label="bump"), unlock("l"), store("y", 1), variables=["r"]),
    symbols=[SymbolRange(name="n", first=0, last=9)],
)
LOST = never(both(Ended("a"), Ended("b"), equal(final("x"), add(Var("n"), 1))), text="an update is lost")
SCHEDULE = tuple("abbabba")


def found(symbols: dict[str, int] | None = None) -> ReplayResult:
    return replay(RACE, LOST, symbols or {"n": 3}, SCHEDULE, loops=1)


def test_steps_are_numbered_and_placed() -> None:
    steps = found().steps
    assert [(s.step, s.index, s.cpu, s.thread) for s in steps] == [
        (1, 0, 0, "a"),
        (2, 0, 1, "b"),
        (3, 1, 1, "b"),
        (4, 1, 0, "a"),
        (5, 2, 1, "b"),
        (6, 3, 1, "b"),
        (7, 2, 0, "a"),
    ]
    assert (steps[0].label, steps[0].path, steps[0].source) == ("read", ("pin", "read"), "mm/x.c f()")


def test_values_are_drawn() -> None:
    assert [(s.location, s.value) for s in found().steps] == [
        ("x.v", "3"),
        ("l.v", "taken"),
        ("x.v", "3 -> 7"),
        ("", ""),
        ("l.v", "released"),
        ("y.v", "1"),
        ("x.v", "4"),
    ]
    assert found().initial == (("x.v", "3"), ("y.v", "0"), ("l.v", "0"))
    assert found().final == (("x.v", "4"), ("y.v", "1"), ("l.v", "0"))
    assert found().violated.text == "an update is lost"


def test_the_values_that_broke_it_are_named() -> None:
    assert found().broken == (("x.v", "3", "4"), ("n", "", "3"))


def test_only_the_part_that_broke_it_has_values() -> None:
    made = program([cell("x", 5), cell("y"), cell("z")], thread("a", store("x", 1), store("z", 2)))
    holds = both(equal(final("x"), 5), equal(final("y"), 0))
    assert replay(made, never(negate(holds)), {}, "a", loops=1).broken == (("x.v", "5", "1"),)
    assert replay(made, never(negate(holds), Ended("a")), {}, "aa", loops=1).broken == (("x.v", "5", "1"),)
    either = Choose(equal(final("z"), 2), equal(final("x"), 1), equal(final("y"), 0))
    assert replay(made, never(either), {}, "aa", loops=1).broken == (("x.v", "5", "1"),)


def test_race_is_the_last_change_and_what_it_clashes_with() -> None:
    assert [s.step for s in found().steps if s.racing] == [3, 7]


def test_steps_on_two_locations_are_no_pair() -> None:
    apart = program([cell("x"), cell("y")], thread("a", store("x", 1)), thread("b", store("y", 1)))
    seen = replay(apart, never(both(Ended("a"), Ended("b"))), {}, ["b", "a"], loops=1)
    assert [s.racing for s in seen.steps] == [False, True]
    alone = replay(apart, never(Ended("a")), {}, ["a"], loops=1)
    assert [s.racing for s in alone.steps] == [True]


def racing(made: Program, ends: Expr, schedule: str) -> list[int]:
    return [s.step for s in replay(made, never(ends), {}, tuple(schedule), loops=1).steps if s.racing]


def test_a_change_that_nobody_else_looks_at_is_not_half_of_the_pair() -> None:
    """b's store breaks it, and races with nothing: the pair is on x, which b's branch depends on, not the later one on
    z, which nothing depends on; with x among what is spoken of, it is on x too."""
    changed = when(equal(var("r"), 1), [store("y", 1)])
    made = program(
        [cell("x"), cell("y"), cell("z")],
        thread("a", store("x", 1), store("z", 1)),
        thread("b", load("x", "r"), changed, variables=["r"]),
        thread("c", load("z", "s"), variables=["s"]),
    )
    assert racing(made, equal(final("y"), 1), "aabcb") == [1, 3]
    assert racing(made, both(equal(final("y"), 1), equal(final("x"), 1)), "aabcb") == [1, 3]
    assert racing(made, both(equal(final("y"), 1), equal(final("z"), 1)), "aabcb") == [2, 4]


def test_steps_that_a_lock_keeps_apart_do_not_race() -> None:
    """Unless they only read: two readers may hold it together. The lock's own location does not count."""

    def under(mode: str) -> Program:
        inside = (lock("l", mode), rmw("x", "r", add(var("r"), 1)), unlock("l", mode))
        own = (thread(name, rmw("y", "s", Const(1)), *inside, variables=["r", "s"]) for name in "ab")
        return program([cell("x"), cell("y"), cell("l", lock=True)], *own)

    assert racing(under("write"), equal(final("x"), 2), "abaaabbb") == [1, 2]
    assert racing(under("read"), equal(final("x"), 2), "abaaabbb") == [4, 7]


def test_two_reads_do_not_race() -> None:
    reads = program(
        [cell("x")],
        thread("a", load("x", "r"), variables=["r"]),
        thread("b", store("x", 1), load("x", "r"), variables=["r"]),
    )
    seen = replay(
        reads, never(both(Ended("a"), Ended("b"), equal(ThreadVar("a", "r"), 1))), {}, ["b", "b", "a"], loops=1
    )
    assert [s.step for s in seen.steps if s.racing] == [1, 3]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ((0, 0, 0, 0), "{n=0}"),
        ((1, 3, 2, 1), "{page=q dirty present n=3}"),
        ((0, -1, 0, 1), "{present n=-1}"),
    ],
)
def test_words_are_drawn_by_their_parts(word: tuple[int, ...], text: str) -> None:
    made = program([WORD], objects=[("page", ("p", "q"))])
    assert format_word(made, WORD, word) == text


def test_pointers_are_drawn_as_objects() -> None:
    pointer = cell("head", type=PAGE)
    made = program([pointer], objects=[("page", ("p", "q"))])
    assert [format_word(made, pointer, (value,)) for value in (0, 1, 2)] == ["NULL", "p", "q"]


def test_failed_attempts_are_drawn_as_what_they_found() -> None:
    busy = program(
        [cell("x", 5), cell("l", 1, lock=True)],
        thread("a", lock("l", into="r"), rmw("x", "r", Const(1), when=Const(0)), variables=["r"]),
    )
    assert [s.value for s in replay(busy, never(Ended("a")), {}, ["a", "a"], loops=1).steps] == ["busy", "5"]


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("aaaa", "step 4: a has ended"),
        ("bbbb", "after 4 steps p is not broken"),
        ("c", "there is no thread c"),
    ],
)
def test_schedule_that_cannot_be_run_is_refused(schedule: str, message: str) -> None:
    with pytest.raises(SelfCheckError, match=message):
        replay(RACE, LOST, {"n": 3}, tuple(schedule), loops=1)


def test_waiting_step_is_refused() -> None:
    waiting = program([cell("l", lock=True)], *(thread(t, lock("l", label="take")) for t in "ab"))
    with pytest.raises(SelfCheckError, match="step 2: b has to wait at take"):
        replay(waiting, never(Ended("b")), {}, "ab", loops=1)


def test_step_beyond_a_loop_bound_is_refused() -> None:
    looping = program([cell("x")], thread("a", loop(1, load("x", "r"), label="again"), variables=["r"]))
    with pytest.raises(SelfCheckError, match="step 3: a is beyond the bound of the loop at again"):
        replay(looping, never(Const(0)), {}, "aaa", loops=2)


def test_faulting_step_is_refused() -> None:
    nowhere = replace(place("x"), base=Const(0, PAGE))
    faulty = program([cell("x")], thread("a", load(nowhere, "r"), variables=["r"]))
    with pytest.raises(SelfCheckError, match="step 1: a, load: NULL"):
        replay(faulty, never(Const(1)), {}, "a", loops=1)


def test_start_out_of_range_is_refused() -> None:
    with pytest.raises(SelfCheckError, match="n = 12 is not in"):
        found({"n": 12})


def witness() -> Witness:
    seen = found()
    return Witness(
        symbols=(("n", 3),), initial=seen.initial, schedule=seen.steps, final=seen.final, violated=seen.violated.text
    )


def test_recorded_witness_is_confirmed() -> None:
    assert confirm(RACE, LOST, witness(), loops=1) == found()


CHANGES: list[tuple[Callable[[ScheduleStep], ScheduleStep], str]] = [
    (lambda s: replace(s, value="9"), "step 3, value: the witness records '9', the replay finds '3 -> 7'"),
    (lambda s: replace(s, label="other"), "step 3, label"),
    (lambda s: replace(s, index=0), "step 3, index"),
    (lambda s: replace(s, source="mm/y.c"), "step 3, source"),
    (lambda s: replace(s, racing=False), "step 3, racing"),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_changed_step_is_noticed(change: Callable[[ScheduleStep], ScheduleStep], message: str) -> None:
    kept = witness()
    schedule = (*kept.schedule[:2], change(kept.schedule[2]), *kept.schedule[3:])
    with pytest.raises(SelfCheckError, match=message):
        confirm(RACE, LOST, replace(kept, schedule=schedule), loops=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"initial": (("x.v", "2"),)}, "start"),
        ({"final": ()}, "end"),
        ({"violated": "something else"}, "what broke"),
        ({"symbols": (("n", 4),)}, "step 1, value"),
    ],
)
def test_changed_record_is_noticed(change: dict[str, object], message: str) -> None:
    with pytest.raises(SelfCheckError, match=message):
        confirm(RACE, LOST, replace(witness(), **change), loops=1)  # type: ignore[arg-type]
