"""Many litmus tests, in this process or in workers that are killed when their time is over."""

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import TimeoutError as Late
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from encoder.base.errors import Problem
from encoder.base.source import Span
from encoder.litmus.decide import LitmusVerdict, decide, refusal, undecided
from encoder.litmus.read import LitmusReader

HEADROOM = 10.0


def run(
    files: Sequence[str], *, model: str, timeout: float, jobs: int, witness: bool = False
) -> Iterator[LitmusVerdict]:
    """The verdict on each file, in their order; `timeout` seconds for each. Closing the iterator ends all work."""
    if jobs == 1:
        yield from (work(file, model, timeout, witness) for file in files)
        return
    with ProcessPool(max_workers=jobs, context=get_context("spawn")) as pool:
        try:
            limit = timeout * 1.25 + HEADROOM
            futures = [pool.schedule(work, args=(file, model, timeout, witness), timeout=limit) for file in files]
            for file, future in zip(files, futures, strict=True):
                try:
                    yield future.result()
                except (Late, ProcessExpired) as error:
                    yield lost(file, model, error)
        finally:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()


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


def lost(file: str, model: str, error: Exception) -> LitmusVerdict:
    """A worker was killed or crashed: nothing is decided."""
    reason = "the worker crashed" if isinstance(error, ProcessExpired) else "killed: no answer in time"
    return undecided(file, model, reason)
