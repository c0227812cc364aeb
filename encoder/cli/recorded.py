"""Recorded schedules, read back from what `witness`, `prove --json` or `--promote` has written."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from encoder.base.errors import InputError, Misfit, Problem
from encoder.base.result import Question, Witness
from encoder.base.source import Span
from encoder.cli.files import told
from encoder.cli.options import give_up, unknown
from encoder.cli.selection import named as word_names
from encoder.ledger.place import name_of
from encoder.memory import MODELS
from encoder.spec.load_primitives import FLUSHES

if TYPE_CHECKING:
    from encoder.program.core import Program, Property
    from encoder.render.contract import Keys, Misshapen
    from encoder.witness.recording import Recording

AS_IT_WAS = "the report as it was printed, and the scenario and variant as they were then"
PRINTED = "what `witness` or `prove --json` prints of a property that is refuted"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A schedule, whole or in a few lines, and where in the file it is."""

    question: Question
    schedule: "Witness | Recording"
    place: tuple[str | int, ...] = ()


def recorded_in(file: str, names: Sequence[str] = ()) -> tuple[str, list[Recorded]]:
    """The text of a file, blank where something else stands around JSON, and its schedules, of several those with these
    names, given as for `verify`.

    Raises InputError at the place that is wrong."""
    text = _read(file)
    recorded: Sequence[Recorded] = _brief(file, text)
    if not recorded:
        text = _from_json(file, text)
        recorded = _recorded(file, text)
    chosen = [each for each in recorded if not names or any(word_names(word, name_of(each.question)) for word in names)]
    if not chosen:
        give_up(f"`{file}` has no schedule of {' or '.join(f'`{name}`' for name in names)}")
    return text, chosen


def resolved(question: Question) -> "tuple[Program, Property]":
    """The program that a schedule is of, and the property that it breaks. Raises InputError."""
    return all_resolved([question])[question]


def all_resolved(questions: Iterable[Question]) -> "dict[Question, tuple[Program, Property]]":
    """The same of each question: what several need is read once. Raises InputError."""
    from encoder.verify.load import load_all

    return {each: (program, _property_of(program, each.property)) for each, program in load_all(questions).items()}


def _property_of(program: "Program", name: str) -> "Property":
    asked = next((each for each in program.properties if each.name == name), None)
    if asked is None:
        raise InputError(unknown("property", name, {each.name for each in program.properties}))
    return asked


def misfit(file: str, text: str, recorded: Recorded, error: Misfit) -> InputError:
    """What is told of a schedule that is none of these specs."""
    message = f"the schedule does not fit the specs: {error}"
    span = _place(file, text, recorded.place + error.place)
    return InputError([Problem(code="C106", message=message, span=span, expected=AS_IT_WAS)])


def _brief(file: str, text: str) -> tuple[Recorded, ...]:
    """The schedule that is recorded in a few lines, if there is one. Raises InputError."""
    from encoder.ledger.place import question_of
    from encoder.witness.recording import recording_in

    number = next((n for n, line in enumerate(text.splitlines(), 1) if re.match(r"[>|\s]*replay:", line)), 1)
    try:
        found = recording_in(text)
        if found is None:
            return ()
        scenario, variant, *_ = (*found.name.split("/"), "", "")
        problems = _unknown_words(Question(scenario=scenario, variant=variant, property=""))
        question = None if problems else question_of(found.name, loops=found.loops)
    except ValueError as error:
        span = Span(file, number, 1, 2)
        message = f"no recorded schedule: {error}"
        raise InputError([Problem(code="C103", message=message, span=span, expected=LINES)]) from error
    if question is None:
        raise InputError(problems)
    return (Recorded(question, found),)


LINES = "the lines from `replay:` on, as `witness --format text` prints them"


def _read(file: str) -> str:
    """The text of a file. Raises InputError."""
    try:
        return Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"`{file}` cannot be read: {told(error)}")


def _from_json(file: str, text: str) -> str:
    """The JSON object in a text; what `witness` prints above it is blanked. Raises InputError."""
    if text.lstrip().startswith(("{", "[")):
        return text
    braces = [brace.start() for brace in re.finditer(r"^\{", text, re.MULTILINE)]
    start = next((brace for brace in braces if _is_object(text, brace)), max(braces, default=None))
    if start is None:
        first = Span(file, 1, 1, 2)
        message = "there is no recorded schedule in it"
        raise InputError([Problem(code="C103", message=message, span=first, expected=PRINTED)])
    return re.sub(r"[^\n]", " ", text[:start]) + text[start:]


def _is_object(text: str, start: int) -> bool:
    """Whether a JSON object begins there."""
    try:
        json.JSONDecoder().raw_decode(text, start)
    except (json.JSONDecodeError, RecursionError):
        return False
    return True


def _recorded(file: str, text: str) -> tuple[Recorded, ...]:
    """What is in a file: a report, or several schedules. Raises InputError at the place that is wrong."""
    from encoder.render.contract import Misshapen

    values = _values(file, text)
    several = isinstance(values, dict) and "schedules" in values
    try:
        recorded = tuple(_listed(values)) if several else _reported(file, values)
    except Misshapen as error:
        raise InputError([_misfit(file, text, error)]) from error
    if problems := list(dict.fromkeys(each for one in recorded for each in _unknown_words(one.question))):
        raise InputError(problems)
    return recorded


def _values(file: str, text: str) -> Any:
    """The plain values of a JSON text. Raises InputError at the place that is wrong."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        span = Span(file, error.lineno, error.colno, error.colno + 1)
        raise InputError([Problem(code="C103", message=f"not JSON: {error.msg}", span=span)]) from error
    except RecursionError as error:
        span = Span(file, 1, 1, 2)
        raise InputError([Problem(code="C103", message="no report: nested too deep", span=span)]) from error


def _reported(file: str, values: Any) -> tuple[Recorded, ...]:
    """The schedule of a report, or those of a list of reports that are refuted. Raises Misshapen."""
    if not isinstance(values, list):
        return _of_reports(file, [_of_report(values, ())])
    return _of_reports(file, [_of_report(each, (number,)) for number, each in enumerate(values)])


def _of_reports(file: str, found: Sequence[Recorded | str]) -> tuple[Recorded, ...]:
    """The schedules among these. Raises InputError if there are only verdicts."""
    if all(isinstance(each, str) for each in found):
        words = " and ".join(f"`{each}`" for each in dict.fromkeys(found))
        said = f"its verdict is {words}" if words else "it is an empty list"
        give_up(f"`{file}` holds no schedule: {said}", "a report that says `refuted`")
    return tuple(each for each in found if isinstance(each, Recorded))


def _of_report(values: Any, place: tuple[int, ...]) -> Recorded | str:
    """The schedule of a report at this place of the file, or its verdict if it has none. Raises Misshapen."""
    from encoder.render.contract import Misshapen, read
    from encoder.render.json import question_of, witness_of
    from encoder.render.report_object import ReportObject, WitnessObject

    try:
        found = read(values, ReportObject)
        if found.verdict != "refuted":
            return found.verdict
        return Recorded(question_of(found), witness_of(read(values, WitnessObject)), place)
    except Misshapen as error:
        raise Misshapen(str(error), (*place, *error.keys)) from error


def _listed(values: Any) -> Iterator[Recorded]:
    """Each schedule on each platform on which it breaks something. Raises Misshapen."""
    from encoder.ledger.schedules import SchedulesObject, schedule_from
    from encoder.render.contract import Misshapen, read

    for number, each in enumerate(read(values, SchedulesObject).schedules):
        place = ("schedules", number)
        try:
            schedule = schedule_from(each)
        except ValueError as error:
            raise Misshapen(str(error), (*place, "breaks")) from error
        for question in schedule.breaks:
            yield Recorded(question, schedule.under(question.model), place)


def _misfit(file: str, text: str, error: "Misshapen") -> Problem:
    """Where the object departs from the shape of a report."""
    expected = "a report of this version: run `witness` or `prove --json` again" if error.keys == ("schema",) else ""
    return Problem(code="C104", message=str(error)[:300], span=_place(file, text, error.keys), expected=expected)


def _place(file: str, text: str, keys: "Keys") -> Span:
    """The line of the value that `keys` lead to."""
    from encoder.spec.yamltree import Mapping, Sequence, YamlNode, compose

    node: YamlNode | None = compose(text, file, [])
    span = Span(file, 1, 1, 2)
    for key in keys:
        match node:
            case Mapping():
                node = next((value for name, value in node.entries if name.text == key), None)
            case Sequence() if isinstance(key, int):
                node = node.items[key]
            case _:
                break
        if node is not None:
            span = node.span
    return span


def _unknown_words(question: Question) -> list[Problem]:
    """The problems of a question whose words name nothing, or whose platform is another machine."""
    from encoder.spec.load import document_names

    problems = [
        *unknown("scenario", question.scenario, document_names("scenarios")),
        *unknown("variant", question.variant, document_names("variants")),
        *unknown("memory model", question.model, MODELS),
        *unknown("kind of flush", question.flush, FLUSHES),
    ]
    if question.platform:
        problems += unknown("platform", question.platform, document_names("platforms"))
        problems += [] if problems else _other_machine(question)
    return problems


def _other_machine(question: Question) -> list[Problem]:
    """The problem of a memory model and flush that are not those of the platform."""
    from encoder.verify.platforms import all_platforms, asked_of

    (own,) = asked_of(question, [each for each in all_platforms() if each.name == question.platform])
    if own == question:
        return []
    told = f"{question.platform} is {own.model} with {own.flush} flushes, and the file says"
    message = f"{told} {question.model} with {question.flush} flushes"
    return [Problem(code="C106", message=message, span=None, expected=AS_IT_WAS)]
