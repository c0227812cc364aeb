"""A question at work in a process of its own, watched from outside: it is killed when it takes too long or too much."""

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from encoder.base.errors import InputError, Problem, SelfCheckError
from encoder.base.limits import MORE_MEMORY, MORE_TIME, SMALLER, Limits, confine, resident, size_words
from encoder.base.result import Progress, Report

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, ForkServerContext

POLL = 0.1  # seconds between two looks at a process that says nothing


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker was killed or died before anything was decided. `so_far` is what it had told last."""

    reason: str
    advice: str = SMALLER
    so_far: Progress | None = None

    @property
    def reached(self) -> str:
        """How far it got, "" if it had not told."""
        return self.so_far.reached if self.so_far else ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The worker raised what it should not: a bug, nothing is decided. `trace` is the traceback as text."""

    reason: str
    trace: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The input is wrong in a way that shows only when it is solved."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Disagreed:
    """A self-check failed."""

    message: str


WorkerOutcome = Report | Lost | Failed | Refused | Disagreed


@dataclass(frozen=True, slots=True)
class _SoFar:
    told: Progress | Report


@dataclass(frozen=True, slots=True)
class _Dumped:
    text: str


class WorkerPipe:
    """The worker's end: what it tells before it has an answer."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def so_far(self, told: Progress | Report) -> None:
        """A `result.Tell`."""
        self._pipe.send(_SoFar(told))

    def write(self, text: str) -> int:
        """Hand over a piece of what `--dump-smt` asks for."""
        self._pipe.send(_Dumped(text))
        return len(text)


Job = Callable[[WorkerPipe], Report]
"""What a worker does; it must be picklable."""


class Worker:
    """A job in a process of its own, from the moment at which this is made."""

    def __init__(self, job: Job, limits: Limits, so_far: Progress | None = None) -> None:
        """`so_far` is what is known before the worker has told anything."""
        self.limits = limits
        self.so_far: Progress | Report | None = so_far
        self.dumped = ""
        context = _context()
        self.pipe, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(theirs, limits.memory, job), daemon=True)
        with _interrupts_held():
            self._process.start()
        theirs.close()
        self._ends = self._end()

    def look(self) -> WorkerOutcome | None:
        """What has come of it, None while it works. Kills it where it is beyond its limits.

        What is asked beyond a verdict has as much time again, as the engine gives it, and cannot undo the verdict.
        """
        try:
            while self.pipe.poll():
                match self.pipe.recv():
                    case _SoFar(told=told):
                        self.so_far = told
                        if isinstance(told, Report):
                            self._ends = self._end()
                    case _Dumped(text=text):
                        self.dumped += text
                    case outcome:
                        self.kill()
                        return self._told(outcome)
        except (EOFError, OSError):
            self._process.join(1)
            code = self._process.exitcode
            self.kill()
            return self._lost(f"the worker died with exit code {code}")
        return self._within_limits()

    def kill(self) -> None:
        """End it, whatever it does. What it has told stays."""
        if not self.pipe.closed:
            self._process.kill()
            self._process.join()
            self._process.close()
            self.pipe.close()

    def _told(self, outcome: WorkerOutcome | MemoryError) -> WorkerOutcome:
        if not isinstance(outcome, MemoryError):
            return outcome
        memory = self.limits.memory
        return self._lost(
            f"out of memory: it may have {size_words(memory)}" if memory else "out of memory", MORE_MEMORY
        )

    def _within_limits(self) -> WorkerOutcome | None:
        if time.monotonic() > self._ends:
            self.kill()
            return self._lost(f"killed: no answer within {self.limits.seconds:g} s", MORE_TIME)
        memory, process = self.limits.memory, self._process.pid
        if memory is not None and process is not None and resident(process) > memory:
            self.kill()
            return self._lost(f"killed: more than {size_words(memory)} of memory", MORE_MEMORY)
        return None

    def _lost(self, reason: str, advice: str = SMALLER) -> WorkerOutcome:
        if isinstance(self.so_far, Report):
            return replace(self.so_far, flags=(*self.so_far.flags, f"what was asked beyond the verdict: {reason}"))
        return Lost(reason, advice, self.so_far)

    def _end(self) -> float:
        return time.monotonic() + self.limits.killed_after


def wait(workers: Iterable[Worker]) -> None:
    """Until one of them has said something or died, and no longer than until it is time to look again."""
    connection.wait([worker.pipe for worker in workers], POLL)


def _context() -> "ForkContext | ForkServerContext":
    """How processes are made: by fork, which costs milliseconds, where nothing but this thread could hold a lock."""
    if sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1:
        return get_context("fork")
    context = get_context("forkserver")
    context.set_forkserver_preload(["encoder.verify.engine"])
    return context


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process that is started in here never sees the interrupt that a terminal sends to all: z3 would take it for
    its own. Who watches it ends it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, memory: int | None, job: Job) -> None:
    """What runs in the process. Errors with a meaning of their own come back as values."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if memory is not None:
        while resident(os.getpid()) > memory:
            time.sleep(POLL)  # who watches will see the same
        confine(memory)
    pipe.send(_outcome(job, WorkerPipe(pipe)))


def _outcome(job: Job, line: WorkerPipe) -> WorkerOutcome | MemoryError:
    try:
        return job(line)
    except InputError as error:
        return Refused(error.problems)
    except SelfCheckError as error:
        return Disagreed(str(error))
    except MemoryError:
        return MemoryError()
    except BaseException as error:
        return Failed(f"the worker failed: {type(error).__name__}: {error}", traceback.format_exc())


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGKILL)
