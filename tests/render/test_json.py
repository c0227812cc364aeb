"""Reports as programs read them."""

import json

import jsonschema
import pytest

from encoder.base.result import Refuted
from encoder.render.json import as_object, question_from, render, schema, witness_from
from tests.render.samples import CHECKS, REPORTS, beside


@pytest.mark.parametrize("timing", [True, False])
@pytest.mark.parametrize("name", sorted(REPORTS))
def test_output_fits_the_schema(name: str, timing: bool) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(render(REPORTS[name], timing=timing)), schema())


@pytest.mark.parametrize("name", [*sorted(CHECKS), "killed"])
def test_checks_fit_the_schema(name: str) -> None:
    found = json.loads(render(beside(name, untouched=name == "fine")))
    jsonschema.validate(found, schema())
    said = {check: found["checks"][check]["status"] for check in ("deadlock", "held", "unreached", "untouched")}
    none = dict.fromkeys(said, "none")
    assert (
        said
        == {
            "fine": none | {"untouched": "found"},
            "deadlock": none | {"deadlock": "found"},
            "held": none | {"held": "found"},
            "unreached": none | {"unreached": "found"},
            "elsewhere": none | {"unreached": "found"},
            "late": none | {"deadlock": "undecided", "unreached": "undecided"},
            "killed": dict.fromkeys(said, "undecided") | {"untouched": "none"},
        }[name]
    )
    assert found["verdict"] == "proved"


def test_checks_are_null_where_they_were_not_asked() -> None:
    assert as_object(REPORTS["complete"], timing=False)["checks"] is None


def test_schema_refuses_a_deadlock_without_a_schedule() -> None:
    found = as_object(beside("deadlock"), timing=False)
    none = as_object(beside("fine"), timing=False)["checks"]["deadlock"]
    found["checks"]["deadlock"] = {**none, "status": "found"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, schema())


def test_schema_refuses_a_refutation_without_a_schedule() -> None:
    found = as_object(REPORTS["two-cpus"], timing=False)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "schedule": []}, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "replayed": None}, schema())


def test_only_a_complete_proof_is_complete() -> None:
    complete = {name for name, report in REPORTS.items() if as_object(report, timing=False)["depth"]["complete"]}
    assert complete == {"complete", "vacuous"}


def test_open_loops_are_named() -> None:
    loops = as_object(REPORTS["open-loop"], timing=False)["depth"]["loops"]
    assert [(loop["label"], loop["open"]) for loop in loops] == [("gup_fast.per_slot", False), ("pin.retry", True)]


def test_times_are_told_only_on_request() -> None:
    assert "timing" in as_object(REPORTS["complete"], timing=True)
    assert not {"timing", "size"} & set(as_object(REPORTS["complete"], timing=False))


@pytest.mark.parametrize("name", ["two-cpus", "three-cpus", "stale-read", "interleaving"])
def test_a_refutation_can_be_read_back(name: str) -> None:
    report = REPORTS[name]
    found = json.loads(render(report, timing=False))
    assert question_from(found) == report.question
    assert isinstance(report.verdict, Refuted)
    assert witness_from(found) == report.verdict.witness
