"""Many jobs on the machines of a dask.distributed cluster, each in a process of its own as on this one. Nothing else
knows of dask, which is imported only when it is asked for."""

import pickle
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import current_process, resource_tracker
from queue import Empty, SimpleQueue
from typing import Any, NoReturn, TypeVar

from encoder.base.errors import InputError, Problem
from encoder.base.limits import Limits
from encoder.base.pool import Finished, PoolEvent, Started, Waiting, WorkItem
from encoder.base.worker import POLL, Lost, NoAnswer, Worker, WorkerPipe, interrupts_held, wait

A = TypeVar("A")
T = TypeVar("T")
Fingerprint = Callable[[], Mapping[str, str]]
"""Digests of what must be the same everywhere, by what it is: `{"specs": "5f0c…"}`."""

LOCAL = "local"
CONNECT = 5.0  # seconds until a scheduler must have answered
EMPTY = 60.0  # seconds that a cluster may be without workers while there is work to do
COUNTED = 1.0  # seconds between two counts of the workers' threads


@contextmanager
def connected(scheduler: str, *, jobs: int, fingerprint: Fingerprint) -> Iterator["ClusterPool"]:
    """The cluster of the scheduler at `tcp://HOST:PORT`; with `local` one of this machine's own, of so many processes,
    which ends with it.

    Raises InputError where dask.distributed is not installed, nobody answers, there are no workers, or one of them has
    another fingerprint.
    """
    dask = _dask()
    resource_tracker.ensure_running()  # or it would let interrupts through again when it starts
    with ExitStack() as stack:
        with interrupts_held():  # neither dask's processes nor its threads see what a terminal sends to all
            address = scheduler if scheduler != LOCAL else stack.enter_context(_own(dask, jobs)).scheduler_address
            try:
                client = dask.Client(address, timeout=CONNECT, set_as_default=False)
            except (OSError, ValueError):
                _give_up(f"no scheduler answers at `{scheduler}`", "a dask scheduler, as tcp://HOST:PORT")
        stack.callback(client.close, timeout=CONNECT)
        pool = ClusterPool(client, scheduler, fingerprint, dask.KilledWorker)
        pool.check()
        yield pool


class ClusterPool:
    """A `pool.Pool` of the cluster's workers: each has as many jobs at a time as it has threads. What a worker has not
    answered when it dies is done again by another."""

    keeps = False

    def __init__(self, client: Any, scheduler: str, fingerprint: Fingerprint, killed: type[Exception]) -> None:
        self.client = client
        self.scheduler = scheduler
        self.fingerprint = fingerprint
        self.expected = dict(fingerprint())
        self.killed = killed
        self.slots = 0
        self.counted = self.manned = time.monotonic() - COUNTED

    def check(self) -> None:
        """Raises InputError where there is no worker, or one that is not like this machine."""
        try:
            self.client.wait_for_workers(1, timeout=CONNECT)
        except TimeoutError:
            _give_up(f"the scheduler at `{self.scheduler}` has no workers", f"`dask worker {self.scheduler}` somewhere")
        for worker, found in sorted(self.client.run(self.fingerprint, on_error="return").items()):
            if isinstance(found, BaseException):
                _refuse(worker, f"{found}")
            _compare(worker, self.expected, found)

    def work_off(
        self, items: Iterable[WorkItem[T, A]], *, modules: Sequence[str] = (), reuse: bool = False
    ) -> Generator[PoolEvent[T, A], None, None]:
        """As `pool.work_off`, but nothing is told of a task before it has ended. Closing the iterator ends what still
        runs, on whatever machine."""
        todo = deque(items)
        running: dict[str, tuple[T, Any]] = {}
        done: SimpleQueue[Any] = SimpleQueue()
        try:
            while todo or running:
                self._look()
                while todo and len(running) < self._count():
                    each = todo.popleft()
                    future = self._submit(each, modules)
                    running[future.key] = each.task, future
                    future.add_done_callback(done.put)
                    yield Started(each.task)
                yield Waiting()
                with suppress(Empty):
                    future = done.get(timeout=POLL)
                    outcome = self._outcome(future)
                    yield Finished(running.pop(future.key)[0], outcome)
        finally:
            with suppress(OSError):  # it has gone, and knows of none
                self.client.cancel([future for _, future in running.values()], force=True)

    def _submit(self, item: WorkItem[T, A], modules: Sequence[str]) -> Any:
        content = pickle.dumps(item.job)
        asked = _Asked(content, item.limits, tuple(modules), self.fingerprint, tuple(self.expected.items()))
        return self.client.submit(_do, asked, pure=False, retries=0)

    def _count(self) -> int:
        """How many jobs may run at a time."""
        now = time.monotonic()
        if now - self.counted >= COUNTED and self.client.status == "running":
            self.counted = now
            try:
                self.slots = sum(self.client.nthreads().values())
            except OSError:
                self._has_gone()
        return self.slots

    def _look(self) -> None:
        """Raises InputError where the cluster is gone, or has been without workers for long."""
        now = time.monotonic()
        if self.client.status not in ("running", "connecting"):
            self._has_gone()
        self.manned = now if self._count() and self.client.status == "running" else self.manned
        if now - self.manned > EMPTY:
            _give_up(f"the scheduler at `{self.scheduler}` has been without workers for {EMPTY:g} s")

    def _outcome(self, future: Any) -> Any:
        """What has come of a job. Raises InputError where a worker refused it, or the scheduler has dropped it."""
        try:
            outcome = future.result()
        except self.killed as error:
            return Lost(f"the cluster's workers died of it: {error}".partition(" Inspecting")[0])
        except CancelledError:
            self._has_gone()
        except Exception as error:
            _give_up(f"the scheduler at `{self.scheduler}` has dropped a job: {type(error).__name__}: {error}")
        if isinstance(outcome, _Unlike):
            _compare(outcome.worker, self.expected, dict(outcome.found))
        return outcome

    def _has_gone(self) -> NoReturn:
        _give_up(f"the scheduler at `{self.scheduler}` has gone; what was decided before is recorded")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A pickled job, for workers with the fingerprint that is `expected`."""

    job: bytes
    limits: Limits
    modules: tuple[str, ...]
    fingerprint: Fingerprint
    expected: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Unlike:
    """A worker that has joined later has another fingerprint."""

    worker: str
    found: tuple[tuple[str, str], ...]


def _do(asked: _Asked) -> Any:
    """Runs in a thread of dask's worker: the job is done in a process that this starts, within its limits. A job that
    nobody waits for any more is ended."""
    from distributed import get_worker

    here = get_worker()
    found = tuple(asked.fingerprint().items())
    if found != asked.expected:
        return _Unlike(here.address, found)
    _prepare()
    key = here.get_current_task()
    job: Callable[[WorkerPipe], Any] = partial(_unpickled, asked.job)
    worker: Worker[Any] = Worker(job, asked.limits, modules=asked.modules)
    try:
        outcome: Any | NoAnswer | None = None
        while outcome is None and not _is_cancelled(here, key):
            wait([worker])
            outcome = worker.look()
        return outcome
    finally:
        worker.kill()


def _prepare() -> None:
    """Make dask's worker one that can start processes, and fast ones: they need not import what dask was started by."""
    current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    main = sys.modules["__main__"]
    main.__spec__ = None
    vars(main).pop("__file__", None)


def _unpickled(job: bytes, line: WorkerPipe) -> Any:
    """Runs in the process."""
    return pickle.loads(job)(line)


def _is_cancelled(worker: Any, key: str) -> bool:
    """Whether dask's worker has been told to forget this task, or is about to end."""
    task = worker.state.tasks.get(key)
    return task is None or task.state == "cancelled" or worker.status.name != "running"


def _dask() -> Any:
    """The module `distributed`, which logs nothing: what matters is raised here."""
    try:
        quiet = {"distributed": "critical", "distributed.client": "critical", "tornado": "critical"}
        import dask

        dask.config.set(logging=quiet)
        import distributed
    except ImportError:
        _give_up("`--scheduler` needs dask.distributed, which is not installed", "pip install 'pinproof[cluster]'")
    return distributed


def _own(dask: Any, jobs: int) -> Any:
    """A cluster on the loopback address."""
    return dask.LocalCluster(
        n_workers=jobs, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0",
        memory_limit=0, silence_logs=50,
    )  # fmt: skip


def _compare(worker: str, expected: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Raises InputError with what a worker has otherwise."""
    other = [name for name in expected if found.get(name) != expected[name]]
    if other:
        told = ", ".join(f"{name} {found.get(name, 'none')} (here {expected[name]})" for name in other)
        _refuse(worker, f"it has {told}")


def _refuse(worker: str, why: str) -> NoReturn:
    _give_up(f"the worker at {worker} is not like this machine: {why}", "the same Pinproof and specs everywhere")


def _give_up(message: str, expected: str = "") -> NoReturn:
    raise InputError([Problem(code="C107", message=message, span=None, expected=expected)])
