"""Explanations as people and programs read them."""

import json
from collections.abc import Callable
from dataclasses import replace

import jsonschema
import pytest

from encoder.explanation.reasons import ProofReasons
from encoder.render.explanation_object import ReasonObject
from encoder.render.reasons import render
from encoder.render.reasons_json import render as as_json
from encoder.render.reasons_json import schema
from encoder.smt.text.selectors import Topic
from tests.explain.samples import EXPLANATIONS

SHAPE = jsonschema.Draft202012Validator(schema())


@pytest.mark.parametrize("name", sorted(EXPLANATIONS))
def test_explanation_is_told_as_recorded(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"explain/{name}.txt", render(EXPLANATIONS[name]))


@pytest.mark.parametrize("name", sorted(EXPLANATIONS))
def test_no_line_is_wider_than_a_mail(name: str) -> None:
    lines = render(EXPLANATIONS[name]).splitlines()
    assert max(map(len, lines)) <= 72
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("name", sorted(EXPLANATIONS))
def test_output_fits_the_schema(name: str) -> None:
    SHAPE.validate(json.loads(as_json(EXPLANATIONS[name])))


def test_the_schema_is_one() -> None:
    SHAPE.check_schema(schema())


def test_each_topic_has_its_word_in_the_schema() -> None:
    """What must hold at the start is no reason of a step."""
    assert schema()["$defs"][ReasonObject.__name__]["properties"]["kind"]["enum"] == sorted(set(Topic) - {Topic.START})


@pytest.mark.parametrize("broken", [{"verdict": "maybe"}, {"grounds": {}}, {"surplus": 1}])
def test_schema_refuses_what_is_no_explanation(broken: dict[str, object]) -> None:
    found = json.loads(as_json(EXPLANATIONS["proof"]))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, **broken}, schema())


def test_a_proof_that_rests_on_nothing_says_so_in_one_sentence() -> None:
    proof = EXPLANATIONS["proof"]
    report = replace(proof.report, untouched=True)
    nothing = ProofReasons(lines=(), starts=(), minimal=True, known=128)
    told = " ".join(render(replace(proof, report=report, grounds=nothing)).split())
    assert "The proof rests on none of the 128 facts: in whatever order the steps come" in told
    assert "it could only break at the start" in told
    assert "drop any one of them" not in told


def test_only_a_verdict_with_a_reason_is_explained() -> None:
    assert {name for name, each in EXPLANATIONS.items() if not each.explained} == {
        "proof-late",
        "remedies-late",
        "vacuous",
    }
