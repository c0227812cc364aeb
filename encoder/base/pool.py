"""Many jobs in worker processes, a few at a time."""

from collections import deque
from collections.abc import Collection, Generator, Hashable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar, Generic, Protocol, TypeVar

from encoder.base.limits import Limits
from encoder.base.result import Progress, Report
from encoder.base.worker import Job, NoAnswer, Worker, wait

A = TypeVar("A")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkItem(Generic[T, A]):
    """A task with the job that it means for a worker. `group`: those of the same one have something in common that a
    worker finds out only once."""

    task: T
    job: Job[A]
    limits: Limits
    group: Hashable = None


@dataclass(frozen=True, slots=True)
class Started(Generic[T]):
    task: T


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """How far a task is."""

    task: T
    so_far: Progress | Report


@dataclass(frozen=True, slots=True)
class Finished(Generic[T, A]):
    """`dumped` is what the job has written to its pipe."""

    task: T
    outcome: A | NoAnswer
    dumped: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A moment in which nothing has happened."""


PoolEvent = Started[T] | Told[T] | Finished[T, A] | Waiting


class Pool(Protocol):
    """Who does jobs. `keeps`: what a job records in the user's database is recorded in this machine's."""

    @property
    def keeps(self) -> bool: ...

    def work_off(
        self, items: Iterable[WorkItem[T, A]], *, modules: Sequence[str] = (), reuse: bool = False
    ) -> Generator[PoolEvent[T, A], None, None]:
        """Do each in a process that needs `modules`, with `reuse` as in `work_off` where that can be. Closing the
        iterator ends what still runs."""
        ...


@dataclass(frozen=True, slots=True)
class LocalPool:
    """Processes of this machine, `jobs` at a time."""

    jobs: int
    keeps: ClassVar[bool] = True

    def work_off(
        self, items: Iterable[WorkItem[T, A]], *, modules: Sequence[str] = (), reuse: bool = False
    ) -> Generator[PoolEvent[T, A], None, None]:
        """As the function."""
        return work_off(items, jobs=self.jobs, modules=modules, reuse=reuse)


def work_off(
    items: Iterable[WorkItem[T, A]], *, jobs: int, modules: Sequence[str] = (), reuse: bool = False
) -> Generator[PoolEvent[T, A], None, None]:
    """Do each in a process, `jobs` of them at a time: starts and ends as they happen, `Waiting` a few times a second,
    `Told` where a task has told something since. All of them need `modules`. With `reuse` who has answered takes
    another of the same group, unless the one before has left much behind.

    Closing the iterator kills what still runs.
    """
    todo = deque(items)
    for module in modules if todo else ():
        import_module(module)  # once, not in every worker
    running: dict[Worker[A], WorkItem[T, A]] = {}
    idle: dict[Worker[A], Hashable] = {}
    try:
        while todo or running:
            while todo and len(running) < jobs:
                worker, each = _next(todo, idle, {item.group for item in running.values()}, modules)
                running[worker] = each
                yield Started(each.task)
            wait(running)
            yield Waiting()
            for worker, item in list(running.items()):
                before = worker.so_far
                if (outcome := worker.look()) is None:
                    if worker.so_far is not None and worker.so_far is not before:
                        yield Told(item.task, worker.so_far)
                    continue
                del running[worker]
                if reuse and not isinstance(outcome, NoAnswer) and worker.is_small():
                    idle[worker] = item.group
                else:
                    worker.kill()
                yield Finished(item.task, outcome, worker.dumped)
    finally:
        for worker in (*running, *idle):
            worker.kill()


def _next(
    todo: deque[WorkItem[T, A]], idle: dict[Worker[A], Hashable], busy: Collection[Hashable], modules: Sequence[str]
) -> tuple[Worker[A], WorkItem[T, A]]:
    """Take the next item, with a worker that does it: one that is idle and has done another of the group, or a new one,
    which begins with a group that nobody is busy with, if there is one."""
    while idle:
        worker, group = idle.popitem()
        if (item := next((each for each in todo if each.group == group), None)) is not None:
            todo.remove(item)
            worker.take(item.job, item.limits)
            return worker, item
        worker.kill()
    item = next((each for each in todo if each.group not in busy), todo[0])
    todo.remove(item)
    return Worker(item.job, item.limits, modules=modules), item
