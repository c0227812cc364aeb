"""Many litmus tests, in workers that are killed when one takes too long or too much."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache, partial
from pathlib import Path

from encoder.base.errors import Problem
from encoder.base.limits import Limits
from encoder.base.pool import Finished, WorkItem, work_off
from encoder.base.source import Span
from encoder.base.worker import Lost, WorkerPipe, settled
from encoder.litmus.decide import LitmusVerdict, decide, refusal, undecided
from encoder.litmus.read import LitmusReader


def run(
    files: Sequence[str], *, model: str, limits: Limits, jobs: int, witness: bool = False
) -> Iterator[LitmusVerdict]:
    """The verdict on each file, in their order, within `limits` for each. Closing the iterator ends all work."""
    _reader()  # once, not in every worker
    items = [WorkItem(file, partial(_work, file, model, limits.seconds, witness), limits) for file in files]
    found: dict[str, LitmusVerdict] = {}
    told = 0
    with closing(work_off(items, jobs=jobs, modules=["encoder.litmus.run"], reuse=True)) as events:
        for event in events:
            if isinstance(event, Finished):
                found[event.task] = _verdict(event.task, model, settled(event.outcome))
            while told < len(files) and files[told] in found:
                yield found[files[told]]
                told += 1


def _work(file: str, model: str, timeout: float, witness: bool, _: WorkerPipe) -> LitmusVerdict:
    """Runs in the worker."""
    return work(file, model, timeout, witness)


def _verdict(file: str, model: str, found: LitmusVerdict | Lost) -> LitmusVerdict:
    """A worker that was killed or died decides nothing."""
    return undecided(file, model, found.reason) if isinstance(found, Lost) else found


def work(file: str, model: str, timeout: float, witness: bool) -> LitmusVerdict:
    """One file, by this process's reader."""
    try:
        text = Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        problem = Problem(code="L115", message=f"this file cannot be read: {error.strerror}", span=Span(file, 1, 1, 2))
        return refusal(file, model, (problem,))
    gc.disable()
    try:
        return decide(_reader(), file, text, model, timeout, witness=witness)
    finally:
        gc.enable()


@cache
def _reader() -> LitmusReader:
    """This process's reader, which outlives all garbage: looking through it takes longer than a small test."""
    reader = LitmusReader()
    gc.freeze()
    return reader
