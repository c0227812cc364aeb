"""What is known of a program from earlier questions makes no answer another one."""

from dataclasses import replace

import pytest

from encoder.base.result import Progress, Question, Report
from encoder.graph.build import build
from encoder.memory import MODELS
from encoder.smt.encode import encode_property, graph_for
from encoder.verify.engine import answer, load
from encoder.verify.knowledge import Knowledge

QUESTION = Question(
    scenario="gup-vs-soft-dirty", variant="linus-soft-dirty-seq", property="writable-while-pinned", checks=True
)


@pytest.fixture(scope="module")
def program():
    return load(QUESTION)


def without_times(report: Report) -> Report:
    return replace(report, timing=replace(report.timing, load=0.0, build=0.0, solve=0.0))


def test_answers_are_the_same_and_interleavings_asked_once(program) -> None:
    known = Knowledge(program, QUESTION.loops)
    for model in MODELS:
        told: list[Progress | Report] = []
        question = replace(QUESTION, model=model)
        found = answer(program, question, tell=told.append, known=known)
        alone = answer(program, question)
        assert without_times(found) == without_times(alone)
        reached = [each.reached for each in told if isinstance(each, Progress)]
        assert not any(each.startswith("of interleavings alone") for each in reached)


def test_what_breaks_under_sequential_consistency_is_looked_for_again() -> None:
    question = replace(QUESTION, scenario="gup-vs-reclaim", variant="baseline", property="mapped-while-pinned")
    program = load(question)
    known = Knowledge(program, question.loops)
    for model in ("sc", "tso"):
        assert without_times(answer(program, replace(question, model=model), known=known)) == without_times(
            answer(program, replace(question, model=model))
        )
    assert not known.unbroken


def test_no_more_is_known_of_schedules_than_was_asked(program) -> None:
    known = Knowledge(program, QUESTION.loops)
    answer(program, replace(QUESTION, depth=3), known=known)
    assert not known.unbroken


@pytest.mark.parametrize("name", MODELS)
def test_an_encoding_does_not_depend_on_what_was_encoded_before(program, name: str) -> None:
    model, prop = MODELS[name], program.properties[0]
    known = Knowledge(program, QUESTION.loops)
    for each in MODELS.values():
        for other in program.properties[1:]:
            encode_property(known.model_graph(each), each, other, None)
    fresh = graph_for(build(program, QUESTION.loops), model, QUESTION.loops)
    made = encode_property(known.model_graph(model), model, prop, None).formula
    assert made == encode_property(fresh, model, prop, None).formula
