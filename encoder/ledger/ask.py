"""Tasks answered: from what is kept of earlier runs, or else in worker processes."""

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass

from encoder.base.errors import InputError, SelfCheckError
from encoder.base.pool import Finished, Pool, Started, Told, Waiting
from encoder.base.result import Report
from encoder.base.worker import Disagreed, Failed, Lost, Refused
from encoder.ledger.cache import Cache
from encoder.ledger.record import Record, answers, undecided
from encoder.ledger.run import Task, run


@dataclass(frozen=True, slots=True)
class Answered:
    """What was found for a task; `old` if that was kept of an earlier run."""

    task: Task
    record: Record
    old: bool = False


def known(tasks: Iterable[Task], cache: Cache) -> list[Answered]:
    """Those that the cache answers."""
    found = []
    for task in tasks:
        record = cache.result(task.obligation, task.digest)
        if record is not None and answers(record, task.question):
            found.append(Answered(task, record, old=True))
    return found


def decide(
    tasks: Iterable[Task], cache: Cache, *, pool: Pool, memory: int | None
) -> Generator[Started[Task] | Answered | Waiting, None, None]:
    """Decide tasks anew, and keep what is found as soon as it is. Closing it ends what still runs.

    Raises InputError or SelfCheckError for an outcome that is no answer.
    """
    with closing(run(tuple(tasks), pool=pool, memory=memory)) as events:
        for event in events:
            match event:
                case Started():
                    yield event
                case Waiting() | Told():
                    yield Waiting()
                case Finished(task=task):
                    yield Answered(task, _recorded(event, cache))


def _recorded(event: Finished[Task, Report], cache: Cache) -> Record:
    task, obligation = event.task, event.task.obligation
    match event.outcome:
        case Report() as report:
            return cache.keep(obligation, report, task.digest)
        case Lost(reason=reason, reached=reached):
            return undecided(obligation, reason, reached)
        case Failed(reason=reason):
            return undecided(obligation, reason)
        case Refused(problems=problems):
            raise InputError(problems)
        case Disagreed(message=message):
            raise SelfCheckError(f"{obligation.id}: {message}")
