"""Schedules to look at: those that are committed, as the specs have them now, and some that are found anew."""

from functools import cache
from pathlib import Path

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


def cases(every: int) -> list[Case]:
    """One of so many, on the weakest platform that has it; none whose steps the specs have otherwise by now."""
    found = [(each.names()[-1], each.breaks[-1], each.under(each.breaks[-1].model)) for each in schedules()[::every]]
    fresh = [each for case in found if (each := _anew(*case)) is not None]
    assert fresh, "no committed schedule fits the specs: make promote"
    return fresh


def _anew(name: str, question: Question, witness: Witness) -> Case | None:
    program = program_of(question)
    recording = recording_in("\n".join(recording_lines(name, question, witness)))
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
