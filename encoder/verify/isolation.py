"""Questions of the command line: loaded here, answered in worker processes, which may end at their limits."""

import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from encoder.base.errors import SelfCheckError
from encoder.base.limits import Limits
from encoder.base.pool import Finished, PoolEvent, WorkItem, work_off
from encoder.base.result import Question, Report, Unknown
from encoder.base.worker import Disagreed, NoAnswer, WorkerPipe, settled
from encoder.program.core import Program
from encoder.verify.case import Case
from encoder.verify.engine import answer
from encoder.verify.knowledge import last_known
from encoder.verify.load import load_all


def run_isolated(
    questions: Sequence[Question],
    limits: Limits,
    *,
    jobs: int = 1,
    root: Path | None = None,
    dumped: Question | None = None,
) -> Generator[PoolEvent[Question, Report], None, None]:
    """Answer questions as `engine.ask` does, `jobs` at a time, those about one program by the same process: starts,
    how far they are and reports as they come. Closing it ends what still runs. The solver's input for the
    question `dumped` comes with its report.

    An answer that is not there within the limits is Unknown. Raises InputError as `engine.ask` does, at once for what
    the specs do not have, SelfCheckError with the question's platform or model, RuntimeError with the worker's
    traceback for a bug.
    """
    start = time.monotonic()
    programs = load_all(questions, root)
    loaded = time.monotonic() - start
    cases = {each: Case.of(programs[each], each, loaded=loaded) for each in questions}
    items = [
        WorkItem(each, partial(_answer, case.program, case.question, loaded, each == dumped), limits, each.program)
        for each, case in cases.items()
    ]
    for event in work_off(items, jobs=jobs, modules=["encoder.verify.engine"], reuse=True):
        if isinstance(event, Finished):
            event = replace(event, outcome=_meaning(cases[event.task], event.outcome))
        yield event


def _answer(program: Program, question: Question, seconds: float, dumps: bool, line: WorkerPipe) -> Report:
    """Runs in the worker."""
    return answer(
        program, question, dump=line if dumps else None, loaded=seconds, tell=line.so_far,
        known=last_known(program, question.loops),
    )  # fmt: skip


def _meaning(case: Case, outcome: Report | NoAnswer) -> Report:
    if isinstance(outcome, Disagreed):
        raise SelfCheckError(f"{case.question.platform or case.question.model}: {outcome.message}")
    found = settled(outcome)
    if isinstance(found, Report):
        return found
    so_far = found.so_far or case.loaded_only()
    return case.report(so_far, Unknown(reason=found.reason, reached=so_far.reached, advice=found.advice))
