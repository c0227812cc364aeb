"""The schedules that are committed."""

from functools import cache
from pathlib import Path

from encoder.base.result import Question, Witness
from encoder.ledger.schedules import SharedSchedule
from encoder.ledger.statement import read
from encoder.program.core import Program
from encoder.program.resolve import resolve
from encoder.spec.load import load_library

PROOFS = Path(__file__).parents[2] / "proofs"
Case = tuple[str, Question, Witness]
"""The id of the obligation, the question and the schedule."""


@cache
def _library():  # type: ignore[no-untyped-def]
    return load_library()


@cache
def program(scenario: str, variant: str, flush: str) -> Program:
    return resolve(_library(), scenario, variant, flush)


def program_of(question: Question) -> Program:
    return program(question.scenario, question.variant, question.flush)


@cache
def schedules() -> tuple[SharedSchedule, ...]:
    names = [path.stem for path in sorted((PROOFS / "schedules").glob("*.json"))]
    return tuple(each for name in names for each in read(PROOFS, name).schedules())


def cases(every: int) -> list[Case]:
    """One of so many, on the weakest platform that has it."""
    return [(each.names()[-1], each.breaks[-1], each.under(each.breaks[-1].model)) for each in schedules()[::every]]


def case(scenario: str, variant: str, place: str) -> Case:
    """A schedule of a scenario and variant on a platform."""
    for each in schedules():
        for name, question in zip(each.names(), each.breaks, strict=True):
            if name.startswith(f"{scenario}/{variant}/") and name.endswith(f"/{place}"):
                return name, question, each.under(question.model)
    raise LookupError((scenario, variant, place))
