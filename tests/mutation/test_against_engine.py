"""Mutants decided all properties at once, and each property as `prove` decides it."""

import pytest

from encoder.base.errors import InputError
from encoder.base.result import Question, word
from encoder.mutation.decide import MutantDecision, Options
from encoder.mutation.make import MutantSource, apply_mutant, mutants
from encoder.program.core import Program
from encoder.spec.load import load_library
from encoder.verify.engine import answer

WORDS = {"refuted": "killed", "proved": "survived", "vacuous": "vacuous", "unknown": "undecided"}
SCENARIO, VARIANT = "gup-vs-soft-dirty", "linus-soft-dirty-seq-mb-pin-mb"


def asked(program: Program, name: str, model: str) -> str:
    question = Question(scenario=SCENARIO, variant=VARIANT, property=name, model=model, timeout=300.0)
    try:
        return WORDS[word(answer(program, question).verdict)]
    except InputError:
        return "fails"


@pytest.mark.slow
@pytest.mark.parametrize("model", ["sc", "tso", "lkmm"])
def test_both_find_the_same(model: str) -> None:
    library = load_library(scenario=SCENARIO, variant=VARIANT)
    source = MutantSource(library=library, scenario=SCENARIO, variant=VARIANT, flush="ipi")
    original = source.program()
    chosen = [each for each in mutants(source, original) if "section" not in each.what and "irq" not in each.label]
    for mutant in chosen[::9]:
        try:
            program = apply_mutant(source, original, mutant)
        except InputError:
            continue
        few = program.properties[:2] + program.properties[4:5]
        found = MutantDecision(program, few, Options(model=model, timeout=300.0)).decide()
        assert {name: each.word for name, each in found.items()} == {
            each.name: asked(program, each.name, model) for each in few
        }, mutant.name
