"""Proofs for identical threads by fewer of them, where what they do is more than meets the eye.

Each was a mistake once.
"""

from dataclasses import replace

import pytest

from encoder.base.result import FEWER_THREADS, Proved, Question, Refuted
from encoder.program.core import Program, Thread, ThreadVar
from encoder.verify.engine import answer
from tests.concrete.build import add, assign, cell, equal, final, never, program, thread, var, when
from tests.memory.weak import read, rmw, write


def copies(source: str, target: str) -> Thread:
    """What it writes comes by a branch from what it reads, which orders the two nowhere in the kernel's model."""
    code = read(source), assign("v", 0), when(equal(var("r"), 1), [assign("v", 1)]), write(target, var("v"))
    return thread(f"{source}{target}", *code, variables=["r", "v"])


def counting(threads: int) -> Program:
    """Threads that count in z once x is 1, which it is only because y is, and y because x is."""
    counted = rmw("z", "q", add(var("q"), 1), "mb", "mb")
    count = read("x"), when(equal(var("r"), 1), [counted])
    many = [thread(each, *count, variables=["r", "q"], role="counter") for each in "abcd"[:threads]]
    made = program([cell("x"), cell("y"), cell("z")], copies("x", "y"), copies("y", "x"), *many)
    return replace(made, properties=(never(equal(final("z"), threads)),))


@pytest.mark.parametrize("without", [(), (FEWER_THREADS,)])
def test_what_threads_do_with_values_that_justify_each_other_counts(without: tuple[str, ...]) -> None:
    asked = Question(scenario="s", variant="v", property="p", model="lkmm", without=without)
    assert isinstance(answer(counting(2), asked).verdict, Refuted)


def test_so_it_does_for_any_number_of_them() -> None:
    one = replace(counting(1), properties=(never(equal(final("z"), 2)),))
    told = [
        answer(one, Question(scenario="s", variant="v", property="p", model=model, unlimited=True)).unlimited
        for model in ("sc", "lkmm")
    ]
    assert [each is not None and (each.thread, each.holds) for each in told] == [("xy", True), ("a", False)]


@pytest.mark.parametrize("model", ["sc", "lkmm"])
def test_it_says_how_long_schedules_are_as_a_direct_proof_does(model: str) -> None:
    """The add is a step that only values that justify each other reach."""
    made = replace(counting(3), properties=(never(equal(ThreadVar("a", "r"), 2)),))
    asked = Question(scenario="s", variant="v", property="p", model=model)
    found, direct = answer(made, asked), answer(made, replace(asked, without=(FEWER_THREADS,)))
    assert any("identical threads" in flag for flag in found.flags)
    assert isinstance(found.verdict, Proved) and isinstance(direct.verdict, Proved)
    assert found.verdict.steps == direct.verdict.steps
