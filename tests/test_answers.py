"""Shapes asked of the engine as `prove` asks it, prefixes and replay included: the verdict under each model."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from encoder.base.result import Question, Refuted, Report, Unknown, word
from encoder.memory import CHAIN
from encoder.program.core import Arith, Const, Ended, Expr, Op, Program, Statement, Thread, Var
from encoder.verify.engine import answer
from tests.concrete.build import (
    assign,
    both,
    cell,
    equal,
    final,
    flush,
    grace,
    irq,
    load,
    lock,
    negate,
    never,
    program,
    when,
)
from tests.concrete.build import thread as made
from tests.memory.weak import are, fence, inc, rcu, read, thread, write

NEVER = ("proved", "proved", "proved")
LKMM_ONLY = ("proved", "proved", "refuted")
WEAK = ("proved", "refuted", "refuted")


def answers(ends: Expr, *threads: Thread) -> tuple[Report, ...]:
    """Under SC, TSO and LKMM, whether an execution comes to such an end."""
    asked = never(ends)
    made: Program = replace(program([cell(c) for c in "xyz"], *threads), properties=(asked,))
    return tuple(answer(made, Question(scenario="s", variant="v", property="p", model=model)) for model in CHAIN)


def words(found: Sequence[Report]) -> tuple[str, ...]:
    return tuple(word(each.verdict) for each in found)


@pytest.mark.parametrize(("barrier", "expected"), [("rmb", LKMM_ONLY), ("mb", NEVER)])
@pytest.mark.parametrize("change", [inc, write])
def test_two_readers_see_independent_changes_in_different_orders(change, barrier: str, expected: Sequence[str]) -> None:
    """IRIW. A counter that is only added to is a sum to the encoder, and the readers' orders differ all the same."""
    readers = (
        thread("c", read("x"), fence(barrier), read("y", "s")),
        thread("d", read("y"), fence(barrier), read("x", "s")),
    )
    ends = both(are(c_r=1, c_s=0, d_r=1, d_s=0), Ended("c"), Ended("d"))
    found = answers(ends, thread("a", change("x")), thread("b", change("y")), *readers)
    assert words(found) == expected
    if isinstance(found[-1].verdict, Refuted):
        witness = found[-1].verdict.witness
        for name in "abcd":
            own = [step.index for step in witness.schedule if step.thread == name]
            assert own == sorted(own)
        assert [step.value for step in witness.schedule if step.stale] == ["0"]
        assert len(witness.cycle) == 6


def test_nothing_comes_between_the_halves_of_a_read_modify_write() -> None:
    """Two adds that return a value, and two that return nothing: not both find the start, none is lost."""
    returning = inc("x", "r", "relaxed", "relaxed")
    twice, ended = (thread("a", returning), thread("b", returning)), (Ended("a"), Ended("b"))
    assert words(answers(both(are(a_r=0, b_r=0), *ended), *twice)) == NEVER
    lost = both(negate(equal(final("x"), 2)), *ended)
    assert words(answers(lost, *twice)) == NEVER
    assert words(answers(lost, thread("a", inc("x")), thread("b", inc("x")))) == NEVER


def stopped(*inside: Statement, runs: int = 1) -> Thread:
    """A thread that looks at what was written before the wait and then at what was written after it, and goes no
    further: its region is still open."""
    return replace(thread("b", *inside, read("x", "s"), read("y", "r")), runs=runs)


def test_a_grace_period_waits_for_a_thread_that_has_stopped_in_its_section() -> None:
    writer, ends = thread("a", write("x"), *grace(), write("y")), are(b_r=1, b_s=0)
    assert words(answers(ends, writer, stopped(rcu(True)))) == NEVER
    assert words(answers(ends, writer, stopped())) == ("refuted", "refuted", "refuted")


def test_a_flush_waits_for_a_thread_that_has_stopped_in_its_irq_region() -> None:
    writer, ends = thread("a", write("x"), flush(True), flush(False), write("y")), are(b_r=1, b_s=0)
    assert words(answers(ends, writer, stopped(irq(True)))) == NEVER
    assert words(answers(ends, writer, stopped(irq(True), runs=2))) == ("refuted", "refuted", "refuted")


def test_interrupts_stay_off_until_the_outermost_irq_region_ends() -> None:
    writer, ends = thread("a", write("x"), flush(True), flush(False), write("y")), are(b_r=1, b_s=0)
    nested = irq(True), irq(True), irq(False)
    assert words(answers(ends, writer, stopped(*nested))) == NEVER
    assert words(answers(ends, writer, stopped(*nested, irq(False)))) == ("refuted", "refuted", "refuted")


def test_what_nobody_can_replay_is_unknown() -> None:
    """Plain accesses in a circle: what each reads comes, by way of the other, from itself."""
    value = Arith(Op.OR, Arith(Op.XOR, Var("r"), Var("r")), Const(2))
    circle = thread("a", read("x", order="plain"), write("y", value)), thread("b", read("y"), write("x", Var("r")))
    found = answers(are(a_r=2), *circle)
    assert words(found) == ("proved", "proved", "unknown")
    verdict = found[-1].verdict
    assert isinstance(verdict, Unknown)
    assert "thin air" in verdict.reason
    assert "READ_ONCE" in verdict.advice


def test_the_drawing_of_store_buffering() -> None:
    """One switch; the read that misses the store is marked, and the cycle names what no interleaving has."""
    found = answers(
        both(are(a_r=0, b_r=0), Ended("a"), Ended("b")),
        thread("a", write("x"), read("y")),
        thread("b", write("y"), read("x")),
    )
    assert words(found) == WEAK
    for each in found[1:]:
        assert isinstance(each.verdict, Refuted)
        witness = each.verdict.witness
        assert [(step.thread, step.index, step.stale) for step in witness.schedule] == [
            ("a", 0, None), ("a", 1, None), ("b", 0, None), ("b", 1, 1),
        ]  # fmt: skip
        assert len(witness.cycle) == 4


@pytest.mark.parametrize("turned", [False, True])
def test_a_circle_through_a_branch_is_shown_whichever_way_it_is_written(turned: bool) -> None:
    """What is read is as consistent with 0 all round as with 1; the schedule that is shown breaks the property."""
    is_set, arms = equal(Var("r"), 1), ([assign("s", 1)], [])
    branch = when(negate(is_set), arms[1], arms[0]) if turned else when(is_set, *arms)
    circle = thread("a", read("x"), branch, write("y", Var("s"))), thread("b", read("y"), write("x", Var("r")))
    assert words(answers(are(a_r=1, b_r=1), *circle)) == ("proved", "proved", "refuted")


def test_a_thread_may_hold_a_lock_for_reading_twice() -> None:
    """Its word is 3 then, whoever else there is."""
    twice = lock("l", "read"), lock("l", "read"), load("l", "r")
    held = replace(program([cell("l", lock=True)], made("a", *twice, variables=["r"])), properties=(never(are(a_r=3)),))
    asked = (answer(held, Question(scenario="s", variant="v", property="p", model=model)) for model in CHAIN)
    assert words(tuple(asked)) == ("refuted", "refuted", "refuted")
