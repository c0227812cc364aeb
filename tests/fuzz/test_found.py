"""What the random programs have found: each was a mistake once."""

from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.errors import InputError
from encoder.base.source import Origin
from encoder.memory import MODELS
from encoder.program.core import Const, Ended, Place, Statement, Thread
from encoder.spec.parse import parse_expression
from tests.concrete.build import (
    TRUE,
    add,
    both,
    cell,
    equal,
    final,
    flush,
    load,
    lock,
    name,
    never,
    program,
    store,
    thread,
    unlock,
    var,
    when,
)
from tests.fuzz.inputs import PLACE, ended
from tests.fuzz.told import Told, encoder, explorer
from tests.fuzz.values import POINTER
from tests.memory.weak import raised

NOWHERE = Place(base=Const(0, POINTER), struct="x", field="v", targets=((1, name("x")),))


@pytest.mark.parametrize("model", MODELS)
def test_a_value_made_of_another_threads_constant(model: str) -> None:
    """It was proved that x is never 1: 0 - 1 was known and 2 - 1 not."""
    copies = thread("b", load("y", "s"), store("x", add(var("s"), -1)), variables=["s"])
    made = program([cell("x"), cell("y")], thread("a", store("y", 2)), copies)
    asked = never(both(equal(final("x"), 1), Ended("b")))
    assert encoder(made, asked, model).word == "refuted"
    assert encoder(made, asked, model).steps == 3


@pytest.mark.parametrize("model", MODELS)
def test_a_thread_may_stand_before_a_pointer_to_nowhere(model: str) -> None:
    """The replay of a weak execution refused what it had not been asked to do."""
    made = program([cell("x"), cell("y")], thread("a", store("y", 1), replace(store("x", 1), place=NOWHERE)))
    told = encoder(made, never(equal(final("y"), 1)), model)
    assert (told.word, told.steps) == ("refuted", 1)
    assert encoder(made, never(equal(final("y"), 2)), model).refused == "Q102"
    assert explorer(made, never(equal(final("y"), 1))) is not None


@pytest.mark.parametrize("model", MODELS)
def test_a_thread_may_stand_before_the_flush_of_no_mm(model: str) -> None:
    """The encoder took it for a flush that waits for nobody; the interpreter stops there."""
    made = program([cell("x")], thread("a", store("x", 1), flush(True, 0), store("x", 2)))
    told = encoder(made, never(equal(final("x"), 1)), model)
    assert (told.word, told.steps) == ("refuted", 1)
    assert encoder(made, never(equal(final("x"), 2)), model).refused == "Q102"
    assert explorer(made, never(equal(final("x"), 1))) == Told(word="refuted", steps=1)


@pytest.mark.parametrize("model", MODELS)
def test_a_thread_may_stand_before_the_release_of_a_lock_that_it_does_not_hold(model: str) -> None:
    """What it had done until then was not looked at: a longer schedule was shown, or none."""
    made = program([cell("x"), cell("l", lock=True)], thread("a", store("x", 1), unlock("l"), store("x", 2)))
    told = encoder(made, never(equal(final("x"), 1)), model)
    assert (told.word, told.steps) == ("refuted", 1)
    assert encoder(made, never(equal(final("x"), 2)), model).refused == "Q104"
    assert explorer(made, never(equal(final("x"), 1))) == Told(word="refuted", steps=1)


def test_no_race_where_a_condition_is_long() -> None:
    """Each takes two locks and keeps them: only one of the writes happens. A name for what five conditions imply was
    taken for the conditions."""

    def taker(named: str, write: Statement) -> Thread:
        inner = lock("l", into="s"), when(var("s"), [write])
        return thread(named, lock("m", into="s"), when(var("s"), inner), variables=["s"])

    one, other = taker("a", store("x", 2)), taker("b", replace(store("x", 1), order="plain"))
    assert raised("x", TRUE, one, other, locks="lm") == ()


@pytest.mark.parametrize("model", MODELS)
def test_a_depth_where_there_is_no_step(model: str) -> None:
    """The limit was an addition of nothing, which z3 does not read."""
    assert encoder(program([cell("x")], thread("a")), never(equal(final("x"), 0)), model, 3).word == "refuted"
    assert encoder(program([cell("x")], thread("a")), never(equal(final("x"), 1)), model, 3).word == "proved"


@pytest.mark.parametrize(
    "where", ["{ x = #; } P0(int *x) {}", "{} P0(int *x) { WRITE_ONCE(*x, #); }", "{} P#(int *x) {}"]
)
def test_a_number_of_thousands_of_digits_is_refused_with_its_place(where: str, tmp_path: Path) -> None:
    file = tmp_path / "t.litmus"
    file.write_text(f"C t\n{where}\nexists (x=0)\n".replace("#", "1" * 5000))
    found = ended(["litmus", str(file)])
    assert (found.code, found.out) == (2, "")
    assert PLACE.search(found.err)


@pytest.mark.parametrize("text", ["(" * 3000 + "x" + ")" * 3000, "!" * 3000 + "x", "1 + " * 20_000 + "1"])
def test_what_is_nested_too_deep_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="nested too deep"):
        parse_expression(text, Origin("t.yaml", 1, 1))
