"""Cases that fail as SARIF 2.1.0: where in the specs and in the kernel, with the schedule as a code flow."""

import json
from collections.abc import Sequence
from typing import Any

from encoder import __version__
from encoder.base.result import ScheduleStep, Witness
from encoder.render.ci import CiCase, CodePlace, StepPlaces

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
Json = dict[str, Any]


def render(cases: Sequence[CiCase], places: StepPlaces) -> str:
    """The log as JSON, ending in a newline. Where nothing fails it has no results."""
    failed = [each for each in cases if each.status == "failed"]
    rules = {each.rule: each.rule_title for each in cases if each.status != "undecided"}
    driver = {
        "name": "Pinproof",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(name, title) for name, title in sorted(rules.items())],
    }
    numbers = {name: number for number, name in enumerate(sorted(rules))}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, numbers[each.rule], places) for each in failed],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(name: str, title: str) -> Json:
    sentence = f"{title[:1].upper()}{title[1:]}.".replace("..", ".")
    return {
        "id": name,
        "name": "".join(part.capitalize() for part in f"{name}-holds".split("-")),
        "shortDescription": {"text": sentence},
        "fullDescription": {"text": sentence},
        "help": {"text": f"`pinproof show` and specs/properties/{name}.yaml say what is asked."},
        "defaultConfiguration": {"level": "error"},
    }


def _result(each: CiCase, number: int, places: StepPlaces) -> Json:
    """A finding: at the place in the kernel where the race is, if there is a tree, else in the specs."""
    found: Json = {
        "ruleId": each.rule,
        "ruleIndex": number,
        "level": "error",
        "message": {"text": f"{each.suite}, {each.name}: {each.message}."},
        "locations": [{"physicalLocation": _physical(each.place)}],
        "partialFingerprints": {"pinproof/1": f"{each.suite}/{each.variant}/{each.name}"},
    }
    if each.witness is not None:
        racing = [step for step in each.witness.schedule if step.racing] or [each.witness.schedule[-1]]
        at = [place for step in racing for place in places(each.variant, step)[:1]]
        found["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(place), "message": {"text": "the race is here"}}
            for number, place in enumerate(dict.fromkeys(at), 1)
        ]
        found["codeFlows"] = [_flow(each.variant, each.witness, places)]
    return found


def _flow(variant: str, witness: Witness, places: StepPlaces) -> Json:
    """The schedule: a thread flow for each CPU, whose steps say when in the whole they happen."""
    threads = dict.fromkeys(step.thread for step in witness.schedule)
    return {
        "message": {"text": witness.violated},
        "threadFlows": [
            {
                "id": thread,
                "message": {"text": f"what {thread} does"},
                "locations": [_step(variant, step, places) for step in witness.schedule if step.thread == thread],
            }
            for thread in threads
        ],
    }


def _step(variant: str, step: ScheduleStep, places: StepPlaces) -> Json:
    value = f" [{step.location} = {step.value}]" if step.location else ""
    location: Json = {"message": {"text": f"{step.procedure}/{step.label}: {step.event}{value}"}}
    if at := places(variant, step):
        location["physicalLocation"] = _physical(at[0])
    importance = {"importance": "essential"} if step.racing else {}
    return {"executionOrder": step.step, "location": location, **importance}


def _physical(place: CodePlace) -> Json:
    return {"artifactLocation": {"uri": place.file}, "region": {"startLine": place.line}}
