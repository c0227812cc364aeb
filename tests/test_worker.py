"""Workers that answer, and workers that must be stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.limits import Limits
from encoder.base.result import Progress, Report
from encoder.base.worker import Disagreed, Failed, Job, Lost, NoAnswer, Refused, Worker, wait
from tests import jobs
from tests.cli.test_process import ROOT, alive_in_group
from tests.render.samples import REPORTS

M = 2**20
ENOUGH = 700 * M


@contextmanager
def working(job: Job[Report], seconds: float = 60, memory: int | None = None) -> Iterator[Worker[Report]]:
    worker = Worker(job, Limits(seconds=seconds, memory=memory))
    try:
        yield worker
    finally:
        worker.kill()


def outcome(worker: Worker[Report]) -> Report | NoAnswer:
    """What comes of it within half a minute."""
    deadline = time.monotonic() + 30
    while (found := worker.look()) is None:
        assert time.monotonic() < deadline
        wait([worker])
    return found


def test_an_answer_comes_back_with_what_was_told_before() -> None:
    with working(jobs.tells_and_proves, memory=ENOUGH) as worker:
        assert outcome(worker) == REPORTS["complete"]
        assert worker.so_far == jobs.so_far("half")
        assert worker.dumped == "(check-sat)\n"


def test_one_that_takes_memory_without_end_is_killed() -> None:
    with working(jobs.takes_memory_without_end, memory=ENOUGH) as worker:
        found = outcome(worker)
    assert isinstance(found, Lost)
    assert (found.reason, found.reached) == ("killed: more than 700 MB of memory", "3 events were built")
    assert found.advice.startswith("raise --memory")


def test_one_that_takes_it_all_at_once_gets_none() -> None:
    with working(jobs.takes_all_memory_at_once, memory=ENOUGH) as worker:
        found = outcome(worker)
    assert isinstance(found, Lost)
    assert (found.reason, found.reached) == ("out of memory: the limit is 700 MB", "4 events were built")


def test_one_that_has_too_much_from_the_start_does_nothing() -> None:
    with working(jobs.tells_and_proves, memory=M) as worker:
        assert outcome(worker) == Lost("killed: more than 1 MB of memory", found_advice("memory"), None)


def found_advice(what: str) -> str:
    return f"raise --{what}, or ask a smaller question with --depth"


def tells(worker: Worker[Report], told: Progress | Report) -> None:
    """Wait until it has told this."""
    while worker.so_far != told:
        wait([worker])
        assert worker.look() is None


@pytest.mark.parametrize(
    ("job", "reached"), [(jobs.sleeps, "2 events were built"), (jobs.solves_without_end, "the pigeons came")]
)
def test_one_that_ignores_its_deadline_is_killed(job: Job[Report], reached: str) -> None:
    with working(job, seconds=0.5) as worker:
        tells(worker, jobs.so_far(reached))
        start = time.monotonic()
        worker._ends = start + 0.3
        found = outcome(worker)
        assert 0.3 < time.monotonic() - start < 5
    assert found == Lost("killed: no answer within 0.5 s", found_advice("timeout"), jobs.so_far(reached))
    assert found.reached == reached


def test_what_is_asked_beyond_a_verdict_has_its_own_time_and_cannot_undo_it() -> None:
    with working(jobs.decides_and_sleeps, seconds=0.5) as worker:
        before = worker._ends
        tells(worker, REPORTS["complete"])
        assert worker._ends > before
        worker._ends = 0
        told = "questions beyond the verdict were not decided: killed: no answer within 0.5 s"
        assert outcome(worker) == replace(REPORTS["complete"], flags=(*REPORTS["complete"].flags, told))


@pytest.mark.parametrize(("job", "code"), [(jobs.crashes, -signal.SIGKILL), (jobs.runs_into_nothing, -signal.SIGSEGV)])
def test_one_that_dies_decides_nothing(job: Job[Report], code: int) -> None:
    with working(job) as worker:
        found = outcome(worker)
    assert isinstance(found, Lost)
    assert (found.reason, found.reached) == (f"the worker died of {signal.Signals(-code).name}", "5 events were built")


def test_errors_come_back_with_all_they_say() -> None:
    with working(jobs.is_wrong) as worker:
        assert outcome(worker) == Refused((jobs.PROBLEM,))
    with working(jobs.disagrees) as worker:
        assert outcome(worker) == Disagreed("step 3 reads 1, the replay 0")
    with working(jobs.fails) as worker:
        found = outcome(worker)
    assert isinstance(found, Failed)
    assert found.reason == "the worker failed: RuntimeError: out of order"
    assert "in fails" in found.trace


def test_killing_is_at_once_and_twice_is_no_mistake() -> None:
    with working(jobs.solves_without_end) as worker:
        while worker.so_far is None:
            wait([worker])
            worker.look()
        start = time.monotonic()
        worker.kill()
        assert time.monotonic() - start < 2


SCRIPT = """\
import sys
from encoder.verify import isolation as supervise
from encoder.cli.app import main
from encoder.base.worker import WorkerPipe
from tests import jobs

class Says:
    def send(self, said):
        print("working", flush=True)

supervise.answer = lambda program, question, **how: jobs.solves_without_end(WorkerPipe(Says()))
sys.exit(main(["prove", "gup-vs-reclaim", "--variant", "baseline", "--jobs", "1"]))
"""


@contextmanager
def proving(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """`pinproof prove` as a process of its own, whose worker solves without end: it has begun."""
    script = folder / "script.py"
    script.write_text(SCRIPT, "utf-8")
    with subprocess.Popen(
        [sys.executable, script], env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as child:  # fmt: skip
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "working\n"
            time.sleep(0.1)
            assert len(alive_in_group(child.pid)) == 2
            yield child
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)


def all_gone(group: int) -> bool:
    """Whether no process of the group is left after a few seconds at most."""
    deadline = time.monotonic() + 5
    while alive_in_group(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    return alive_in_group(group) == []


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc, and replaces what a fork inherits")


@linux
@pytest.mark.parametrize("to_all", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_an_interrupt_ends_both_processes_quietly(to_all: bool, tmp_path: Path) -> None:
    """As a terminal sends it, to the whole group, or to the command alone."""
    with proving(tmp_path) as child:
        start = time.monotonic()
        if to_all:
            os.killpg(child.pid, signal.SIGINT)
        else:
            child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=20)
        assert time.monotonic() - start < 5
        assert (child.returncode, out, err) == (130, "", "")
        assert all_gone(child.pid)


@linux
def test_no_worker_survives_its_parent(tmp_path: Path) -> None:
    with proving(tmp_path) as child:
        child.kill()
        child.wait()
        assert all_gone(child.pid)
