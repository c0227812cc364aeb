"""Obligations decided in worker processes."""

from collections import Counter
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


def engine_answer(program: Program, question: Question, tell: Tell, *, several: bool) -> Report:
    """`encoder.verify.engine.answer`, imported where it is needed; `several` as in `Knowledge`."""
    from encoder.verify.engine import answer
    from encoder.verify.knowledge import last_known

    return answer(program, question, tell=tell, known=last_known(program, question.loops, several=several))


def run(
    tasks: Sequence[Task], *, pool: Pool, memory: int | None = None, answer: Answerer | None = None
) -> Generator[PoolEvent[Task, Report], None, None]:
    """Decide each task in a process, by `answer` or else the engine, as `pool` does; tasks about one program in the
    same process where that can be, which builds its graph once. A process may have `memory` bytes, None for any
    number."""
    asked = Counter(program for program, _ in {(each.question.program, each.question.property) for each in tasks})
    items = [
        WorkItem(
            task, partial(_work, answer or partial(engine_answer, several=asked[task.question.program] > 1), task),
            Limits(seconds=task.question.timeout, memory=memory), group=task.question.program,
        )
        for task in tasks
    ]  # fmt: skip
    return pool.work_off(items, modules=["encoder.verify.engine", __name__], reuse=True)


def _work(answer: Answerer, task: Task, line: WorkerPipe) -> Report:
    """Runs in the worker."""
    return answer(task.program, task.question, line.so_far)
