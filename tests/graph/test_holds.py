"""Releases by who does not hold, of locks and of interrupts."""

from dataclasses import replace

import pytest

from encoder.base.errors import InputError
from encoder.base.result import Proved, Question
from encoder.memory import MODELS
from encoder.verify.engine import answer
from tests.concrete.build import Statement, cell, equal, final, irq, load, never, program, store, thread, var, when


def asked(*body: Statement, model: str) -> object:
    threads = thread("a", *body, variables=["r"], runs=1), thread("b", store("x", 1))
    made = replace(program([cell("x"), cell("y")], *threads), properties=(never(equal(final("y"), 1)),))
    return answer(made, Question(scenario="s", variant="v", property="", model=model)).verdict


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "body",
    [
        (irq(False),),
        (irq(True), irq(False), irq(False)),
        (load("x", "r"), when(equal(var("r"), 1), [irq(True)]), irq(False)),
    ],
)
def test_an_irq_region_that_is_not_open_cannot_end(body: tuple[Statement, ...], model: str) -> None:
    with pytest.raises(InputError) as error:
        asked(*body, model=model)
    assert [problem.code for problem in error.value.problems] == ["Q104"]


@pytest.mark.parametrize("model", MODELS)
def test_an_irq_region_ends_once(model: str) -> None:
    region = irq(True), irq(False), irq(True), irq(False)
    assert isinstance(asked(load("x", "r"), when(equal(var("r"), 1), region), *region, model=model), Proved)
