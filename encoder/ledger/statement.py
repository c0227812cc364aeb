"""What is committed of the verdicts of one scenario: `proofs/schedules/SCENARIO.json`.

It says what was found when it was written, and of which specs; how it was found out leaves no trace in it.
"""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from encoder.base.errors import InputError, Problem
from encoder.base.source import Span
from encoder.ledger.files import UNREADABLE
from encoder.ledger.layout import laid
from encoder.ledger.place import name_of, question_of, rank
from encoder.ledger.record import Record, as_object, record_from
from encoder.ledger.schedules import SchedulesObject, SharedSchedule, schedule_from, shared
from encoder.ledger.schedules import as_object as schedule_object
from encoder.render.contract import plain
from encoder.render.contract import read as values_as
from encoder.render.json import witness_object

SCHEMA = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioStatement:
    """`specs` has for each variant the fingerprint of the specs that its verdicts are about, `records` what was found,
    by obligation id."""

    scenario: str
    specs: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)

    def schedules(self) -> tuple[SharedSchedule, ...]:
        """The schedules of what is refuted, in the order of the file."""
        found = [self.records[name] for name in self.ordered()]
        return shared(
            (question_of(each.obligation, depth=each.depth), each.witness) for each in found if each.witness is not None
        )

    def ordered(self) -> list[str]:
        """The ids: those that differ in the platform alone stand together, the strongest first."""

        def key(name: str) -> tuple[str, str, tuple[int, str]]:
            _, variant, asked, place = name.split("/")
            return variant, asked, rank(place)

        return sorted(self.records, key=key)

    def text(self) -> str:
        """The content of the file."""
        told = {name: as_object(replace(lasting(self.records[name]), witness=None)) for name in self.ordered()}
        for each in told.values():
            del each["obligation"]
        found = {
            "schema": SCHEMA, "scenario": self.scenario, "specs": dict(sorted(self.specs.items())), "verdicts": told,
            "schedules": [schedule_object(each) for each in self.schedules()],
        }  # fmt: skip
        return laid(found) + "\n"


def lasting(record: Record) -> Record:
    """Who agrees, without what they looked at, which may differ each time."""
    who = sorted(each.by for each in record.opinions if each.word == "agrees")
    said = {each.by: replace(each, detail="") for each in record.opinions}
    return replace(record, opinions=tuple(said[name] for name in who))


def path_of(root: Path, scenario: str, suffix: str = "json") -> Path:
    """The file of a scenario in a `proofs` folder: the data, or with `md` the drawings."""
    return root / "schedules" / f"{scenario}.{suffix}"


def read(root: Path, scenario: str, wanted: AbstractSet[str] | None = None) -> ScenarioStatement:
    """What is committed of a scenario in a `proofs` folder, an empty statement where nothing is; with `wanted` only the
    records of these ids. Raises InputError for a file that is none of these."""
    path = path_of(root, scenario)
    if not path.is_file():
        return ScenarioStatement(scenario=scenario)
    try:
        return _statement(json.loads(path.read_text("utf-8")), scenario, wanted)
    except UNREADABLE as error:
        message = f"this is not what `--promote` writes: {type(error).__name__}: {error}"
        expected = "the file as it was committed, or none"
        problem = Problem(code="C103", message=message, span=Span(path.as_posix(), 1, 1, 2), expected=expected)
        raise InputError([problem]) from error


def _statement(found: dict[str, Any], scenario: str, wanted: AbstractSet[str] | None) -> ScenarioStatement:
    """Raises one of `UNREADABLE` where it is none."""
    if (found["schema"], found["scenario"]) != (SCHEMA, scenario):
        raise ValueError(f"it is of schema {found['schema']} and scenario {found['scenario']}")
    schedules = values_as(found, SchedulesObject).schedules
    shown = {
        name_of(question): plain(witness_object(each.under(question.model)))
        for each in map(schedule_from, (s for s in schedules if wanted is None or not wanted.isdisjoint(s.breaks)))
        for question in each.breaks
    }
    records = {}
    for name, told in found["verdicts"].items():
        if wanted is not None and name not in wanted:
            continue
        record = record_from({"obligation": name, **told} | ({"witness": shown[name]} if name in shown else {}))
        if record is None:
            raise ValueError(f"the verdict of {name} is not valid, or has no schedule of its length")
        records[name] = record
    return ScenarioStatement(scenario=scenario, specs=dict(found["specs"]), records=records)
