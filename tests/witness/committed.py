"""Schedules to look at: those that are committed, as the specs have them now, and some that are found anew."""

from functools import cache
from pathlib import Path

import pytest

from encoder.base.errors import SelfCheckError
from encoder.base.result import Question, Refuted, Witness
from encoder.ledger.place import name_of, question_of
from encoder.ledger.schedules import SharedSchedule
from encoder.ledger.statement import read
from encoder.program.core import Program
from encoder.program.lookup import property_of
from encoder.program.resolve import resolve
from encoder.spec.load import load_library
from encoder.verify.engine import ask
from encoder.witness.recording import rebuilt, recording_in, recording_lines

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


def names(every: int) -> list[str]:
    """The ids of one schedule of so many, on the weakest platform that has it."""
    return [each.names()[-1] for each in schedules()[::every]]


def committed(name: str) -> Case:
    """What is committed of an obligation, by id, as the specs have it now; skips where they have its steps
    otherwise."""
    found = anew(name)
    return found or pytest.skip("the committed schedule does not fit the specs: make promote")


@cache
def anew(name: str) -> Case | None:
    """The same; None where the specs have its steps otherwise."""
    (shared,) = (each for each in schedules() if each.names()[-1] == name)
    question = shared.breaks[-1]
    program = program_of(question)
    recording = recording_in("\n".join(recording_lines(name, question, shared.under(question.model))))
    assert recording is not None
    try:
        return name, question, rebuilt(program, property_of(program, question.property), question, recording)
    except SelfCheckError:
        return None


@cache
def case(name: str) -> Case:
    """The shortest schedule that breaks what an obligation is about, by its id."""
    question = question_of(name)
    found = ask(question)
    assert isinstance(found.verdict, Refuted)
    return name_of(question), question, found.verdict.witness
