"""A question of the command line: loaded here, answered in a worker process, which may end at its limits."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TextIO, assert_never

from encoder.base.errors import InputError, SelfCheckError
from encoder.base.limits import Limits
from encoder.base.result import Question, Report, Unknown
from encoder.program.core import Program
from encoder.verify.engine import answer, load, unanswered
from encoder.verify.worker import Disagreed, Failed, Lost, Refused, Worker, WorkerOutcome, WorkerPipe, wait


@contextmanager
def run_isolated(
    question: Question, limits: Limits, *, root: Path | None = None, dump: TextIO | None = None
) -> Iterator[Callable[[], Report]]:
    """Begin to answer a question as `engine.ask` does; what is given waits for the report. Leaving ends the worker.

    An answer that is not there within the limits is Unknown. Raises InputError and SelfCheckError as `engine.ask` does,
    RuntimeError with the worker's traceback for a bug.
    """
    start = time.monotonic()
    program = load(question, root)
    seconds = time.monotonic() - start
    job = partial(_answer, program, question, seconds, dump is not None)
    worker = Worker(job, limits, unanswered(program, question, seconds))
    try:
        yield partial(_report, worker, dump)
    finally:
        worker.kill()


def _answer(program: Program, question: Question, seconds: float, dumps: bool, line: WorkerPipe) -> Report:
    """Runs in the worker."""
    return answer(program, question, dump=line if dumps else None, loaded=seconds, tell=line.so_far)


def _report(worker: Worker, dump: TextIO | None) -> Report:
    while (outcome := worker.look()) is None:
        wait([worker])
    if dump is not None:
        dump.write(worker.dumped)
    return _meaning(outcome)


def _meaning(outcome: WorkerOutcome) -> Report:
    match outcome:
        case Report():
            return outcome
        case Lost(so_far=so_far):
            assert so_far is not None
            return replace(
                so_far, verdict=Unknown(reason=outcome.reason, reached=outcome.reached, advice=outcome.advice)
            )
        case Refused(problems=problems):
            raise InputError(problems)
        case Disagreed(message=message):
            raise SelfCheckError(message)
        case Failed():
            raise RuntimeError(f"{outcome.reason}\n{outcome.trace}")
        case never:
            assert_never(never)
