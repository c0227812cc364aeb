"""Many jobs, a few workers."""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from math import inf

import pytest

from encoder.base import worker
from encoder.base.errors import InputError, SelfCheckError
from encoder.base.limits import Limits
from encoder.base.pool import Finished, PoolEvent, Started, WorkItem, work_off
from encoder.base.worker import Disagreed, Failed, Lost, NoAnswer, Refused, settled
from tests import jobs

LONG = Limits(seconds=inf)


def each(*tasks: str, limits: Limits = LONG) -> list[WorkItem[str, tuple[str, int]]]:
    return [WorkItem(task, partial(jobs.obeys, task), limits) for task in tasks]


def outcomes(events: Iterator[PoolEvent[str, tuple[str, int]]]) -> dict[str, tuple[str, int] | NoAnswer]:
    return {event.task: event.outcome for event in events if isinstance(event, Finished)}


def processes(found: dict[str, tuple[str, int] | NoAnswer]) -> set[int]:
    return {outcome[1] for outcome in found.values() if isinstance(outcome, tuple)}


@pytest.mark.parametrize(("reuse", "count"), [pytest.param(False, 4, marks=pytest.mark.slow), (True, 1)])
def test_each_has_its_answer_from_a_process_of_its_own_or_from_one(reuse: bool, count: int) -> None:
    found = outcomes(work_off(each("a", "b", "c", "d"), jobs=1, reuse=reuse))
    assert [outcome[0] for outcome in found.values() if isinstance(outcome, tuple)] == ["a", "b", "c", "d"]
    assert len(processes(found)) == count
    assert os.getpid() not in processes(found)


def test_who_dies_is_replaced() -> None:
    found = outcomes(work_off(each("a", "die", "b", "fail", "c"), jobs=1, reuse=True))
    assert list(found) == ["a", "die", "b", "fail", "c"]
    assert found["die"] == Lost("the worker died of SIGKILL")
    assert isinstance(found["fail"], Failed)
    assert len(processes(found)) == 3


def test_who_has_answered_takes_another_of_the_same_group() -> None:
    groups = {"a": 1, "b": 2, "c": 1, "d": 2, "e": 1}
    items = [replace(item, group=groups[item.task]) for item in each(*groups)]
    found = outcomes(work_off(items, jobs=1, reuse=True))
    assert list(found) == ["a", "c", "e", "b", "d"]
    by = {task: outcome[1] for task, outcome in found.items() if isinstance(outcome, tuple)}
    assert by["a"] == by["c"] == by["e"] != by["b"] == by["d"]


def test_a_new_worker_begins_with_a_group_of_its_own() -> None:
    groups = {"a": 1, "b": 1, "c": 2, "d": 2}
    items = [replace(item, group=groups[item.task]) for item in each(*groups)]
    started = [event.task for event in work_off(items, jobs=2, reuse=True) if isinstance(event, Started)]
    assert started[:2] == ["a", "c"]
    assert sorted(started) == sorted(groups)


def test_who_has_taken_much_memory_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SMALL", 0.0)
    found = outcomes(work_off(each("a", "b", limits=Limits(seconds=60, memory=2**40)), jobs=1, reuse=True))
    assert len(processes(found)) == 2


def test_the_second_job_of_a_worker_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "killed_after", property(lambda limits: limits.seconds + 0.2))
    tasks = [*each("a"), *each("hang", limits=Limits(seconds=0.01)), *each("b")]
    found = outcomes(work_off(tasks, jobs=1, reuse=True))
    assert isinstance(lost := found["hang"], Lost)
    assert lost.reason == "killed: no answer within 0.01 s"
    assert len(processes(found)) == 2


def test_starts_are_told_as_they_happen_and_no_more_than_there_are_workers() -> None:
    working, most = set(), 0
    for event in work_off(each("a", "b", "c", "d", "e"), jobs=2, reuse=True):
        if isinstance(event, Started):
            working.add(event.task)
            most = max(most, len(working))
        if isinstance(event, Finished):
            working.remove(event.task)
    assert (most, working) == (2, set())


def test_nothing_to_do_is_done() -> None:
    assert list(work_off([], jobs=2, modules=["there.is.none"])) == []


def test_closing_ends_who_works_and_who_is_idle() -> None:
    events = work_off(each("a", "hang"), jobs=2, reuse=True)
    for event in events:
        if isinstance(event, Finished):
            break
    assert isinstance(event, Finished) and isinstance(event.outcome, tuple)
    assert alive(event.outcome[1])
    events.close()
    assert not alive(event.outcome[1])


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_what_is_no_answer_is_raised_but_for_a_loss() -> None:
    lost = Lost("killed")
    assert (settled("answer"), settled(lost)) == ("answer", lost)
    for outcome, error in (
        (Refused((jobs.PROBLEM,)), InputError),
        (Disagreed("step 3"), SelfCheckError),
        (Failed("bug", "line 7"), RuntimeError),
    ):
        with pytest.raises(error):
            settled(outcome)
