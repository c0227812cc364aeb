"""Jobs on a dask.distributed cluster."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from math import inf
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import encoder.base.cluster as module
from encoder.base.cluster import ClusterPool
from encoder.base.errors import InputError
from encoder.base.limits import Limits
from encoder.base.pool import Finished, PoolEvent, Started, WorkItem
from encoder.base.worker import Lost
from tests import jobs
from tests.cli.checkout import Ledger

ROOT = Path(__file__).parents[2]
ADDRESS = "tcp://127.0.0.1:9"
HERE = {"Pinproof": "1.0", "specs": "aaa"}


def refusal(error: InputError) -> tuple[str, str]:
    (problem,) = error.problems
    return problem.message, problem.expected


def test_without_dask_it_says_what_to_install(pinproof, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    ended = pinproof("verify", "--scheduler", ADDRESS)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "error[C107]: `--scheduler` needs dask.distributed, which is not installed\n"
        "  expected: pip install 'pinproof[cluster]'\n"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--scheduler", "nonsense"), "`--scheduler nonsense` is no address\n  expected: tcp://HOST:PORT, or `local`"),
        (("--scheduler", "127.0.0.1:8786"), "is no address"),
        (("--scheduler", ADDRESS, "--jobs", "2"), "`--jobs` says nothing to a scheduler"),
    ],
)
def test_wrong_words_are_told(pinproof, ledger: Ledger, words: tuple[str, ...], told: str) -> None:
    ended = pinproof("verify", *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_nobody_answers_and_nothing_of_dask_is_loaded_before_it_is_asked() -> None:
    code = (
        "import sys, encoder.base.cluster as cluster, encoder.cli.verify\n"
        "from encoder.base.errors import InputError\n"
        "assert not {'dask', 'distributed'} & {*sys.modules}\n"
        "cluster.CONNECT = 0.1\n"
        "try:\n"
        f"    cluster.connected('{ADDRESS}', jobs=1, fingerprint=dict).__enter__()\n"
        "except InputError as error:\n"
        "    print(error.problems[0].message)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == (f"no scheduler answers at `{ADDRESS}`\n", "")


class Killed(Exception):
    """What dask raises of a job that its workers have died of several times."""


class Future:
    def __init__(self, key: str, outcome: object) -> None:
        self.key = key
        self.outcome = outcome

    def add_done_callback(self, call: Any) -> None:
        if self.outcome is not None:
            call(self)

    def result(self) -> object:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Client:
    """A client whose workers have answered when they are asked, with `outcomes`; None: never."""

    status = "running"

    def __init__(self, *outcomes: object, threads: int = 2, like: object = HERE) -> None:
        self.outcomes = list(outcomes)
        self.threads = threads
        self.like = like
        self.cancelled: list[str] = []

    def wait_for_workers(self, count: int, timeout: float) -> None:
        if self.threads < count:
            raise TimeoutError

    def run(self, function: object, on_error: str) -> dict[str, object]:
        return {"tcp://one:1": HERE, "tcp://two:2": self.like}

    def nthreads(self) -> dict[str, int]:
        return {"tcp://one:1": self.threads}

    def submit(self, *_: object, **__: object) -> Future:
        return Future(str(len(self.outcomes)), self.outcomes.pop(0))

    def cancel(self, futures: list[Future], force: bool) -> None:
        self.cancelled += [each.key for each in futures]


def pool(client: Client) -> ClusterPool:
    return ClusterPool(client, ADDRESS, lambda: HERE, Killed)


def tasks(*names: str) -> list[WorkItem[str, tuple[str, int]]]:
    return [WorkItem(name, partial(jobs.obeys, name), Limits(seconds=inf)) for name in names]


def test_no_more_jobs_than_threads_and_each_has_its_answer() -> None:
    events: list[PoolEvent[str, Any]] = list(pool(Client("A", "B", "C", threads=1)).work_off(tasks("a", "b", "c")))
    told = [each for each in events if isinstance(each, Started | Finished)]
    assert told == [each for n in "abc" for each in (Started(n), Finished(n, n.upper()))]


def test_a_job_of_which_workers_die_is_lost_and_the_next_is_done() -> None:
    error = Killed(
        "Attempted to run task on 4 workers, but all died. Inspecting worker logs is often a good next step."
    )
    events: list[PoolEvent[str, Any]] = list(pool(Client(error, "B")).work_off(tasks("a", "b")))
    found = {each.task: each.outcome for each in events if isinstance(each, Finished)}
    reason = "the cluster's workers died of it: Attempted to run task on 4 workers, but all died."
    assert found == {"a": Lost(reason), "b": "B"}


@pytest.mark.parametrize(
    ("like", "why"),
    [
        (HERE | {"specs": "bbb"}, "it has specs bbb (here aaa)"),
        ({"specs": "aaa"}, "it has Pinproof none (here 1.0)"),
        (ModuleNotFoundError("No module named 'encoder'"), "No module named 'encoder'"),
    ],
)
def test_a_worker_that_is_not_like_this_machine_is_refused_by_name(like: object, why: str) -> None:
    with pytest.raises(InputError) as raised:
        pool(Client(like=like)).check()
    message, expected = refusal(raised.value)
    assert message == f"the worker at tcp://two:2 is not like this machine: {why}"
    assert expected == "the same Pinproof and specs everywhere"


def test_one_that_joins_later_is_refused_too() -> None:
    late = module._Unlike("tcp://late:3", (("Pinproof", "0.9"), ("specs", "aaa")))
    with pytest.raises(InputError, match=r"the worker at tcp://late:3 .* has Pinproof 0.9 \(here 1.0\)"):
        list(pool(Client(late)).work_off(tasks("a")))


def test_no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = pool(Client(threads=0))
    with pytest.raises(InputError, match="has no workers"):
        alone.check()
    monkeypatch.setattr(module, "EMPTY", -1.0)
    with pytest.raises(InputError, match="has been without workers for -1 s"):
        list(alone.work_off(tasks("a")))


def test_a_scheduler_that_goes_is_told() -> None:
    client = Client(None)
    events = pool(client).work_off(tasks("a"))
    next(events)
    client.status = "closed"
    with pytest.raises(InputError, match="has gone; what was decided before is recorded"):
        list(events)


def test_closing_cancels_what_runs() -> None:
    client = Client(None, None)
    events = pool(client).work_off(tasks("a", "b"))
    assert [next(events), next(events)] == [Started("a"), Started("b")]
    events.close()
    assert client.cancelled == ["2", "1"]


def test_what_a_worker_of_dask_does_is_done_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    task = SimpleNamespace(state="executing")
    here = SimpleNamespace(
        address="tcp://one:1", status=SimpleNamespace(name="running"), get_current_task=lambda: "key",
        state=SimpleNamespace(tasks={"key": task}),
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(get_worker=lambda: here))
    monkeypatch.setattr(module, "_prepare", lambda: None)  # this process stays what it is

    def done(name: str, expected: dict[str, str] = HERE) -> Any:
        (item,) = tasks(name)
        job = module.pickle.dumps(item.job)
        return module._do(module._Asked(job, item.limits, ("tests.jobs",), lambda: HERE, tuple(expected.items())))

    answer, process = done("a")
    assert (answer, process != os.getpid()) == ("a", True)
    assert done("die") == Lost("the worker died of SIGKILL")
    assert done("a", {"specs": "ccc"}) == module._Unlike("tcp://one:1", tuple(HERE.items()))
    task.state = "cancelled"
    assert done("hang") is None


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler on the loopback address, and workers of one thread, each the head of a process group."""
    place = folder / "scheduler.json"
    dask = (sys.executable, "-m", "dask")
    on = ("--host", "127.0.0.1", "--no-dashboard")
    with ExitStack() as stack:

        def start(*words: str) -> subprocess.Popen[bytes]:
            log = stack.enter_context((folder / "log").open("ab"))
            child = subprocess.Popen([*dask, *words, *on], cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
            stack.callback(kill, child)
            return child

        start("scheduler", "--port", "0", "--scheduler-file", str(place))
        while not place.exists() or not place.read_text():
            time.sleep(0.1)
        words = ("worker", "--scheduler-file", str(place), "--nthreads", "1")
        yield json.loads(place.read_text())["address"], [start(*words) for _ in range(workers)]


def kill(child: subprocess.Popen[bytes]) -> None:
    """End a process and all of its group."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def rows(folder: Path) -> list[tuple[object, ...]]:
    (file,) = folder.glob("*.sqlite")
    connection = sqlite3.connect(file)
    try:
        return sorted(connection.execute("SELECT kind, name, digest, sum, content FROM kept"))
    finally:
        connection.close()


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_finds_and_records_what_one_machine_does(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "encoder", "verify", "gup-vs-soft-dirty", "--fresh"]

    def begun(name: str, *words: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PINPROOF_CACHE": str(tmp_path / name)}
        pipe = subprocess.PIPE
        return subprocess.Popen([*command, *words], cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)

    with begun("one") as alone:
        expected, _ = alone.communicate()
    with cluster(tmp_path, 2) as (address, workers), begun("many", "--scheduler", address) as spread:
        assert spread.stdout is not None and spread.stderr is not None
        first = spread.stdout.readline()
        kill(workers[0])
        out, err = spread.communicate()
    assert (first + out, err, spread.returncode) == (expected, "", alone.returncode)
    assert rows(tmp_path / "many") == rows(tmp_path / "one")


@pytest.mark.slow
def test_an_interrupt_ends_a_cluster_of_its_own_and_keeps_what_was_decided(tmp_path: Path, cache: Path) -> None:
    command = [sys.executable, "-m", "encoder", "verify", "gup-vs-soft-dirty", "--scheduler", "local", "--jobs", "2"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as child:
        assert child.stdout is not None and child.stderr is not None
        assert child.stdout.readline().startswith("ok ")
        os.killpg(child.pid, signal.SIGINT)
        assert child.wait() == 130
        assert child.stderr.read() == ""
    assert rows(cache)
