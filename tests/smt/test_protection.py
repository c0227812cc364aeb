"""Accesses that a lock keeps apart, with others beside them: what the order of the critical sections says, and no more.

Each was a mistake once.
"""

import pytest

from encoder.base.errors import InputError
from encoder.base.result import Question, Refuted
from encoder.graph.build import build
from encoder.memory import CHAIN
from encoder.program.core import Const, Ended, Expr, Statement, Thread
from encoder.verify.case import Case
from encoder.verify.checks import ask_checks
from encoder.verify.decide import by_executions, by_interleavings
from encoder.verify.engine import answer
from encoder.verify.knowledge import Knowledge
from encoder.verify.queries import NONE_REACHED
from tests.arm64 import compiled
from tests.concrete.build import TRUE, add, both, equal, final, lock, of, unlock, var, when
from tests.memory.weak import allowed, are, raised, read, rmw, thread, whole, write

SEEN_EARLY: Expr = both(equal(of("b", "s"), 0), equal(of("b", "r"), 2), equal(final("x"), 2))


def test_a_plain_store_by_a_third_thread_may_be_seen_before_it_overwrites_a_later_section() -> None:
    """The reader's section is first, and what it reads is newer than what the writer's section writes: nothing leads
    from a plain store to who reads it."""
    reader = thread("b", lock("l"), read("x", "s"), read("x", "r"), unlock("l"))
    writer = thread("c", lock("l"), write("x", 1), unlock("l"))
    plain = thread("a", write("x", 2, "plain"))
    assert allowed("x", SEEN_EARLY, plain, reader, writer, locks="l") == ("lkmm",)
    assert "data-race" in raised("x", SEEN_EARLY, plain, reader, writer, locks="l")
    assert allowed("x", SEEN_EARLY, thread("a", write("x", 2)), reader, writer, locks="l") == ()


def verdict(model: str, third: Thread) -> str:
    """Of two threads that use x under the lock l beside a third: does x stay what the first has written?"""
    condition = equal(of("a", "r"), 2)
    one = thread("a", lock("l"), write("x", 1), read("x", "r"), unlock("l"))
    other = thread("b", lock("l"), write("x", 2), unlock("l"))
    made = whole("xy", condition, (one, other, third), "l")
    question = Question(scenario="s", variant="v", property="p", model=model)
    case = Case.of(made, question)
    graph = build(made, question.loops)
    found = by_interleavings(case, graph) if model == "sc" else by_executions(case, NONE_REACHED)
    return type(found.report.verdict).__name__


WRONG = {
    "never taken": thread("c", unlock("l")),
    "attempt failed": thread("c", lock("l", into="s"), unlock("l")),
    "released before": thread("c", lock("l"), unlock("l"), unlock("l")),
    "other mode": thread("c", lock("l", "read"), unlock("l")),
    "taken on another path": thread("c", read("y", "s"), when(var("s"), [lock("l")]), unlock("l")),
}
RIGHT = {
    "attempt succeeded": thread("c", lock("l", into="s"), when(var("s"), [write("y")]), when(var("s"), [unlock("l")])),
    "on the same paths": thread("c", read("y", "s"), when(var("s"), [lock("l")]), when(var("s"), [unlock("l")])),
    "twice for read": thread("c", *[lock("l", "read")] * 2, *[unlock("l", "read")] * 2),
}


@pytest.mark.parametrize("model", CHAIN)
@pytest.mark.parametrize("how", WRONG)
def test_a_lock_released_by_who_does_not_hold_it_is_refused(how: str, model: str) -> None:
    """Sections would no longer exclude each other: nothing may be proved."""
    with pytest.raises(InputError, match="releases a lock"):
        verdict(model, WRONG[how])


@pytest.mark.parametrize("model", CHAIN)
@pytest.mark.parametrize("how", RIGHT)
def test_a_lock_released_by_who_holds_it_is_not(how: str, model: str) -> None:
    assert verdict(model, RIGHT[how]) == "Proved"


def test_where_a_lock_may_be_released_by_others_its_sections_overlap() -> None:
    """As herd has it, which only raises a flag."""
    one = thread("a", lock("l"), write("x", 1), read("x", "r"), unlock("l"))
    other = thread("b", lock("l"), write("x", 2), unlock("l"))
    found = equal(of("a", "r"), 2)
    assert allowed("x", found, one, other, thread("c", unlock("l")), locks="l") == tuple(CHAIN)
    assert allowed("x", found, one, other, thread("c", lock("l"), unlock("l")), locks="l") == ()
    assert "unmatched-unlock" in raised("x", found, one, other, thread("c", unlock("l")), locks="l")


def sections(*third: Thread) -> str:
    """A first section that ends on either of two branches, and on the one two more follow it: can another thread's
    come between these two? Behind it, on the other branch, stands what the first section still protects."""
    on = [unlock("l"), lock("l"), write("x", 1), unlock("l"), lock("l"), read("x", "r"), unlock("l")]
    off = [read("x", "q"), unlock("l")]
    one = thread("a", read("x", "q"), lock("l"), read("y", "s"), when(equal(var("s"), 0), on, off))
    other = thread("b", lock("l"), read("x", "s"), when(equal(var("s"), 1), [write("x", 2)]), unlock("l"), write("y"))
    made = whole("xyz", equal(of("a", "r"), 2), (one, other, *third), "l")
    question = Question(scenario="s", variant="v", property="p", model="sc")
    return type(by_interleavings(Case.of(made, question), build(made, question.loops)).report.verdict).__name__


def test_a_section_that_ends_on_two_branches_orders_nothing_behind_the_one_that_is_taken() -> None:
    assert sections() == "Refuted"


@pytest.mark.parametrize("model", ["sc", "tso", "lkmm", "arm64"])
@pytest.mark.parametrize("off", [[write("x", 3)], [read("x", "q"), write("x", 3)], [write("x", 3), read("x", "q")]])
def test_nor_does_a_write_that_the_section_would_protect_on_the_other_branch(off: list[Statement], model: str) -> None:
    """One thread looks in a first section, and again in a second one; another one writes in between."""
    on = [unlock("l"), lock("l"), read("x", "r"), write("x", 1), unlock("l")]
    looks = when(equal(var("s"), 0), on, [*off, unlock("l")])
    one = thread("a", lock("l"), read("x", "q"), read("y", "s"), looks)
    other = thread("b", lock("l"), write("x", 2), unlock("l"), write("y"))
    made = whole("xyz", both(equal(of("a", "q"), 0), equal(of("a", "r"), 2)), (one, other), "l")
    question = Question(scenario="s", variant="v", property="p", model=model, interleavings=False)
    assert isinstance(answer(compiled(made), question).verdict, Refuted)


def test_nor_does_it_with_a_third_thread() -> None:
    assert sections(thread("c", read("x", "r"), write("z", 1), read("x", "s"))) == "Refuted"
    assert sections(thread("c", lock("l"), read("x", "r"), unlock("l"), read("x", "s"))) == "Refuted"


@pytest.mark.parametrize("model", ["tso", "lkmm", "arm64"])
def test_what_a_thread_passes_by_orders_nothing(model: str) -> None:
    """It writes on either side of a section that it does not enter, each time in the midst of another thread's."""
    passed = when(var("s"), [lock("l"), write("x", 2), write("y", 2), unlock("l")])
    one = thread("a", read("z", "s"), write("y", 1), passed, write("x", 1))
    other = thread("b", lock("l"), write("y", 3), write("x", 3), unlock("l"))
    ends = both(equal(final("y"), 1), equal(final("x"), 3), equal(of("a", "s"), 0), Ended("a"))
    made = whole("xyz", ends, (one, other, thread("c", write("z"))), "l")
    question = Question(scenario="s", variant="v", property="p", model=model, interleavings=False)
    assert isinstance(answer(compiled(made), question).verdict, Refuted)


@pytest.mark.parametrize("model", CHAIN)
def test_a_bit_that_is_set_only_sometimes_is_no_lock(model: str) -> None:
    """Both find it clear, do not set it, and go on all the same."""
    tried = rmw("b", "q", Const(1), "acquire", "once", when=equal(var("s"), 1))
    inside = [read("y"), write("y", add(var("r"), 1)), write("b", 0, "release")]
    both_in = [thread(each, read("x", "s"), tried, when(equal(var("q"), 0), inside)) for each in "ab"]
    made = whole("xyb", both(equal(final("y"), 1), Ended("a"), Ended("b"), are(a_q=0, b_q=0)), both_in)
    question = Question(scenario="s", variant="v", property="p", model=model)
    assert isinstance(answer(compiled(made), question).verdict, Refuted)


TWICE = [lock("l", "read"), lock("l", "read")]
ONCE = unlock("l", "read")


@pytest.mark.parametrize("model", CHAIN)
def test_who_has_taken_a_lock_twice_for_reading_holds_it_after_one_release(model: str) -> None:
    def told(ends: Expr, *threads: Thread) -> str:
        question = Question(scenario="s", variant="v", property="p", model=model)
        return type(answer(compiled(whole("xy", ends, threads, "l")), question).verdict).__name__

    writer = thread("b", lock("l"), write("x"), unlock("l"))
    inside = thread("a", *TWICE, read("x"), ONCE, read("x", "s"), ONCE)
    assert told(are(a_r=0, a_s=1), inside, writer) == "Proved"
    fails, seen = thread("b", read("x", order="acquire"), lock("l", into="s")), write("x", order="release")
    assert told(both(are(b_r=1, b_s=0), Ended("b")), thread("a", *TWICE, ONCE, seen), fails) == "Refuted"
    assert told(both(are(b_r=1, b_s=0), Ended("b")), thread("a", *TWICE, ONCE, ONCE, seen), fails) == "Proved"


@pytest.mark.parametrize("model", CHAIN)
def test_nobody_waits_for_ever_unless_a_reader_keeps_the_lock(model: str) -> None:
    def stuck(*body: Statement) -> str:
        made = whole("x", TRUE, (thread("a", *TWICE, *body), thread("b", lock("l"), unlock("l"))), "l")
        question = Question(scenario="s", variant="v", property="p", model=model)
        return ask_checks(Knowledge(compiled(made), 2), question, unclear="", seconds=60).deadlock.status

    assert (stuck(ONCE), stuck(ONCE, ONCE)) == ("found", "none")
