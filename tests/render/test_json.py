"""Reports as programs read them."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from encoder.base.result import Refuted, Report
from encoder.render.contract import Misshapen, read
from encoder.render.json import question_of, render, schema, witness_of
from encoder.render.report_object import ReportObject, WitnessObject
from tests.render.samples import CHECKS, REPORTS, beside

SHAPE = jsonschema.Draft202012Validator(schema())


def as_object(report: Report, *, timing: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(render(report, timing=timing))
    return found


@pytest.mark.parametrize("timing", [True, False])
@pytest.mark.parametrize("name", sorted(REPORTS))
def test_output_fits_the_schema(name: str, timing: bool) -> None:
    SHAPE.validate(json.loads(render(REPORTS[name], timing=timing)))


def test_the_schema_is_one() -> None:
    SHAPE.check_schema(schema())


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
    assert as_object(REPORTS["complete"])["checks"] is None


def test_schema_refuses_a_deadlock_without_a_schedule() -> None:
    found = as_object(beside("deadlock"))
    none = as_object(beside("fine"))["checks"]["deadlock"]
    found["checks"]["deadlock"] = {**none, "status": "found"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, schema())


def test_schema_refuses_a_refutation_without_a_schedule() -> None:
    found = as_object(REPORTS["two-cpus"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "schedule": []}, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "replayed": None}, schema())


def test_only_a_complete_proof_is_complete() -> None:
    complete = {name for name, report in REPORTS.items() if as_object(report)["depth"]["complete"]}
    assert complete == {"complete", "vacuous"}


def test_open_loops_are_named() -> None:
    loops = as_object(REPORTS["open-loop"])["depth"]["loops"]
    assert [(loop["label"], loop["open"]) for loop in loops] == [("gup_fast.per_slot", False), ("pin.retry", True)]


def test_times_are_told_only_on_request() -> None:
    assert "timing" in as_object(REPORTS["complete"], timing=True)
    assert not {"timing", "size"} & set(as_object(REPORTS["complete"]))


@pytest.mark.parametrize("name", ["two-cpus", "three-cpus", "stale-read", "interleaving"])
def test_a_refutation_can_be_read_back(name: str) -> None:
    report = REPORTS[name]
    found = read(as_object(report), ReportObject)
    assert question_of(found) == report.question
    assert isinstance(report.verdict, Refuted)
    assert witness_of(read(as_object(report), WitnessObject)) == report.verdict.witness


def parts(found: Any) -> Iterator[dict[str, Any]]:
    """All objects in an object, itself too."""
    if isinstance(found, dict):
        yield found
        for each in found.values():
            yield from parts(each)
    elif isinstance(found, list):
        for each in found:
            yield from parts(each)


@pytest.mark.parametrize("name", ["stale-read", "unknown", pytest.param("two-cpus", marks=pytest.mark.slow)])
def test_schema_and_reader_refuse_the_same(name: str) -> None:
    """Each part without one of its fields, with one more, with one of another type."""
    found = as_object(REPORTS[name], timing=True)
    for part in [each for each in parts(found) if each is not found["symbols"]]:
        whole = dict(part)
        for key in [each for each in whole if each not in ("base", "broken", "timing", "size")]:
            for broken in (
                {name: value for name, value in whole.items() if name != key}, {**whole, key: 0.5}, {**whole, "new": 1}
            ):  # fmt: skip
                if part is found["timing"] and broken.get(key) == 0.5:
                    continue
                part.clear()
                part.update(broken)
                assert not SHAPE.is_valid(found), (key, broken)
                with pytest.raises(Misshapen):
                    read(found, ReportObject)
        part.clear()
        part.update(whole)
    assert SHAPE.is_valid(found)


def test_the_reader_knows_what_a_refutation_has() -> None:
    found = as_object(REPORTS["two-cpus"])
    read(found, WitnessObject)
    for change in ({"schedule": []}, {"violated": None}, {"replayed": None}):
        with pytest.raises(Misshapen):
            read({**found, **change}, WitnessObject)


def test_each_part_is_described() -> None:
    shapes = schema()["$defs"]
    assert {"StepObject", "CheckObject", "WitnessObject"} < shapes.keys()
    assert [name for name, shape in shapes.items() if not shape.get("description")] == []
    assert schema()["properties"]["scope"]["description"] == "what the verdict speaks of"
