"""`replay`: a recorded schedule, run again without the solver."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from encoder.cli import exits
from encoder.cli.words import FLUSHES, give_up, unknown
from encoder.errors import InputError, Problem, SelfCheckError
from encoder.memory import MODELS
from encoder.render.json import question_from, schema, witness_from
from encoder.result import Question, Witness
from encoder.source import Span


def replay(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A recorded witness, or what `prove --json` printed.")],
) -> int:
    """Does the schedule in FILE still break its property? Decided without the solver."""
    question, witness = _read(file)
    try:
        steps = _replayed(question, witness)
    except _DoesNotHold as error:
        sys.stdout.write(f"DOES NOT HOLD: {error}\n")
        return exits.REFUTED
    sys.stdout.write(
        f"HOLDS: the schedule of {steps} steps breaks {question.property} "
        f"in {question.scenario}, {question.variant}\n{witness.violated}\n"
    )
    return exits.OK


class _DoesNotHold(Exception):
    """The schedule cannot be run, or breaks nothing."""


def _replayed(question: Question, witness: Witness) -> int:
    """The number of steps. Raises SelfCheckError where the property breaks but what is recorded of it is not so."""
    from encoder.concrete.replay import confirm
    from encoder.concrete.replay import replay as run
    from encoder.program.resolve import resolve
    from encoder.spec.load import load_library

    library = load_library(scenario=question.scenario, variant=question.variant)
    program = resolve(library, question.scenario, question.variant, question.flush)
    found = next((each for each in program.properties if each.name == question.property), None)
    if found is None:
        give_up(f"the scenario `{question.scenario}` does not ask `{question.property}`")
    threads = [step.thread for step in witness.schedule]
    try:
        run(program, found, dict(witness.symbols), threads, question.loops)
    except SelfCheckError as error:
        raise _DoesNotHold(str(error)) from error
    return len(confirm(program, found, witness, question.loops).steps)


def _read(file: str) -> tuple[Question, Witness]:
    """The question and the witness in a file. Raises InputError at the place that is wrong."""
    try:
        text = Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"`{file}` cannot be read: {error}")
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        span = Span(file, error.lineno, error.colno, error.colno + 1)
        raise InputError([Problem(code="C103", message=f"not JSON: {error.msg}", span=span)]) from error
    problems = _misfits(file, text, found)
    if not problems and found["verdict"] != "refuted":
        give_up(f"`{file}` holds no schedule: its verdict is `{found['verdict']}`", "a report that says `refuted`")
    if not problems:
        problems = _unknown_words(question_from(found))
    if problems:
        raise InputError(problems)
    return question_from(found), witness_from(found)


def _misfits(file: str, text: str, found: Any) -> list[Problem]:
    """Where the object departs from the shape of a report."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import relevance

    errors = sorted(Draft202012Validator(schema()).iter_errors(found), key=relevance)
    return [
        Problem(code="C104", message=f"{error.json_path}: {error.message[:200]}", span=_place(file, text, error.path))
        for error in errors[:10]
    ]


def _place(file: str, text: str, path: Any) -> Span:
    """The line of the value that `path` leads to."""
    from encoder.spec.yamltree import Mapping, Node, Sequence, compose

    node: Node | None = compose(text, file, [])
    span = Span(file, 1, 1, 2)
    for key in path:
        match node:
            case Mapping():
                node = next((value for name, value in node.entries if name.text == key), None)
            case Sequence():
                node = node.items[key]
            case _:
                break
        if node is not None:
            span = node.span
    return span


def _unknown_words(question: Question) -> list[Problem]:
    from encoder.spec.load import names

    return [
        *unknown("scenario", question.scenario, names("scenarios")),
        *unknown("variant", question.variant, names("variants")),
        *unknown("memory model", question.model, MODELS),
        *unknown("kind of flush", question.flush, FLUSHES),
    ]
