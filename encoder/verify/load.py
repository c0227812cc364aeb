"""The programs that questions are about."""

from collections.abc import Iterable
from pathlib import Path

from encoder.base.result import Question
from encoder.program.core import Program
from encoder.program.resolve import resolve
from encoder.spec.load import load_library, properties_of_scenario
from encoder.spec.model import Library


def load(question: Question, root: Path | None = None) -> Program:
    """The program that a question is about. Raises InputError."""
    return load_all([question], root)[question]


def load_all(questions: Iterable[Question], root: Path | None = None) -> dict[Question, Program]:
    """The program of each question: what several need of the specs is read once. Raises InputError."""
    libraries: dict[tuple[str, str, str], Library] = {}
    programs: dict[tuple[str, str, str, str], Program] = {}
    listed: dict[str, tuple[str, ...]] = {}
    found = {}
    for each in questions:
        if each.scenario not in listed:
            listed[each.scenario] = properties_of_scenario(each.scenario, root)
        beside = "" if each.property in listed[each.scenario] else each.property
        read = (each.scenario, each.variant, beside)
        if read not in libraries:
            libraries[read] = load_library(root, scenario=each.scenario, variant=each.variant, property=beside)
        if (*read, each.flush) not in programs:
            programs[*read, each.flush] = resolve(libraries[read], each.scenario, each.variant, each.flush)
        found[each] = programs[*read, each.flush]
    return found
