"""A question of the command line: loaded here, answered in a worker process, which may end at its limits."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO, assert_never

from encoder.base.errors import InputError, SelfCheckError
from encoder.base.limits import Limits
from encoder.base.result import Question, Report, Unknown
from encoder.program.core import Program
from encoder.verify.case import Case
from encoder.verify.engine import answer, load
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
    case = Case.of(program, question, loaded=seconds)
    worker = Worker(partial(_answer, program, question, seconds, dump is not None), limits, case.loaded_only())
    try:
        yield partial(_report, case, worker, dump)
    finally:
        worker.kill()


def _answer(program: Program, question: Question, seconds: float, dumps: bool, line: WorkerPipe) -> Report:
    """Runs in the worker."""
    return answer(program, question, dump=line if dumps else None, loaded=seconds, tell=line.so_far)


def _report(case: Case, worker: Worker, dump: TextIO | None) -> Report:
    while (outcome := worker.look()) is None:
        wait([worker])
    if dump is not None:
        dump.write(worker.dumped)
    return _meaning(case, outcome)


def _meaning(case: Case, outcome: WorkerOutcome) -> Report:
    match outcome:
        case Report():
            return outcome
        case Lost(so_far=so_far):
            assert so_far is not None
            return case.report(so_far, Unknown(reason=outcome.reason, reached=outcome.reached, advice=outcome.advice))
        case Refused(problems=problems):
            raise InputError(problems)
        case Disagreed(message=message):
            raise SelfCheckError(message)
        case Failed():
            raise RuntimeError(f"{outcome.reason}\n{outcome.trace}")
        case never:
            assert_never(never)
