"""`matrix`: all properties of scenarios, with variants, on all platforms, in one table."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Annotated

import typer

from encoder.base.errors import InputError, Problem
from encoder.base.pool import LocalPool, Pool, Started
from encoder.base.result import BaseVerdict, Question
from encoder.cli import exits
from encoder.cli.options import AsOneObject, Jobs, costs, granted, newest_kernel, processes, unknown
from encoder.cli.question_options import Platforms
from encoder.cli.telling import elapsed, fitted, telling
from encoder.ledger.ask import Answered, decide, known
from encoder.ledger.cache import Cache
from encoder.ledger.digest import digest
from encoder.ledger.obligation import Obligation
from encoder.ledger.recall import Recall, word_of
from encoder.ledger.record import Record
from encoder.ledger.run import Task
from encoder.render.matrix import MatrixCell, render
from encoder.spec.load import base_of, document_names
from encoder.verify.load import load, load_all
from encoder.verify.platforms import all_platforms, on_platform


def matrix(
    scenarios: Annotated[list[str], typer.Argument(metavar="SCENARIO...", show_default=False)],
    variant: Annotated[
        list[str] | None,
        typer.Option(
            "--variant", metavar="V", help="A variant; may be repeated (default: the newest kernel).",
            show_default=False,
        ),
    ] = None,
    platform: Platforms = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Use no recorded result: decide everything anew.")] = False,
    jobs: Jobs = 0,
    timeout: Annotated[float, typer.Option("--timeout", metavar="S", help="Seconds a question may take.")] = 60.0,
    memory: Annotated[
        str | None, typer.Option("--memory", metavar="SIZE", help="Memory a question may take.", show_default=False)
    ] = None,
    json: AsOneObject = False,
) -> int:  # fmt: skip
    """All properties on all platforms in one table, compared with the variant's base."""
    variants = variant or [newest_kernel(document_names("variants"))]
    _look_at(scenarios, variants, platform or [], costs(timeout, memory, jobs))
    wanted = [*_questions(scenarios, variants, platform or [], timeout)]
    bases = {name: base for name in variants if (base := base_of(name)) is not None}
    compared = [replace(each, variant=bases[each.variant]) for each in wanted if each.variant in bases]
    beside = [each for each in compared if each not in wanted]
    committed = {} if fresh else Recall().committed(beside)
    tasks = [*_tasks([*wanted, *(each for each in beside if each not in committed)])]
    pool, share = LocalPool(processes(jobs)), granted(memory, min(processes(jobs), len(tasks) or 1))
    records = _decide(tasks, pool, memory=share, fresh=fresh) | committed
    cells = tuple(_cell(each, bases.get(each.variant), records) for each in wanted)
    if json:
        from encoder.render.matrix_object import render as as_json

        sys.stdout.write(as_json(cells))
    else:
        with fitted():
            sys.stdout.write(render(cells))
    return _code(cells)


def _look_at(
    scenarios: Iterable[str], variants: Iterable[str], platforms: Iterable[str], problems: list[Problem]
) -> None:
    """Raises InputError with every word that names nothing."""
    words = (("scenario", scenarios), ("variant", variants), ("platform", platforms))
    for kind, named in words:
        known_names = document_names(f"{kind}s")
        problems += [problem for word in named for problem in unknown(kind, word, known_names)]
    if problems:
        raise InputError(problems)


def _questions(
    scenarios: Iterable[str], variants: Sequence[str], platforms: Sequence[str], timeout: float
) -> Iterator[Question]:
    """Every property that is asked of the variant's kernel, on every platform."""
    chosen = [each for each in all_platforms() if not platforms or each.name in platforms]
    for scenario in scenarios:
        for variant in variants:
            question = Question(scenario=scenario, variant=variant, property="", timeout=timeout)
            program = load(question)
            for each in program.properties:
                yield from (on_platform(replace(question, property=each.name), one, program.kernel) for one in chosen)


def _tasks(questions: Sequence[Question]) -> Iterator[Task]:
    listed = {each: replace(each, property="") for each in questions}
    programs = load_all(listed.values())
    for each, alike in listed.items():
        program = programs[alike]
        yield Task(obligation=Obligation.asking(each), program=program, question=each, digest=digest(program, each))


def _decide(tasks: Sequence[Task], pool: Pool, *, memory: int | None, fresh: bool) -> dict[Question, Record]:
    """What is found, told as it comes."""
    cache, since = Cache(), time.monotonic()
    found = {each.task.question: each.record for each in ([] if fresh else known(tasks, cache))}
    running: set[str] = set()
    todo = [each for each in tasks if each.question not in found]

    def far() -> list[str]:
        count = f"{len(found)} of {len(tasks)} decided, {elapsed(since)}"
        return [f"{count}; being decided: {', '.join(sorted(running))}"]

    with telling(far) as look, closing(decide(todo, cache, pool=pool, memory=memory)) as events:
        for event in events:
            match event:
                case Started(task=task):
                    running.add(task.obligation.id)
                case Answered(task=task, record=record):
                    running.discard(task.obligation.id)
                    found[task.question] = record
            look()
    return found


def _cell(question: Question, base: str | None, records: Mapping[Question, Record]) -> MatrixCell:
    record = records[question]
    compared = None if base is None else BaseVerdict(base, word_of(records[replace(question, variant=base)]))
    return MatrixCell(
        scenario=question.scenario, variant=question.variant, property=question.property, platform=question.platform,
        verdict=word_of(record), steps=record.steps if record.found == "refuted" else None,
        open=record.found == "open loops", base=compared,
    )  # fmt: skip


def _code(cells: Iterable[MatrixCell]) -> int:
    """That of the worst verdict."""
    words = {"undecided" if each.open or each.verdict in ("vacuous", "unknown") else each.verdict for each in cells}
    return exits.REFUTED if "refuted" in words else exits.UNDECIDED if "undecided" in words else exits.OK
