"""What is known of a program from earlier questions makes no answer another one."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest

from encoder.base.errors import InputError
from encoder.base.result import FEWER_THREADS, Progress, Question, Report
from encoder.graph.build import build
from encoder.memory import MODELS
from encoder.program.core import Program
from encoder.smt.encode import encode_property, graph_for
from encoder.verify.engine import answer
from encoder.verify.knowledge import Knowledge
from encoder.verify.load import load
from tests.arm64 import compiled
from tests.fuzz.asked import Asker
from tests.fuzz.maker import Limits, Maker
from tests.fuzz.programs import SMALL

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


def test_an_interleaving_that_breaks_a_property_is_found_once() -> None:
    question = replace(QUESTION, scenario="gup-vs-reclaim", variant="baseline", property="mapped-while-pinned")
    program = load(question)
    known = Knowledge(program, question.loops)
    told: list[Progress | Report] = []
    for model in MODELS:
        asked = replace(question, model=model)
        found = answer(program, asked, tell=told.append, known=known)
        assert without_times(found) == without_times(answer(program, asked))
    assert known.broken and not known.unbroken
    assert sum(isinstance(each, Progress) and "but not their constraints" in each.reached for each in told) == 1


def test_no_more_is_known_of_schedules_than_was_asked(program) -> None:
    known = Knowledge(program, QUESTION.loops)
    answer(program, replace(QUESTION, depth=3), known=known)
    assert not known.unbroken


def agree(program: Program, questions: Iterable[Question]) -> Counter[str]:
    """Ask all questions of a program beside one another and each alone: the verdicts are the same, and schedules and
    what is said beside them too."""
    known = Knowledge(program, 2, several=True)
    words: Counter[str] = Counter()
    for question in questions:
        found, alone = (outcome(program, question, each) for each in (known, None))
        assert found == alone, question
        words[type(found.verdict).__name__ if isinstance(found, Report) else "refused"] += 1
    return words


def outcome(program: Program, question: Question, known: Knowledge | None) -> Report | list[str]:
    """The report without what building and solving took, or the problems of the program."""
    try:
        report = answer(program, question, known=known)
    except InputError as error:
        return [each.message for each in error.problems]
    return replace(report, timing=None)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["v6.12", "linus-soft-dirty-seq"])
def test_properties_asked_beside_one_another(variant: str) -> None:
    program = load(replace(QUESTION, variant=variant))
    asked = [replace(QUESTION, property=each.name, model=model, loops=2) for each in program.properties
             for model in MODELS]  # fmt: skip
    assert agree(program, asked)["Refuted"]


@pytest.mark.parametrize("block", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 20))])
def test_random_properties_asked_beside_one_another(block: int) -> None:
    words: Counter[str] = Counter()
    for seed in range(20 * block, 20 * block + 20):
        chance = random.Random(seed)
        made = Maker(chance, Limits(shapes=SMALL)).program()
        some = [replace(Asker(chance).anything(made), name=f"p{n}") for n in range(4)]
        program = compiled(replace(made, properties=tuple(some)))
        question = Question(
            scenario="s", variant="v", property="", loops=2, without=(FEWER_THREADS,), checks=bool(block)
        )
        asked = [replace(question, property=each.name, model=model) for each in some for model in ("sc", "tso", "lkmm")]
        words += agree(program, asked)
    assert words.keys() >= {"Proved", "Refuted", "Vacuous"}


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
