"""Loops that may go on for ever: complete where a further round changes nothing, or where a search comes to an end."""

from dataclasses import replace

import pytest

from encoder.base.result import Proved, Question, Refuted
from encoder.program.core import Arith, Const, Ended, Expr, Op, Place, Program, Statement, Var
from encoder.verify.engine import answer
from tests.arm64 import compiled
from tests.concrete.build import (
    add,
    assign,
    block,
    both,
    cell,
    equal,
    final,
    leave,
    loop,
    name,
    negate,
    never,
    of,
    program,
    rmw,
    store,
    thread,
    when,
)  # fmt: skip
from tests.memory.weak import fence, rcu, read

MODELS = ("sc", "tso", "lkmm")


def spins(*body: Statement, first: tuple[Statement, ...] = (), condition: Expr | None = None) -> Program:
    """A thread that goes round until its body leaves loop 1, against one that sets x."""
    code = (*first, loop(1, *body, label="spin"), assign("d", 1))
    threads = thread("a", *code, variables="rsd"), thread("b", store("x", 1))
    asked = never(condition or Arith(Op.LT, of("a", "d"), Const(0)))
    return replace(program([cell("x"), cell("y")], *threads), properties=(asked,))


def proved(made: Program, model: str = "lkmm", loops: int = 2) -> Proved:
    found = answer(made, Question(scenario="s", variant="v", property="", model=model, loops=loops)).verdict
    assert isinstance(found, Proved)
    return found


LEFT = when(equal(Var("r"), 1), [leave(1)])


@pytest.mark.parametrize("model", MODELS)
def test_reading_until_a_value_comes_is_complete(model: str) -> None:
    found = proved(spins(read("x"), fence("rmb"), LEFT), model)
    assert found.complete and found.idle_loops == ("spin",) and found.open_loops == ()


@pytest.mark.parametrize("model", MODELS)
def test_a_failed_read_modify_write_changes_nothing(model: str) -> None:
    taken = rmw("x", "r", Const(2), when=equal(Var("r"), 1))
    assert proved(spins(taken, LEFT), model).idle_loops == ("spin",)


@pytest.mark.parametrize(
    "body",
    [
        (read("x"), store("y", 1), LEFT),  # writes
        (read("x"), assign("s", add(Var("s"), 1)), LEFT),  # counts
        (when(equal(Var("r"), 1), [leave(1)]), read("x")),  # what it read matters in the next round
        (read("x"), rmw("y", "s", Const(1)), LEFT),  # writes whatever it finds
        (rcu(True), read("x"), LEFT),  # opens a section
    ],
)
def test_a_round_that_changes_something_is_not_left_out(body: tuple[Statement, ...]) -> None:
    found = proved(spins(*body))
    assert not found.complete and found.open_loops == ("spin",)


def test_a_variable_that_the_property_reads_matters() -> None:
    """In a round that has not come to its read yet, s still has the value of the round before."""
    body = read("y", "d"), read("x", "s"), when(equal(Var("s"), 1), [leave(1)])
    quiet = spins(*body)
    assert proved(quiet).idle_loops == ("spin",)
    assert proved(spins(*body, condition=equal(of("a", "s"), 7))).complete


def test_a_loop_within_a_round() -> None:
    inner = loop(2, read("x", "s"), when(equal(Var("s"), 1), [leave(2)]), label="inner")
    found = proved(spins(read("x"), inner, LEFT))
    assert found.idle_loops == ("inner", "spin")
    counted = loop(2, read("x", "s"), store("y", 1), when(equal(Var("s"), 1), [leave(2)]), label="inner")
    assert proved(spins(read("x"), counted, LEFT)).open_loops == ("inner", "spin")


def test_a_jump_over_what_is_set_keeps_it() -> None:
    """Where the body may go past the assignment, the variable keeps its value from round to round."""
    skipping = block(2, read("x"), when(equal(Var("r"), 0), [leave(2)]), read("x", "s")), when(Var("s"), [leave(1)])
    found = proved(spins(*skipping, LEFT))
    assert found.idle_loops == ("spin",)
    moved = block(2, read("x"), when(negate(equal(Var("r"), 0)), [leave(2)]), assign("s", add(Var("s"), 1)))
    assert proved(spins(moved, LEFT)).open_loops == ("spin",)


def retries(what: Expr) -> Program:
    """Threads that add one to x by compare-and-exchange, again and again until nobody interferes."""
    exchange = rmw("x", "r", add(Var("s"), 1), when=equal(Var("r"), Var("s")))
    body = loop(1, read("x", "s"), exchange, when(equal(Var("r"), Var("s")), [leave(1)]), label="retry")
    threads = [thread(each, body, variables="rs") for each in "abc"]
    return replace(program([cell("x"), cell("y")], *threads), properties=(never(what),))


@pytest.mark.parametrize("model", ["sc", "tso"])
def test_a_search_without_bounds_closes_what_is_left_open(model: str) -> None:
    """The rounds of an exchange that fails change nothing by themselves; those that store do."""
    counting = loop(
        1,
        read("x"),
        rmw("y", "s", Arith(Op.XOR, Var("s"), Const(1))),
        when(equal(Var("r"), 1), [leave(1)]),
        label="spin",
    )
    made = program([cell("x"), cell("y")], thread("a", counting, variables="rs"), thread("b", store("x", 1)))
    found = proved(replace(made, properties=(never(equal(final("y"), 2)),)), model)
    assert found.complete and found.searched_loops == ("spin",) and found.open_loops == () and found.states
    assert proved(retries(equal(final("x"), 4)), model, loops=1).complete


def test_what_only_further_rounds_break_is_told() -> None:
    body = read("x"), rmw("y", "s", add(Var("s"), 1)), LEFT
    made = spins(*body, condition=equal(final("y"), 5))
    found = answer(made, Question(scenario="s", variant="v", property="", loops=2))
    assert isinstance(found.verdict, Proved) and not found.verdict.complete
    assert "raise --loops" in found.flags[-1]
    assert isinstance(answer(made, replace(found.question, loops=5)).verdict, Refuted)


def test_loops_of_one_label_are_two_loops() -> None:
    """No round of the second was looked at: that the first one's change nothing says nothing of it."""
    idle = loop(1, read("x"), LEFT, label="spin")
    busy = loop(2, store("y", 1), read("x"), when(equal(Var("r"), 1), [leave(2)]), label="spin", bound=0)
    threads = thread("a", idle, variables="r"), thread("b", busy, variables="r")
    made = replace(program([cell("x"), cell("y")], *threads), properties=(never(equal(final("y"), 1)),))
    found = proved(made)
    assert not found.complete and found.open_loops == ("spin",)


def chasing(bound: int) -> Program:
    """A thread follows a pointer to z or v; before, it takes the same pointer anew from y, be it once or twice."""
    same = when(negate(equal(Var("q"), Var("p"))), [leave(1)]), assign("p", Var("q"))
    body = read("y", "q"), read("w", "t"), when(equal(Var("t"), 1), same, [leave(1)])
    found = Place(base=Var("p"), struct="z", field="v", targets=((0, name("v")), (2, name("z"))))
    follows = read("x", "p"), loop(1, *body, bound=bound, label="again"), replace(read("z", "s"), place=found)
    publishes = thread("b", store("z", 1), fence("wmb"), store("x", 2))
    starts = [cell("x"), cell("y", 2), cell("z"), cell("v"), cell("w")]
    made = program(
        starts, thread("a", *follows, variables="pqts"), publishes, thread("c", store("w", 1), store("w", 0))
    )
    stale = both(equal(of("a", "p"), 2), equal(of("a", "s"), 0), Ended("a"))
    return replace(made, properties=(never(stale),))


@pytest.mark.parametrize("model", ["lkmm", "arm64"])
def test_what_a_variable_depends_on_may_change_where_its_value_does_not(model: str) -> None:
    """It then no longer comes from x, by whose reading z would be seen."""
    asked = Question(scenario="s", variant="v", property="", model=model)
    found = answer(compiled(chasing(1)), asked).verdict
    assert isinstance(found, Proved) and found.open_loops == ("again",)
    assert isinstance(answer(compiled(chasing(2)), asked).verdict, Refuted)


ROUND = assign("i", Arith(Op.ADD, Var("i"), Const(1)))
COUNTS = thread("a", read("x"), when(equal(Var("r"), 1), [
    loop(1, ROUND, when(equal(Var("i"), 2), [leave(1)]), label="twice"),
]), store("z", 1), variables="ri")  # fmt: skip
FROM_BEHIND = replace(
    program([cell("x"), cell("z")], COUNTS, thread("b", read("z", "s"), store("x", Var("s")), variables="s")),
    properties=(never(equal(of("a", "i"), 2)),),
)
"""The loop is entered by a value that comes, by way of b, from a store behind it."""


def test_a_loop_that_is_entered_by_what_is_stored_behind_it_is_open_under_lkmm() -> None:
    found = proved(FROM_BEHIND, loops=1)
    assert found.open_loops == ("twice",) and not found.complete
    question = Question(scenario="s", variant="v", property="", model="lkmm", loops=2)
    assert isinstance(answer(FROM_BEHIND, question).verdict, Refuted)


@pytest.mark.parametrize("model", ["sc", "tso"])
def test_elsewhere_nobody_sees_a_store_behind_a_branch_before_the_branch_is_decided(model: str) -> None:
    assert proved(FROM_BEHIND, model, loops=1).complete
