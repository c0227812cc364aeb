"""The schedules of what is refuted, as data: one that breaks a property under several memory models is there once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from encoder.base.result import Question, Witness
from encoder.memory import MODELS
from encoder.render.json import places, witness_from, witness_object

STRONGEST, *_ = MODELS


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSchedule:
    """`breaks` are the questions that the witness answers, strongest memory model first. It is as under the weakest of
    them: under SC nothing is said of where reads read from."""

    breaks: tuple[Question, ...]
    witness: Witness

    def names(self) -> tuple[str, ...]:
        """The ids of the obligations that ask these."""
        return tuple(map(name_of, self.breaks))

    def under(self, model: str) -> Witness:
        return interleaved(self.witness) if model == STRONGEST else self.witness


def interleaved(witness: Witness) -> Witness:
    """What is said of it under SC."""
    return replace(witness, coherence=(), schedule=tuple(replace(step, reads_from=None) for step in witness.schedule))


def shared(found: Iterable[tuple[Question, Witness]]) -> tuple[SharedSchedule, ...]:
    """The schedules with all that they break. Questions of one program and property stand together, strongest memory
    model first."""
    schedules: list[SharedSchedule] = []
    for question, witness in found:
        for place, each in enumerate(schedules):
            only_sc = all(other.model == STRONGEST for other in each.breaks)
            if _alike(each.breaks[0], question) and (
                each.witness == witness or (only_sc and each.witness == interleaved(witness))
            ):
                schedules[place] = SharedSchedule(breaks=(*each.breaks, question), witness=witness)
                break
        else:
            schedules.append(SharedSchedule(breaks=(question,), witness=witness))
    return tuple(schedules)


def _alike(one: Question, other: Question) -> bool:
    """Whether they differ in the memory model alone, or in what it may cost to answer them."""
    return all(
        getattr(one, part) == getattr(other, part)
        for part in ("scenario", "variant", "property", "flush", "depth", "loops")
    )


def name_of(question: Question) -> str:
    """The id of the obligation that asks this."""
    return "/".join((question.scenario, question.variant, question.property, question.model, question.flush))


def as_object(schedule: SharedSchedule) -> dict[str, Any]:
    """The schedule in plain JSON values."""
    first = schedule.breaks[0]
    witness = schedule.witness
    changed = {location: value for location, value in witness.final if (location, value) not in witness.initial}
    return {
        "breaks": list(schedule.names()), "limit": first.depth, "rounds": first.loops, **witness_object(witness),
        "initial": dict(witness.initial), "final": changed,
    }  # fmt: skip


def schedule_from(found: Mapping[str, Any]) -> SharedSchedule:
    """The schedule in JSON values that fit `shape`."""
    final = found["initial"] | found["final"]
    return SharedSchedule(
        breaks=tuple(_question(name, found["limit"], found["rounds"]) for name in found["breaks"]),
        witness=witness_from({**found, "initial": places(found["initial"].items()), "final": places(final.items())}),
    )


def _question(name: str, depth: int | None, loops: int) -> Question:
    scenario, variant, asked, model, flush = name.split("/")
    return Question(
        scenario=scenario, variant=variant, property=asked, model=model, flush=flush, depth=depth, loops=loops
    )


def shape(report: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a file with schedules; `report` is that of a report, whose parts they have."""
    own, depth = report["properties"], report["properties"]["depth"]["properties"]
    parts: Sequence[str] = (
        "symbols", "schedule", "coherence", "cycle", "violated", "broken", "replayed",
    )  # fmt: skip
    values = {"type": "object", "additionalProperties": {"type": "string"}}
    name = {"type": "string", "pattern": "^[^/]+(/[^/]+){4}$"}
    properties = {
        "breaks": {"type": "array", "minItems": 1, "items": name},
        "limit": depth["limit"],
        "rounds": depth["rounds"],
        **{part: own[part] for part in parts},
        "initial": values,
        "final": {**values, "description": "of those that have changed"},
        "violated": {"type": "string"},
        "schedule": {**own["schedule"], "minItems": 1},
        "replayed": {"const": True},
    }
    entry = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return {
        "$defs": report["$defs"],
        "type": "object",
        "properties": {"schema": {"const": 1}, "schedules": {"type": "array", "items": entry}},
        "required": ["schema", "schedules"],
    }
