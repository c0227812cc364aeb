"""Loops that may go on for ever: complete where a further round changes nothing."""

from dataclasses import replace

import pytest

from encoder.engine import answer
from encoder.program.core import Arith, Const, Expr, Op, Program, Statement, Var
from encoder.result import Proved, Question
from tests.concrete.build import (
    add,
    assign,
    block,
    cell,
    equal,
    leave,
    loop,
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


def proved(made: Program, model: str = "sc", loops: int = 2) -> Proved:
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
