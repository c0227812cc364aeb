"""A question of the command line: loaded here, answered in a worker process, which may end at its limits."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

from encoder.base.limits import Limits
from encoder.base.result import Question, Report, Tell, Unknown, silent
from encoder.base.worker import NoAnswer, Worker, WorkerPipe, settled, wait
from encoder.program.core import Program
from encoder.verify.case import Case
from encoder.verify.engine import answer, load


@contextmanager
def run_isolated(
    question: Question, limits: Limits, *, root: Path | None = None, dump: TextIO | None = None
) -> Iterator[Callable[[Tell], Report]]:
    """Begin to answer a question as `engine.ask` does; what is given waits for the report, and tells a few times a
    second how far it is. Leaving ends the worker.

    An answer that is not there within the limits is Unknown. Raises InputError and SelfCheckError as `engine.ask` does,
    RuntimeError with the worker's traceback for a bug.
    """
    start = time.monotonic()
    program = load(question, root)
    seconds = time.monotonic() - start
    case = Case.of(program, question, loaded=seconds)
    job = partial(_answer, program, question, seconds, dump is not None)
    worker = Worker(job, limits, case.loaded_only(), ["encoder.verify.engine"])
    try:
        yield partial(_report, case, worker, dump)
    finally:
        worker.kill()


def _answer(program: Program, question: Question, seconds: float, dumps: bool, line: WorkerPipe) -> Report:
    """Runs in the worker."""
    return answer(program, question, dump=line if dumps else None, loaded=seconds, tell=line.so_far)


def _report(case: Case, worker: Worker[Report], dump: TextIO | None, tell: Tell = silent) -> Report:
    while (outcome := worker.look()) is None:
        if worker.so_far is not None:
            tell(worker.so_far)
        wait([worker])
    if dump is not None:
        dump.write(worker.dumped)
    return _meaning(case, outcome)


def _meaning(case: Case, outcome: Report | NoAnswer) -> Report:
    found = settled(outcome)
    if isinstance(found, Report):
        return found
    assert found.so_far is not None
    return case.report(found.so_far, Unknown(reason=found.reason, reached=found.reached, advice=found.advice))
