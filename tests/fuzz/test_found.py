"""What the random programs have found: each was a mistake once."""

from dataclasses import replace

import pytest

from encoder.memory import MODELS
from encoder.program.core import Const, Ended, Place
from tests.concrete.build import add, both, cell, equal, final, load, name, never, program, store, thread, var
from tests.fuzz.told import encoder, explorer
from tests.fuzz.values import POINTER

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
