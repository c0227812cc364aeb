"""An explanation as one JSON object. `explanation.schema.json` beside this file describes its shape."""

import json
from importlib.resources import files
from typing import Any

from encoder import __version__
from encoder.base.result import word
from encoder.explanation.reasons import Barriers, Change, CoreLine, Explanation, Fixes, ProofReasons, StepRef

SCHEMA = 2


def render(explanation: Explanation) -> str:
    """The object as indented text ending in a newline."""
    return json.dumps(as_object(explanation), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of what `as_object` gives."""
    loaded: dict[str, Any] = json.loads((files("encoder.render") / "explanation.schema.json").read_text("utf-8"))
    return loaded


def as_object(explanation: Explanation) -> dict[str, Any]:
    """The explanation in plain JSON values, keys in the order of the schema."""
    report, grounds = explanation.report, explanation.grounds
    return {
        "schema": SCHEMA,
        "tool": f"pinproof {__version__}",
        "scenario": report.question.scenario,
        "variant": report.question.variant,
        "property": report.question.property,
        "kernel": report.kernel,
        "model": report.question.model,
        "platform": {"flush": report.question.flush},
        "verdict": word(report.verdict),
        "grounds": None if grounds is None else _grounds(grounds),
        "barriers": None if explanation.barriers is None else _barriers(explanation.barriers),
        "remedies": None if explanation.remedies is None else _remedies(explanation.remedies),
        "solver": report.solver,
    }


def _grounds(grounds: ProofReasons) -> dict[str, Any]:
    return {
        "minimal": grounds.minimal,
        "known": grounds.known,
        "steps": [_line(line) for line in grounds.lines],
        "start": [
            {"location": s.location, "text": s.text, "file": s.file, "line": s.line} for s in grounds.starts
        ],
    }  # fmt: skip


def _line(line: CoreLine) -> dict[str, Any]:
    return {
        "threads": list(line.threads),
        "procedure": line.procedure,
        "label": line.label,
        "text": line.text,
        "source": line.source,
        "file": line.file,
        "line": line.line,
        "patched": line.patched,
        "reasons": [{"kind": r.kind, "detail": r.detail, "words": r.words} for r in line.reasons],
    }


def _remedies(remedies: Fixes) -> dict[str, Any]:
    return {
        "model": remedies.model,
        "tried": remedies.tried,
        "skipped": remedies.skipped,
        "whole": remedies.whole,
        "changes": [_change(change) for change in remedies.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "what": change.what,
        "first": _spot(change.first),
        "last": _spot(change.last),
        "steps": change.steps,
        "outcome": change.outcome,
        "remaining": change.remaining,
        "more": [{"first": _spot(first), "last": _spot(last)} for first, last in change.more],
    }


def _spot(spot: StepRef) -> dict[str, Any]:
    return {
        "thread": spot.thread,
        "procedure": spot.procedure,
        "label": spot.label,
        "text": spot.text,
        "source": spot.source,
        "file": spot.file,
        "line": spot.line,
    }


def _barriers(barriers: Barriers) -> dict[str, Any]:
    return {
        "properties": list(barriers.properties),
        "needed": [_line(line) for line in barriers.needed],
        "spared": [_line(line) for line in barriers.spared],
        "either": [_line(line) for line in barriers.either],
        "whole": barriers.whole,
    }
