"""The obligations that the words of a command line choose, with their programs."""

from dataclasses import replace

from encoder.base.errors import InputError, Problem, nearest
from encoder.base.result import Who
from encoder.ledger.obligation import Obligation, dangling
from encoder.ledger.run import Task
from encoder.spec.load import document_names
from encoder.spec.model import Library

KINDS = {"scenario": "scenarios", "variant": "variants", "property": "properties"}
"""What an obligation's id begins with, and the folders of the specs."""


def chosen_of(claimed: tuple[Obligation, ...], wanted: tuple[str, ...]) -> tuple[Obligation, ...]:
    """The obligations that a word names: by id, the beginning of one, or any part of it. Raises InputError."""
    problems = [_unclaimed(claimed, word) for word in wanted if not any(named(word, each.id) for each in claimed)]
    if problems:
        raise InputError(problems)
    return tuple(each for each in claimed if not wanted or any(named(word, each.id) for word in wanted))


def _unclaimed(claimed: tuple[Obligation, ...], word: str) -> Problem:
    """The problem of a word that chooses nothing: nothing is claimed of what it names, or it is misspelt."""
    parts = list(zip(*(each.id.split("/")[:3] for each in claimed), strict=True)) or [()] * len(KINDS)
    for (kind, folder), own in zip(KINDS.items(), parts, strict=True):
        if word in document_names(folder):
            claim = {"variant": "V", "property": "P", kind: word}
            file = f"proofs/obligations/{claim.pop('scenario', 'SCENARIO')}.yaml"
            written = ", ".join(f"{key}: {value}" for key, value in claim.items())
            claims = "claims: [{on: sc, expect: complete, why: …}]"
            expected = f"an entry `- {{{written}, {claims}}}` under `obligations:` in {file}; there are entries for"
            return Problem(
                code="C101",
                message=f"no obligation is about the {kind} `{word}`",
                span=None,
                expected=f"{expected} {', '.join(sorted(set(own))) or 'nothing yet'}",
            )
    known = {part for own in parts for part in own}.union(*(_begins(each.id) for each in claimed))
    near = nearest(word, known)
    scenarios = ", ".join(sorted(set(parts[0])))
    whole = f"a scenario, variant, property or platform, or a whole obligation id; the scenarios are {scenarios}"
    expected = "" if near else whole
    return Problem(code="C101", message=f"no obligation is named `{word}`", span=None, expected=expected, nearest=near)


def _begins(name: str) -> tuple[str, ...]:
    """What the id of an obligation begins with: `gup-vs-fork`, `gup-vs-fork/v6.12`, …, all of it."""
    return tuple("/".join(name.split("/")[:count]) for count in range(1, name.count("/") + 2))


def named(word: str, obligation: str) -> bool:
    """Whether a word chooses the obligation of this id."""
    return word in obligation.split("/") or f"{obligation}/".startswith(f"{word}/")


def tasks_of(
    library: Library, chosen: tuple[Obligation, ...], timeout: float, opinions: tuple[Who, ...] = ()
) -> tuple[Task, ...]:
    """Each obligation with its resolved program. With the opinions of others it is also asked for how many threads a
    proof holds. What verdicts take for granted is asked once for each program and platform, with the first obligation.
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
        first = (each.scenario, each.variant, each.place) not in checked
        question = replace(each.question(timeout), unlimited=bool(opinions), opinions=opinions, checks=first)
        checked.add((each.scenario, each.variant, each.place))
        tasks.append(Task(obligation=each, program=program, question=question, digest=digest(program, question)))
    return tuple(tasks)
