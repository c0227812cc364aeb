"""A report as one JSON object, and back. `report.schema.json` beside this file describes its shape."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from importlib.resources import files
from typing import Any, assert_never

from encoder import __version__
from encoder.base.result import (
    Check,
    Checks,
    Proved,
    Question,
    Refuted,
    Report,
    ScheduleStep,
    Unknown,
    Unreached,
    Vacuous,
    Witness,
    word,
)

SCHEMA = 4


def render(report: Report, *, timing: bool = True) -> str:
    """The object as indented text ending in a newline. Recorded reports leave `timing` out: it differs each time."""
    return json.dumps(as_object(report, timing=timing), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of what `as_object` gives."""
    loaded: dict[str, Any] = json.loads((files("encoder.render") / "report.schema.json").read_text("utf-8"))
    return loaded


def as_object(report: Report, *, timing: bool) -> dict[str, Any]:
    """The report in plain JSON values, keys in the order of the schema."""
    question = report.question
    witness = report.verdict.witness if isinstance(report.verdict, Refuted) else None
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": f"pinproof {__version__}",
        "scenario": question.scenario,
        "variant": question.variant,
        "variant_title": report.variant_title,
        "property": question.property,
        "property_title": report.property_title,
        "property_text": report.property_text,
        "kernel": report.kernel,
        "scope": report.scope,
        "model": question.model,
        "platform": {"flush": question.flush},
        "depth": _depth(report),
        "verdict": word(report.verdict),
        "unlimited": None if report.unlimited is None else asdict(report.unlimited),
        "opinions": [asdict(opinion) for opinion in report.opinions],
        "checks": _checks(report),
        "unknown": _unknown(report),
        **_witness(witness),
        "flags": list(report.flags),
        "assumptions": list(report.assumptions),
        "solver": report.solver,
    }
    if timing:
        spent = report.timing
        found["timing"] = {"load": spent.load, "build": spent.build, "solve": spent.solve}
        found["size"] = {"events": spent.events, "clauses": spent.clauses}
    return found


def schedule_object(step: ScheduleStep) -> dict[str, Any]:
    """One step of a schedule."""
    return {
        "step": step.step,
        "cpu": step.cpu,
        "thread": step.thread,
        "index": step.index,
        "procedure": step.procedure,
        "label": step.label,
        "path": list(step.path),
        "event": step.event,
        "location": step.location,
        "value": step.value,
        "source": step.source,
        "reads_from": step.reads_from,
        "stale": step.stale,
        "racing": step.racing,
    }


def question_from(found: dict[str, Any]) -> Question:
    """The question of an object that fits the schema."""
    return Question(
        scenario=found["scenario"],
        variant=found["variant"],
        property=found["property"],
        model=found["model"],
        flush=found["platform"]["flush"],
        depth=found["depth"]["limit"],
        loops=found["depth"]["rounds"],
    )


def witness_from(found: dict[str, Any]) -> Witness:
    """The witness of an object that fits the schema and whose verdict is `refuted`."""
    return Witness(
        symbols=tuple(found["symbols"].items()),
        initial=_pairs(found["initial"]),
        schedule=tuple(ScheduleStep(**{**step, "path": tuple(step["path"])}) for step in found["schedule"]),
        final=_pairs(found["final"]),
        violated=found["violated"],
        broken=tuple((each["name"], each["start"], each["end"]) for each in found.get("broken", ())),
        coherence=tuple((each["location"], tuple(each["steps"])) for each in found["coherence"]),
        cycle=tuple(found["cycle"]),
    )


def _depth(report: Report) -> dict[str, Any]:
    verdict = report.verdict
    open_loops: tuple[str, ...] = ()
    idle_loops: tuple[str, ...] = ()
    searched_loops: tuple[str, ...] = ()
    steps: int | None = None
    complete = False
    match verdict:
        case Proved():
            complete, steps, open_loops = verdict.complete, verdict.steps, verdict.open_loops
            idle_loops, searched_loops = verdict.idle_loops, verdict.searched_loops
        case Vacuous():
            complete, steps, idle_loops = verdict.complete, verdict.steps, verdict.idle_loops
        case Refuted():
            steps = len(verdict.witness.schedule)
        case Unknown():
            pass
        case never:
            assert_never(never)
    loops = [
        {
            "label": label,
            "rounds": rounds,
            "open": label in open_loops,
            "idle": label in idle_loops,
            "searched": label in searched_loops,
        }
        for label, rounds in report.loops
    ]
    return {
        "limit": report.question.depth,
        "rounds": report.question.loops,
        "steps": steps,
        "longest": report.longest,
        "complete": complete,
        "loops": loops,
    }


def _checks(report: Report) -> dict[str, Any] | None:
    """What the verdict takes for granted; None where it was not asked."""
    if not report.question.checks:
        return None
    late = Check(status="undecided", reason="time ran out")
    found = report.checks or Checks(deadlock=late, held=late, unreached=Unreached(reason=late.reason))
    steps = found.unreached
    status = "found" if steps.steps or steps.elsewhere else "undecided" if steps.reason else "none"
    return {
        "deadlock": _check(found.deadlock),
        "held": _check(found.held),
        "unreached": {
            "status": status,
            "steps": list(steps.steps),
            "undecided": list(steps.undecided),
            "elsewhere": steps.elsewhere,
            "reason": steps.reason,
        },
        "untouched": {"status": "found" if report.untouched else "none"},
        "open_loops": list(found.open_loops),
    }


def _check(check: Check) -> dict[str, Any]:
    return {"status": check.status, "reason": check.reason, **_witness(check.witness)}


def _unknown(report: Report) -> dict[str, str] | None:
    verdict = report.verdict
    if not isinstance(verdict, Unknown):
        return None
    return {"reason": verdict.reason, "reached": verdict.reached, "advice": verdict.advice}


def _witness(witness: Witness | None) -> dict[str, Any]:
    """`replayed` is true for every witness: one that does not replay is never reported."""
    if witness is None:
        nothing: dict[str, Any] = {"symbols": {}, "initial": [], "schedule": [], "final": []}
        return {**nothing, "coherence": [], "cycle": [], "violated": None, "broken": [], "replayed": None}
    return witness_object(witness)


def witness_object(witness: Witness) -> dict[str, Any]:
    """The part of a report's object that `witness_from` reads."""
    return {
        "symbols": dict(witness.symbols),
        "initial": places(witness.initial),
        "schedule": [schedule_object(step) for step in witness.schedule],
        "final": places(witness.final),
        "coherence": [{"location": location, "steps": list(steps)} for location, steps in witness.coherence],
        "cycle": list(witness.cycle),
        "violated": witness.violated,
        "broken": [{"name": name, "start": start, "end": end} for name, start, end in witness.broken],
        "replayed": True,
    }


def places(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """What locations hold, as in a report."""
    return [{"location": location, "value": value} for location, value in pairs]


def _pairs(places: list[dict[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((place["location"], place["value"]) for place in places)
