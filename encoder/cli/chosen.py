"""The obligations that the words of a command line choose, with their programs."""

from dataclasses import replace

from encoder.errors import InputError, Problem, nearest
from encoder.ledger.obligation import Obligation, dangling
from encoder.ledger.run import Task
from encoder.result import Who
from encoder.spec.model import Library


def chosen_of(claimed: tuple[Obligation, ...], wanted: tuple[str, ...]) -> tuple[Obligation, ...]:
    """The obligations that a word names: by id, the beginning of one, or any part of it. Raises InputError."""
    known = {part for each in claimed for part in (each.id, *each.id.split("/")[:3])}
    problems = []
    for word in wanted:
        if not any(_names(word, each) for each in claimed):
            near = nearest(word, known)
            problems.append(Problem(code="C101", message=f"no obligation is named `{word}`", span=None, nearest=near))
    if problems:
        raise InputError(problems)
    return tuple(each for each in claimed if not wanted or any(_names(word, each) for word in wanted))


def _names(word: str, obligation: Obligation) -> bool:
    return word in obligation.id.split("/") or f"{obligation.id}/".startswith(f"{word}/")


def tasks_of(
    library: Library, chosen: tuple[Obligation, ...], timeout: float, opinions: tuple[Who, ...] = ()
) -> tuple[Task, ...]:
    """Each obligation with its resolved program. With the opinions of others it is also asked for how many threads a
    proof holds. What verdicts take for granted is asked once for each program and model, with the first obligation.
    Raises InputError with the problems of all."""
    from encoder.ledger.digest import digest
    from encoder.program.core import Program
    from encoder.program.resolve import resolve

    problems = dangling(library, chosen)
    programs: dict[tuple[str, str, str], Program] = {}
    for key in [] if problems else sorted({(each.scenario, each.variant, each.flush) for each in chosen}):
        try:
            programs[key] = resolve(library, *key)
        except InputError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise InputError(problems)
    tasks, checked = [], set()
    for each in chosen:
        program = programs[each.scenario, each.variant, each.flush]
        first = (each.scenario, each.variant, each.flush, each.model) not in checked
        question = replace(each.question(timeout), unlimited=bool(opinions), opinions=opinions, checks=first)
        checked.add((each.scenario, each.variant, each.flush, each.model))
        tasks.append(Task(obligation=each, program=program, question=question, digest=digest(program, question)))
    return tuple(tasks)
