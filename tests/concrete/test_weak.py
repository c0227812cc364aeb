"""Weak executions as witnesses: what is accepted, what is refused and why, and what is drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from encoder.base.errors import SelfCheckError
from encoder.base.result import Witness
from encoder.concrete.axiomatic.replay import confirm_weak, interleaving_as_execution, replay_weak
from encoder.concrete.axiomatic.thread_runs import WitnessStep
from encoder.concrete.interleaving.replay import ReplayResult, replay
from encoder.memory import LKMM, MODELS, SC, TSO
from encoder.memory.model import MemoryModel
from encoder.program.core import At, Ended, Expr, Program, Statement, Thread, Var
from tests.concrete.build import (
    assign,
    block,
    both,
    cell,
    equal,
    final,
    flush,
    grace,
    irq,
    leave,
    lock,
    never,
    of,
    program,
    thread,
    unlock,
    when,
)
from tests.memory.test_classics import after_r, place_of_r
from tests.memory.weak import are, fence, inc, rcu, read, write
from tests.memory.weak import thread as body

Steps = Sequence[tuple[str, int, int | None]]


def made(*threads: Thread, locks: str = "", cells: str = "xyzu") -> Program:
    return program([cell(c) for c in cells] + [cell(c, lock=True) for c in locks], *threads)


def judged(
    whole: Program, ends: Expr, model: MemoryModel, steps: Steps, coherence: Mapping[str, Sequence[int]] | None = None
) -> ReplayResult:
    drawn = [WitnessStep(*step) for step in steps]
    return replay_weak(whole, never(ends, text="bad"), model, {}, drawn, coherence or {}, 2)


def refused(
    whole: Program, ends: Expr, model: MemoryModel, steps: Steps, coherence: Mapping[str, Sequence[int]] | None = None
) -> str:
    with pytest.raises(SelfCheckError) as error:
        judged(whole, ends, model, steps, coherence)
    return str(error.value)


BUFFERING = made(body("a", write("x"), read("y")), body("b", write("y"), read("x")))
BUFFERED = (("a", 0, None), ("b", 0, None), ("a", 1, 0), ("b", 1, 0))


def test_store_buffering_is_drawn_with_what_each_read_missed() -> None:
    found = judged(BUFFERING, are(a_r=0, b_r=0), TSO, BUFFERED)
    assert [(s.step, s.thread, s.index, s.location, s.value, s.reads_from, s.stale) for s in found.steps] == [
        (1, "a", 0, "x.v", "1", None, None),
        (2, "b", 0, "y.v", "1", None, None),
        (3, "a", 1, "y.v", "0", 0, 2),
        (4, "b", 1, "x.v", "0", 0, 1),
    ]
    assert found.final == (("x.v", "1"), ("y.v", "1"), ("z.v", "0"), ("u.v", "0"))
    assert found.coherence == ()
    assert found.cycle == (
        "step 1 (a store) -po-> step 3 (a load)",
        "step 3 (a load) -fr-> step 2 (b store)",
        "step 2 (b store) -po-> step 4 (b load)",
        "step 4 (b load) -fr-> step 1 (a store)",
    )


def test_an_axiom_that_breaks_is_named_with_a_cycle() -> None:
    assert refused(BUFFERING, are(a_r=0, b_r=0), SC, BUFFERED) == (
        "replay: SC forbids it: sc is not acyclic: step 1 -> step 3 -> step 2 -> step 4 -> step 1"
    )
    passing = made(
        body("a", write("x"), fence("wmb"), write("y")), body("b", read("y", order="acquire"), read("x", "s"))
    )
    steps = (("a", 0, None), ("a", 1, None), ("a", 2, None), ("b", 0, 3), ("b", 1, 0))
    assert "LKMM forbids it: happens-before is not acyclic" in refused(passing, are(b_r=1, b_s=0), LKMM, steps)
    assert "TSO forbids it: tso is not acyclic" in refused(passing, are(b_r=1, b_s=0), TSO, steps)


def test_a_later_event_of_a_thread_may_be_drawn_first() -> None:
    """Load buffering: no order of the steps agrees with both threads' program order."""
    ends = are(a_r=1, b_r=1)
    steps = (("a", 1, None), ("b", 1, None), ("a", 0, 2), ("b", 0, 1))
    free = made(body("a", read("x"), write("y")), body("b", read("y"), write("x")))
    assert judged(free, ends, LKMM, steps).steps[2].value == "1"
    assert "tso is not acyclic" in refused(free, ends, TSO, steps)


@pytest.mark.parametrize(
    ("first", "allowed"),
    [
        ([write("y", after_r())], False),
        ([when(Var("r"), [write("y")])], False),
        ([replace(write("y"), place=place_of_r("y"))], False),
        ([when(Var("r"), [assign("q", 1)], [assign("q", 1)]), write("y", Var("q"))], True),
        ([when(Var("r"), [assign("q", 1)], [assign("q", 1)]), when(Var("q"), [write("y")])], False),
        ([when(Var("r"), [assign("s", 1)], [assign("s", 1)]), write("y")], True),
        ([block(1, when(Var("r"), [assign("q", 1), leave(1)]), assign("q", 1)), write("y", Var("q"))], True),
        ([block(1, when(equal(Var("r"), 0), [leave(1)]), write("y"))], False),
        ([block(1, when(equal(Var("r"), 0), [leave(1)])), write("y")], True),
        ([block(1, block(2, when(equal(Var("r"), 0), [leave(1)])), write("y"))], False),
    ],
)
def test_dependencies_forbid_load_buffering(first: Sequence[Statement], allowed: bool) -> None:
    whole = made(body("a", read("x"), *first), body("b", read("y"), fence("mb"), write("x")))
    steps = (("b", 2, None), ("b", 1, None), ("a", 1, None), ("a", 0, 1), ("b", 0, 3))
    if allowed:
        assert judged(whole, are(a_r=1, b_r=1), LKMM, steps).steps
    else:
        assert "happens-before is not acyclic" in refused(whole, are(a_r=1, b_r=1), LKMM, steps)


def test_a_branch_is_decided_by_a_value_that_comes_later() -> None:
    """Both threads branch before they write what the other reads, and their arms have met by then."""
    skip = when(Var("r"), [assign("s", 1)], [assign("s", 2)])
    whole = made(body("a", read("x"), skip, write("y")), body("b", read("y"), skip, write("x")))
    steps = (("a", 1, None), ("b", 1, None), ("a", 0, 2), ("b", 0, 1))
    assert judged(whole, are(a_r=1, b_r=1, a_s=1), LKMM, steps).steps
    assert "is not broken" in refused(whole, are(a_s=2), LKMM, steps)


def test_values_from_thin_air_are_refused() -> None:
    whole = made(body("a", read("x"), write("y", Var("r"))), body("b", read("y"), write("x", Var("r"))))
    steps = (("a", 1, None), ("b", 1, None), ("a", 0, 2), ("b", 0, 1))
    assert "thin air" in refused(whole, are(a_r=1), LKMM, steps)


def test_two_increments_cannot_both_read_the_start() -> None:
    add = inc("x", "r", "relaxed", "relaxed")
    twice = made(body("a", add), body("b", add))
    steps = (("a", 0, 0), ("b", 0, 0))
    for model in MODELS.values():
        assert "atomic is not empty: step 2 (R) -> step 2 (W)" in refused(
            twice, are(a_r=0, b_r=0), model, steps, {"x.v": (1, 2)}
        )
    found = judged(twice, are(a_r=0, b_r=1), LKMM, (("a", 0, 0), ("b", 0, 1)), {"x.v": (1, 2)})
    assert [s.value for s in found.steps] == ["0 -> 1", "1 -> 2"]
    assert (found.coherence, found.cycle) == ((("x.v", (1, 2)),), ())


@pytest.mark.parametrize(
    ("steps", "coherence", "words"),
    [
        ((("a", 0, None), ("b", 0, None)), {}, "x.v has 2 writes and no coherence order"),
        ((("a", 0, None), ("b", 0, None)), {"x.v": (1,)}, "coherence order has (1,)"),
        ((("a", 0, None), ("b", 0, None)), {"w": (1,)}, "there is no location w"),
        ((("c", 0, None),), {}, "step 1: there is no thread c"),
        ((("a", 1, None),), {}, "a does its event 1, but not all events before it"),
        ((("a", 0, None), ("a", 0, None)), {}, "does its event 0 a second time"),
        ((("a", 0, 0),), {}, "reads nothing, but the schedule says that it reads from step 0"),
        ((("a", 0, None), ("a", 1, None)), {}, "but the schedule does not say from where"),
        ((("a", 0, None), ("a", 1, 1), ("a", 2, None)), {}, "step 3: a has ended"),
        ((("a", 0, None), ("a", 1, 2)), {}, "reads from step 2, which is not above it"),
        ((("b", 0, None), ("b", 1, None), ("a", 0, None), ("a", 1, 2)), {"x.v": (1, 3)}, "step 2, which writes y.v"),
        ((("a", 0, None), ("a", 1, 0)), {}, "LKMM forbids it: coherence is not acyclic"),
        ((("a", 0, None),), {}, "after 1 steps p is not broken"),
    ],
)  # fmt: skip
def test_what_is_no_execution_is_refused(steps: Steps, coherence: Mapping[str, Sequence[int]], words: str) -> None:
    whole = made(body("a", write("x"), read("x")), body("b", write("x", 2), write("y")))
    assert words in refused(whole, equal(final("x"), 7), LKMM, steps, coherence)


def test_the_last_write_in_coherence_order_stays() -> None:
    whole = made(body("a", write("x")), body("b", write("x", 2)))
    steps = (("a", 0, None), ("b", 0, None))
    assert judged(whole, equal(final("x"), 1), LKMM, steps, {"x.v": (2, 1)}).final[0] == ("x.v", "1")


def test_positions_where_threads_have_stopped() -> None:
    whole = made(body("a", write("x"), read("y")))
    assert judged(whole, At("a", "load"), LKMM, (("a", 0, None),)).steps
    assert judged(whole, Ended("a"), LKMM, (("a", 0, None), ("a", 1, 0))).steps


READER = (("b", 0, None), ("b", 1, 0))
WRITER = (("a", 0, None), ("a", 1, None), ("a", 2, None))
SEEN = both(equal(of("b", "s"), 0), equal(final("y"), 1))


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_flush_waits_for_an_open_irq_region(model: MemoryModel) -> None:
    """The reader has stopped in its region, having missed a write from before a flush that is over."""
    writer = body("a", write("x"), flush(True), flush(False))
    inside = (irq(True), read("x", "s"))

    def whole(runs: int, *end: Statement) -> Program:
        return made(writer, replace(body("b", *inside, *end), runs=runs))

    if model is not SC:  # SC says so itself: the read is before the write
        assert refused(whole(1), are(b_s=0), model, (*WRITER, *READER)) == (
            "replay: the section that begins with step 4, which is still open, and steps 2 to 3: "
            "neither can have come first"
        )
        assert judged(whole(2), are(b_s=0), model, (*READER, *WRITER)).steps
    closed = whole(1, irq(False))
    assert judged(closed, are(b_s=0), model, (*READER, ("b", 2, None), *WRITER)).steps


WAITS = dict.fromkeys(("arm64", "arm64-llsc", "lkmm"), "rcu is not irreflexive")
WAITED = (*WRITER, ("a", 3, None))  # with the end of the grace period, and the write after it


@pytest.mark.parametrize("model", MODELS.values())
def test_a_grace_period_waits_for_an_open_section(model: MemoryModel) -> None:
    writer = body("a", write("x"), *grace(), write("y"))
    steps = (*READER, *WAITED)
    opened = made(writer, body("b", rcu(True), read("x", "s")))
    told = WAITS.get(model.name, "neither can have come first")
    assert told in refused(opened, SEEN, model, steps)
    closed = made(writer, body("b", rcu(True), read("x", "s"), rcu(False)))
    assert judged(closed, SEEN, model, (*READER, ("b", 2, None), *WAITED)).steps


@pytest.mark.parametrize("model", MODELS.values())
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_grace_period_waits_for_an_open_srcu_section(place: str, model: MemoryModel) -> None:
    begin = read("u", "q", "srcu-lock")
    writer = body("a", write("x"), *grace("u" if place == "before" else "z"), write("y"))
    whole = made(writer, body("b", begin, read("x", "s")))
    steps = (("b", 0, 0), ("b", 1, 0), *WAITED)
    if place == "before":
        told = (
            "rcu is not irreflexive" if "rcu" in [each.name for each in model.axioms] else "neither can have come first"
        )
        assert told in refused(whole, SEEN, model, steps)
    else:
        assert judged(whole, SEEN, model, steps).steps


@pytest.mark.parametrize("model", MODELS.values())
def test_a_grace_period_waits_for_an_open_irq_region(model: MemoryModel) -> None:
    """Where the kernel is not too old; of what mm the CPU runs nobody asks."""
    whole = made(body("a", write("x"), *grace(), write("y")), body("b", irq(True), read("x", "s")))
    steps = (*READER, *WAITED)
    assert "neither can have come first" in refused(whole, SEEN, model, steps)
    assert judged(replace(whole, irq_readers=False), SEEN, model, steps).steps


def test_that_a_section_was_not_waited_for_is_part_of_the_cycle() -> None:
    """Without the grace period the same reads are an interleaving, as the section may have begun at first."""
    reader = body("b", rcu(True), read("x", "s"))
    steps = (("a", 0, None), ("a", 1, None), ("c", 0, 2))
    whole = made(body("a", write("x"), write("y")), reader, body("c", read("y"), *grace()))
    waited = judged(whole, are(b_s=0), LKMM, (*steps, ("c", 1, None), ("c", 2, None), ("b", 0, None), ("b", 1, 0)))
    assert waited.cycle == (
        "step 1 (a store) -po-> step 2 (a store)",
        "step 2 (a store) -rf-> step 3 (c load)",
        "step 3 (c load) -po-> step 4 (c grace)",
        "step 4 (c grace) -wait-> step 6 (b rcu)",
        "step 6 (b rcu) -po-> step 7 (b load)",
        "step 7 (b load) -fr-> step 1 (a store)",
    )
    whole = made(body("a", write("x"), write("y")), reader, body("c", read("y")))
    assert judged(whole, are(b_s=0), LKMM, (*steps, ("b", 0, None), ("b", 1, 0))).cycle == ()


def test_locks_exclude() -> None:
    whole = made(body("a", lock("l"), write("x"), unlock("l")), body("b", lock("l"), read("x", "s")), locks="l")
    steps = (("a", 0, 0), ("a", 1, None), ("b", 0, 1), ("b", 1, 0))
    assert "has to wait for the lock" in refused(whole, are(b_s=0), LKMM, steps, {"l.v": (1, 3)})
    stolen = (("a", 0, 0), ("a", 1, None), ("b", 0, 0), ("b", 1, 0))
    assert "atomic is not empty" in refused(whole, are(b_s=0), LKMM, stolen, {"l.v": (1, 3)})
    after = (("a", 0, 0), ("a", 1, None), ("a", 2, None), ("b", 0, 3), ("b", 1, 0))
    assert "forbids it" in refused(whole, are(b_s=0), LKMM, after, {"l.v": (1, 3, 4)})
    fine = (*after[:4], ("b", 1, 2))
    found = judged(whole, are(b_s=1), LKMM, fine, {"l.v": (1, 3, 4)})
    assert [s.value for s in found.steps] == ["taken", "1", "released", "taken", "1"]


def test_readers_share_a_lock() -> None:
    def shared(name: str) -> Thread:
        return body(name, lock("l", "read"), unlock("l", "read"))

    whole = made(shared("a"), shared("b"), locks="l")
    schedule = tuple("abab")
    steps, coherence = interleaving_as_execution(whole, {}, schedule, 2)
    assert [step.reads_from for step in steps] == [0, 1, 2, 3]
    ends = never(both(Ended("a"), Ended("b")))
    for model in MODELS.values():
        assert replay_weak(whole, ends, model, {}, steps, coherence, 2).final[-1] == ("l.v", "0")


def witness(found: ReplayResult) -> Witness:
    return Witness(
        symbols=(),
        initial=found.initial,
        schedule=found.steps,
        final=found.final,
        violated=found.violated.text,
        coherence=found.coherence,
        cycle=found.cycle,
    )


def test_a_recorded_witness_is_confirmed() -> None:
    ends = are(a_r=0, b_r=0)
    found = judged(BUFFERING, ends, TSO, BUFFERED)
    assert confirm_weak(BUFFERING, never(ends, text="bad"), TSO, witness(found), 2) == found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w: replace(w, cycle=()), "cycle: the witness records"),
        (lambda w: replace(w, schedule=(*w.schedule[:3], replace(w.schedule[3], stale=None))), "step 4, stale"),
        (lambda w: replace(w, schedule=(*w.schedule[:3], replace(w.schedule[3], value="1"))), "step 4, value"),
        (lambda w: replace(w, schedule=(*w.schedule[:3], replace(w.schedule[3], reads_from=1))), "is not broken"),
    ],
)
def test_a_changed_record_is_noticed(change: Callable[[Witness], Witness], words: str) -> None:
    ends = are(a_r=0, b_r=0)
    recorded = change(witness(judged(BUFFERING, ends, TSO, BUFFERED)))
    with pytest.raises(SelfCheckError, match=words):
        confirm_weak(BUFFERING, never(ends, text="bad"), TSO, recorded, 2)


def test_an_interleaving_is_a_weak_execution() -> None:
    whole = made(
        thread("a", write("x"), inc("y", "r", "mb", "mb"), variables=["r"]),
        thread("b", inc("y", "r", "mb", "mb"), read("x", "s"), write("x", 2), variables=["r", "s"]),
    )
    asked = never(both(Ended("a"), Ended("b")))
    schedule = tuple("abbab")
    steps, coherence = interleaving_as_execution(whole, {}, schedule, 2)
    assert coherence == {"x.v": (1, 5), "y.v": (2, 4)}
    plain = replay(whole, asked, {}, schedule, 2)
    for model in MODELS.values():
        found = replay_weak(whole, asked, model, {}, steps, coherence, 2)
        assert tuple(replace(s, reads_from=None) for s in found.steps) == plain.steps
        assert (found.initial, found.final, found.cycle) == (plain.initial, plain.final, ())
