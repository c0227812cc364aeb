"""What is committed of the scores of one scenario's proofs: `proofs/scores/SCENARIO.json`."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from encoder.base.errors import InputError, Problem
from encoder.base.source import Span
from encoder.ledger.files import UNREADABLE
from encoder.ledger.layout import laid
from encoder.ledger.mutants import MutantRecord, Wanted, mutants_from
from encoder.ledger.place import rank

SCHEMA = 2
NAMED = ("survived", "undecided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A score, and the fingerprint of the specs that it is about."""

    record: MutantRecord
    specs: str


def path_of(root: Path, scenario: str) -> Path:
    """The file in a `proofs` folder."""
    return root / "scores" / f"{scenario}.json"


def merged(old: Iterable[Scored], new: Iterable[Scored], wanted: Collection[Wanted]) -> tuple[Scored, ...]:
    """Of what is wanted the new scores, else the old ones, in the order of the file."""
    found = {each.record.wanted: each for each in (*old, *new) if each.record.wanted in wanted}
    return tuple(
        sorted(found.values(), key=lambda each: (
            each.record.wanted.variant, rank(each.record.wanted.place), each.record.wanted.depth or 0,
        ))
    )  # fmt: skip


def text(scenario: str, scored: tuple[Scored, ...]) -> str:
    """The content of the file: a mutant's name is there once, with the numbers of the proofs that do not notice it."""
    proofs, named = [], {}
    for each in scored:
        told = json.loads(each.record.as_text())
        wanted = {key: value for key, value in told["wanted"].items() if key not in ("scenario", "properties")}
        proofs.append({**wanted, "specs": each.specs, "mutants": told["mutants"], "scores": told["scores"]})
    for kind in NAMED:
        places: dict[str, list[int]] = {}
        for number, each in enumerate(scored):
            for name in getattr(each.record, kind):
                places.setdefault(name, []).append(number)
        named[kind] = dict(sorted(places.items()))
    return laid({"schema": SCHEMA, "scenario": scenario, "proofs": proofs, **named}) + "\n"


def read(root: Path, scenario: str) -> tuple[Scored, ...]:
    """What is committed of a scenario in a `proofs` folder. Raises InputError for a file that is none of these."""
    path = path_of(root, scenario)
    if not path.is_file():
        return ()
    try:
        return _scored(json.loads(path.read_text("utf-8")), scenario)
    except UNREADABLE as error:
        message = f"this is not what `--mutants --promote` writes: {type(error).__name__}: {error}"
        expected = "the file as it was committed, or none"
        problem = Problem(code="C103", message=message, span=Span(path.as_posix(), 1, 1, 2), expected=expected)
        raise InputError([problem]) from error


def _scored(found: Mapping[str, Any], scenario: str) -> tuple[Scored, ...]:
    """Raises one of `UNREADABLE` where it is none."""
    if (found["schema"], found["scenario"]) != (SCHEMA, scenario):
        raise ValueError(f"it is of schema {found['schema']} and scenario {found['scenario']}")
    scored = []
    for number, told in enumerate(found["proofs"]):
        wanted = {key: told[key] for key in ("variant", "platform", "flush", "model", "depth")}
        whole = {
            "wanted": {"scenario": scenario, **wanted, "properties": list(told["scores"])},
            "mutants": told["mutants"], "scores": told["scores"],
            **{kind: [name for name, places in found[kind].items() if number in places] for kind in NAMED},
        }  # fmt: skip
        record = mutants_from(json.dumps(whole))
        if record is None:
            raise ValueError(f"the scores of proof {number} are not valid")
        scored.append(Scored(record=record, specs=told["specs"]))
    return tuple(scored)
