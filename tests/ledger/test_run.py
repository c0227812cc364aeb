"""Workers that die, hang or disagree."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from encoder.base.limits import Limits
from encoder.base.pool import Finished, LocalPool, PoolEvent, Started
from encoder.base.result import Report
from encoder.base.worker import Disagreed, Failed, Lost, NoAnswer, Refused
from encoder.ledger.run import Task, run
from tests.ledger import answers
from tests.ledger.samples import task


def outcomes(events: Iterator[PoolEvent[Task, Report]]) -> dict[str, Report | NoAnswer]:
    return {event.task.obligation.variant: event.outcome for event in events if isinstance(event, Finished)}


def test_every_task_starts_and_finishes_once() -> None:
    tasks = [task("first"), task("second"), task("third")]
    events = list(run(tasks, pool=LocalPool(2), answer=answers.slow_when_first))
    for kind in (Started, Finished):
        assert sorted(e.task.obligation.variant for e in events if isinstance(e, kind)) == ["first", "second", "third"]
    assert all(isinstance(event.outcome, Report) for event in events if isinstance(event, Finished))


def test_a_killed_worker_decides_nothing_and_the_others_go_on() -> None:
    found = outcomes(run([task("first"), task("second")], pool=LocalPool(1), answer=answers.killed))
    assert isinstance(found["first"], Lost)
    assert "died" in found["first"].reason
    assert isinstance(found["second"], Report)


def test_a_worker_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "killed_after", property(lambda self: 1.0))
    found = outcomes(run([task(timeout=0.5)], pool=LocalPool(1), answer=answers.never_returns))["baseline"]
    assert isinstance(found, Lost)
    assert found.reason == "killed: no answer within 0.5 s"


def test_a_worker_that_takes_too_much_memory_is_killed_and_the_others_go_on() -> None:
    tasks = [task("first"), task("second"), task("third")]
    found = outcomes(run(tasks, pool=LocalPool(2), memory=600 * 2**20, answer=answers.takes_memory_when_first))
    lost = found["first"]
    assert isinstance(lost, Lost)
    assert (lost.reason, lost.reached) == ("killed: more than 600 MB of memory", "3 events were built")
    assert isinstance(found["second"], Report)
    assert isinstance(found["third"], Report)


def test_a_worker_that_raises_decides_nothing() -> None:
    found = outcomes(run([task()], pool=LocalPool(1), answer=answers.fails))["baseline"]
    assert isinstance(found, Failed)
    assert found.reason == "the worker failed: RuntimeError: out of order"
    assert "answers.py" in found.trace


def test_wrong_input_and_failed_self_checks_keep_their_meaning() -> None:
    refused = outcomes(run([task()], pool=LocalPool(1), answer=answers.wrong_input))["baseline"]
    assert isinstance(refused, Refused)
    assert [problem.code for problem in refused.problems] == ["S999"]
    disagreed = outcomes(run([task()], pool=LocalPool(1), answer=answers.disagrees))["baseline"]
    assert disagreed == Disagreed("step 3 reads 1, the replay 0")


def test_closing_kills_what_still_runs() -> None:
    events = run([replace(task(), digest="x")], pool=LocalPool(1), answer=answers.never_returns)
    assert isinstance(next(events), Started)
    events.close()
