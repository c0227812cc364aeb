"""Obligations decided in worker processes that are killed when their time is over."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from encoder.errors import InputError, Problem, SelfCheckError
from encoder.ledger.obligation import Obligation
from encoder.program.core import Program
from encoder.result import Question, Report

if TYPE_CHECKING:
    from pebble import ProcessFuture

Answer = Callable[[Program, Question], Report]
POLL = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An obligation with its resolved program; `digest` is of all that the answer depends on."""

    obligation: Obligation
    program: Program
    question: Question
    digest: str

    @property
    def hard_limit(self) -> float:
        """Seconds after which the worker is killed: the solver's own limit, and time to load, build and replay."""
        return self.question.timeout * 1.25 + 10


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker was killed, crashed or raised what it should not: nothing is decided."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The input is wrong in a way that shows only when it is solved."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Disagreed:
    """A self-check failed."""

    message: str


Outcome = Report | Lost | Refused | Disagreed


@dataclass(frozen=True, slots=True)
class Started:
    task: Task


@dataclass(frozen=True, slots=True)
class Finished:
    task: Task
    outcome: Outcome


def engine_answer(program: Program, question: Question) -> Report:
    """`encoder.engine.answer`, imported where it runs: in the worker."""
    from encoder.engine import answer

    return answer(program, question)


def run(
    tasks: Sequence[Task], *, jobs: int, answer: Answer = engine_answer
) -> Generator[Started | Finished, None, None]:
    """Decide each task in one of `jobs` processes: starts and ends as they happen.

    Closing the iterator kills what still runs.
    """
    if not tasks:
        return
    from multiprocessing import get_context

    from pebble import ProcessPool

    with ProcessPool(max_workers=jobs, context=get_context("spawn")) as pool:
        waiting: dict[ProcessFuture[Report | Refused | Disagreed], Task] = {}
        started: set[ProcessFuture[Report | Refused | Disagreed]] = set()
        try:
            for task in tasks:
                future = pool.schedule(_work, args=(answer, task.program, task.question), timeout=task.hard_limit)
                waiting[future] = task
            while waiting:
                done, _ = wait(waiting, timeout=POLL, return_when=FIRST_COMPLETED)
                for future, task in waiting.items():
                    if future not in started and (future in done or future.running()):
                        started.add(future)
                        yield Started(task)
                for future in [future for future in waiting if future in done]:
                    task = waiting.pop(future)
                    yield Finished(task, _outcome(task, future))
        finally:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


def _work(answer: Answer, program: Program, question: Question) -> Report | Refused | Disagreed:
    """Runs in the worker. Errors with a meaning of their own come back as values: exceptions lose their fields."""
    try:
        return answer(program, question)
    except InputError as error:
        return Refused(error.problems)
    except SelfCheckError as error:
        return Disagreed(str(error))


def _outcome(task: Task, future: "ProcessFuture[Report | Refused | Disagreed]") -> Outcome:
    from pebble import ProcessExpired

    try:
        return future.result()
    except TimeoutError:
        return Lost(f"killed: no answer within the limit of {task.question.timeout:g} s")
    except ProcessExpired as error:
        return Lost(f"the worker died with exit code {error.exitcode}")
    except Exception as error:
        return Lost(f"the worker failed: {type(error).__name__}: {error}")
