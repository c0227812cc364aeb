"""Jobs at work in a process of their own, watched from outside: it is killed when one takes too long or too much."""

import gc
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from encoder.base.errors import InputError, Problem, SelfCheckError
from encoder.base.garbage import look_rarely
from encoder.base.limits import MORE_MEMORY, MORE_TIME, SMALLER, Limits, confine, resident, size_words
from encoder.base.result import Progress, Report

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, ForkServerContext

A = TypeVar("A")

SMALL = 0.1
"""The part of the memory that it may have which a worker may keep from one job to the next."""
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


NoAnswer = Lost | Failed | Refused | Disagreed


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


Job = Callable[[WorkerPipe], A]
"""What a worker does; it must be picklable, and so must its answer."""


class Worker(Generic[A]):
    """A process that does a job, from the moment at which this is made, and afterwards others."""

    def __init__(
        self, job: Job[A], limits: Limits, so_far: Progress | None = None, modules: Sequence[str] = ()
    ) -> None:
        """`so_far` is what is known before the worker has told anything, `modules` are those that it needs."""
        context = _context(modules)
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, limits.memory, job), daemon=True)
        with interrupts_held():
            self._process.start()
        theirs.close()
        self._begin(limits, so_far)

    def take(self, job: Job[A], limits: Limits) -> None:
        """Do this job too, now that the one before is answered; of memory it has what the first one has."""
        with suppress(OSError):  # it has died: `look` will tell
            self.pipe.send(job)
        self._begin(replace(limits, memory=self.limits.memory), None)

    def _begin(self, limits: Limits, so_far: Progress | None) -> None:
        self.limits = limits
        self.so_far: Progress | Report | None = so_far
        self.dumped = ""
        self._ends = self._end()

    def look(self) -> A | NoAnswer | None:
        """What has come of the job, None while it works. Kills it where it is beyond its limits.

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
                        return self._told(outcome)
        except (EOFError, OSError):
            self._process.join(1)
            code = self._process.exitcode
            self.kill()
            return self._lost(f"the worker died {_of(code)}")
        return self._within_limits()

    def is_small(self) -> bool:
        """Whether it has so little memory that any other job can follow."""
        memory, process = self.limits.memory, self._process.pid
        return memory is None or (process is not None and resident(process) <= memory * SMALL)

    def kill(self) -> None:
        """End it, whatever it does. What it has told stays."""
        if not self.pipe.closed:
            self._process.kill()
            self._process.join()
            self._process.close()
            self.pipe.close()

    def _told(self, outcome: A | NoAnswer | MemoryError) -> A | NoAnswer:
        if not isinstance(outcome, MemoryError):
            return outcome
        memory = self.limits.memory
        return self._lost(
            f"out of memory: the limit is {size_words(memory)}" if memory else "out of memory", MORE_MEMORY
        )

    def _within_limits(self) -> A | NoAnswer | None:
        if time.monotonic() > self._ends:
            self.kill()
            return self._lost(f"killed: no answer within {self.limits.seconds:g} s", MORE_TIME)
        memory, process = self.limits.memory, self._process.pid
        if memory is not None and process is not None and resident(process) > memory:
            self.kill()
            return self._lost(f"killed: more than {size_words(memory)} of memory", MORE_MEMORY)
        return None

    def _lost(self, reason: str, advice: str = SMALLER) -> A | NoAnswer:
        if isinstance(self.so_far, Report):
            flags = (*self.so_far.flags, f"questions beyond the verdict were not decided: {reason}")
            return cast(A, replace(self.so_far, flags=flags))  # who tells a report answers with one
        return Lost(reason, advice, self.so_far)

    def _end(self) -> float:
        return time.monotonic() + self.limits.killed_after


def _of(code: int | None) -> str:
    """What a process has died of, by its exit code: `of SIGKILL`, `with exit code 1`."""
    with suppress(ValueError):
        return f"of {signal.Signals(-(code or 0)).name}"
    return f"with exit code {code}"


def settled(outcome: A | NoAnswer) -> A | Lost:
    """An answer, or that there is none. Raises InputError and SelfCheckError as the job did, RuntimeError with the
    worker's traceback for a bug."""
    match outcome:
        case Refused(problems=problems):
            raise InputError(problems)
        case Disagreed(message=message):
            raise SelfCheckError(message)
        case Failed(reason=reason, trace=trace):
            raise RuntimeError(f"{reason}\n{trace}")
        case _:
            return outcome


def wait(workers: Iterable[Worker[Any]]) -> None:
    """Until one of them has said something or died, and no longer than until it is time to look again."""
    connection.wait([worker.pipe for worker in workers], POLL)


def _context(modules: Sequence[str]) -> "ForkContext | ForkServerContext":
    """How processes are made: by fork, which costs milliseconds, where nothing but this thread could hold a lock."""
    if sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1:
        return get_context("fork")
    context = get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    return context


@contextmanager
def interrupts_held() -> Iterator[None]:
    """A process that is started in here never sees the interrupt that a terminal sends to all: z3 would take it for
    its own. Who watches it ends it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, memory: int | None, job: Job[A]) -> None:
    """What runs in the process. Errors with a meaning of their own come back as values."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()  # what is there now is kept anyway
    look_rarely()
    if memory is not None:
        while resident(os.getpid()) > memory:
            time.sleep(POLL)  # who watches will see the same
        confine(memory)
    while True:
        pipe.send(_outcome(job, WorkerPipe(pipe)))
        job = pipe.recv()


def _outcome(job: Job[A], line: WorkerPipe) -> A | NoAnswer | MemoryError:
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
