"""Obligations decided in worker processes, each in one of its own."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial

from encoder.base.limits import Limits
from encoder.base.pool import Pool, PoolEvent, WorkItem
from encoder.base.result import Question, Report, Tell
from encoder.base.worker import WorkerPipe
from encoder.ledger.obligation import Obligation
from encoder.program.core import Program

Answerer = Callable[[Program, Question, Tell], Report]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An obligation with its resolved program; `digest` is of all that the answer depends on."""

    obligation: Obligation
    program: Program
    question: Question
    digest: str


def engine_answer(program: Program, question: Question, tell: Tell) -> Report:
    """`encoder.verify.engine.answer`, imported where it is needed."""
    from encoder.verify.engine import answer

    return answer(program, question, tell=tell)


def run(
    tasks: Sequence[Task], *, pool: Pool, memory: int | None = None, answer: Answerer = engine_answer
) -> Generator[PoolEvent[Task, Report], None, None]:
    """Decide each task in a process of its own, as `pool` does. A process may have `memory` bytes, None for any."""
    items = [
        WorkItem(task, partial(_work, answer, task), Limits(seconds=task.question.timeout, memory=memory))
        for task in tasks
    ]
    return pool.work_off(items, modules=["encoder.verify.engine", __name__])


def _work(answer: Answerer, task: Task, line: WorkerPipe) -> Report:
    """Runs in the worker."""
    return answer(task.program, task.question, line.so_far)
