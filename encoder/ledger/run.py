"""Obligations decided in worker processes, each in one of its own."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module

from encoder.base.limits import Limits
from encoder.base.result import Question, Report, Tell
from encoder.ledger.obligation import Obligation
from encoder.program.core import Program
from encoder.verify.worker import Worker, WorkerOutcome, WorkerPipe, wait

Answerer = Callable[[Program, Question, Tell], Report]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An obligation with its resolved program; `digest` is of all that the answer depends on."""

    obligation: Obligation
    program: Program
    question: Question
    digest: str


@dataclass(frozen=True, slots=True)
class Started:
    task: Task


@dataclass(frozen=True, slots=True)
class Finished:
    task: Task
    outcome: WorkerOutcome


@dataclass(frozen=True, slots=True)
class Waiting:
    """A moment in which nothing has happened."""


def engine_answer(program: Program, question: Question, tell: Tell) -> Report:
    """`encoder.verify.engine.answer`, imported where it is needed."""
    from encoder.verify.engine import answer

    return answer(program, question, tell=tell)


def run(
    tasks: Sequence[Task], *, jobs: int, memory: int | None = None, answer: Answerer = engine_answer
) -> Generator[Started | Finished | Waiting, None, None]:
    """Decide each task in a process, `jobs` of them at a time: starts and ends as they happen, `Waiting` a few times a
    second. A process may have `memory` bytes, None for any number.

    Closing the iterator kills what still runs.
    """
    if tasks:
        import_module("encoder.verify.engine")  # once, not in every worker
    todo = list(reversed(tasks))
    running: dict[Worker, Task] = {}
    try:
        while todo or running:
            while todo and len(running) < jobs:
                task = todo.pop()
                limits = Limits(seconds=task.question.timeout, memory=memory)
                running[Worker(partial(_work, answer, task), limits)] = task
                yield Started(task)
            wait(running)
            yield Waiting()
            for worker, task in list(running.items()):
                if (outcome := worker.look()) is not None:
                    del running[worker]
                    yield Finished(task, outcome)
    finally:
        for worker in running:
            worker.kill()


def _work(answer: Answerer, task: Task, line: WorkerPipe) -> Report:
    """Runs in the worker."""
    return answer(task.program, task.question, line.so_far)
