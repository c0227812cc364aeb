"""`pinproof litmus`: what it prints, and its exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from encoder.base.limits import Limits
from encoder.base.pool import Finished
from encoder.base.worker import Lost, WorkerPipe
from encoder.cli.app import main
from encoder.litmus import run
from encoder.litmus.decide import LitmusVerdict
from tests.litmus.conftest import Ask

NEVER = "C never\n{}\nP0(int *x) { WRITE_ONCE(*x, 1); }\nexists (x=0)\n"
RACE = "C race\n{}\nP0(int *x) { *x = 1; }\nP1(int *x) { r0 = *x; }\nexists (1:r0=1)\n"
HUNGRY = 8.0
WRONG = "C wrong\n{}\nP0(int *x) { call_rcu(x); }\nexists (x=0)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("b-never", NEVER), ("a-race", RACE)):
        (tmp_path / f"{name}.litmus").write_text(text, encoding="utf-8")
    return tmp_path


def test_one_file_as_herd7(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["litmus", str(folder / "b-never.litmus")]) == 0
    assert capsys.readouterr().out == "Observation never Never\n"
    assert main(["litmus", str(folder / "a-race.litmus")]) == 0
    assert capsys.readouterr().out == "Observation race Sometimes\nFlag data-race\n"


def insatiable(file: str, model: str, timeout: float, witness: bool, _: WorkerPipe) -> LitmusVerdict:
    """In a worker: it looks at no clock for one of the tests, and with this timeout holds more and more."""
    held = []
    while file.endswith("race.litmus"):
        held.append(b"x" * (1 << 22 if timeout == HUNGRY else 1))
        sleep(0.001)
    return run.work(file, model, timeout, witness)


def out_of_memory(file: str, *_: object) -> LitmusVerdict:
    raise MemoryError


@pytest.mark.slow
@pytest.mark.parametrize(("beyond", "jobs"), [("time", "1"), ("memory", "1"), ("memory", "2")])
def test_a_test_beyond_its_limits_is_unknown_and_the_others_go_on(
    folder: Path, capsys, monkeypatch: pytest.MonkeyPatch, beyond: str, jobs: str
) -> None:
    monkeypatch.setattr(run, "_work", insatiable)
    monkeypatch.setattr(Limits, "killed_after", 4.0 if beyond == "time" else 60.0)
    seconds = 9.0 if beyond == "time" else HUNGRY
    words = ["--jobs", jobs, "--timeout", f"{seconds:g}", "--memory", "400M"]
    assert main(["litmus", str(folder), *words]) == 5
    first, second, _, last = capsys.readouterr().out.splitlines()
    reason = {"time": "killed: no answer within 9 s", "memory": "killed: more than 400 MB of memory"}[beyond]
    assert first.split(maxsplit=2)[1:] == ["Unknown", reason]
    assert second.split()[1:] == ["Never"]
    assert last == "2 tests under lkmm: 1 Never, 1 Unknown"


def test_a_solver_out_of_memory_is_unknown(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_work", out_of_memory)
    assert main(["litmus", str(folder / "b-never.litmus"), "--memory", "1G"]) == 5
    out, err = capsys.readouterr()
    assert out == "Observation b-never Unknown\n"
    assert err.endswith("b-never.litmus: out of memory: the limit is 1 GB\n")


def test_a_solver_that_has_no_time_left_says_so(folder: Path, capsys) -> None:
    assert main(["litmus", str(folder / "b-never.litmus"), "--json", "--timeout", "1e-9"]) == 5
    out, err = capsys.readouterr()
    assert json.loads(out)[0]["reason"].startswith("no answer within 1e-09 s: ")
    assert "b-never.litmus: no answer within 1e-09 s: " in err


@pytest.mark.parametrize("jobs", ["1", "2", pytest.param("0", marks=pytest.mark.slow)])
def test_many_in_sorted_order_whatever_the_jobs(folder: Path, capsys: pytest.CaptureFixture[str], jobs: str) -> None:
    assert main(["litmus", str(folder), "--jobs", jobs]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{folder}/a-race.litmus   Sometimes    data-race",
        f"{folder}/b-never.litmus  Never",
        "",
        "2 tests under lkmm: 1 Never, 1 Sometimes, 1 with data-race",
    ]


def test_a_worker_that_dies_leaves_one_test_undecided(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = run.work_off

    def killing(*given: Any, **more: Any) -> Iterator[Any]:
        """The first test is the last to end."""
        *others, first = sorted((each for each in real(*given, **more) if isinstance(each, Finished)), key=is_race)
        yield from (*others, Finished(first.task, Lost("the worker died with exit code -9")))

    def is_race(event: Finished[str, LitmusVerdict]) -> bool:
        return "race" in event.task

    monkeypatch.setattr(run, "work_off", killing)
    assert main(["litmus", str(folder), "--jobs", "2"]) == 5
    out = capsys.readouterr().out
    unknown, never, *_ = out.splitlines()
    assert unknown.split(maxsplit=2)[1:] == ["Unknown", "the worker died with exit code -9"]
    assert never.endswith("  Never")


def test_json_is_a_list_and_nothing_else(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "c.litmus").write_text(WRONG, encoding="utf-8")
    assert main(["litmus", str(folder), "--json", "--model", "sc"]) == 2
    out, err = capsys.readouterr()
    rows = json.loads(out)
    assert [(row["name"], row["model"], row["result"], row["flags"]) for row in rows] == [
        ("race", "sc", "Sometimes", []),
        ("never", "sc", "Never", []),
        ("", "sc", "Unsupported", []),
    ]
    assert set(rows[0]) == {"file", "name", "model", "result", "flags", "stuck", "reason", "seconds"}
    assert "c.litmus:3:14: error[L110]: `call_rcu` is not supported in litmus tests" in " ".join(err.split())


def test_no_time_is_no_verdict(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["litmus", str(folder / "a-race.litmus"), "--timeout", "1e-9"]) == 5
    assert capsys.readouterr().out.startswith("Observation race Unknown\n")


@pytest.mark.parametrize(
    "words",
    [
        ["nowhere.litmus"],
        [".", "--model", "arm"],
        [".", "--jobs", "-1"],
        [".", "--memory", "2"],
        [".", "--timeout", "0"],
    ],
)
def test_wrong_words(words: list[str]) -> None:
    assert main(["litmus", *words]) == 2


TWICE = "C twice\n{}\nP0(int *x, spinlock_t *l) { spin_lock(l); spin_lock(l); WRITE_ONCE(*x, 1); }\nexists (x=0)\n"
ONCE = "C once\n{}\nP0(int *x, spinlock_t *l) { spin_lock(l); WRITE_ONCE(*x, 1); }\nexists (x=0)\n"
CROSSED = (
    "C crossed\n{}\n"
    "P0(int *x, spinlock_t *l, spinlock_t *m) { spin_lock(l); spin_lock(m); spin_unlock(m); spin_unlock(l); }\n"
    "P1(spinlock_t *l, spinlock_t *m) { spin_lock(m); spin_lock(l); spin_unlock(l); spin_unlock(m); }\nexists (x=1)\n"
)
FILTERED = ONCE.replace("exists", "filter (x=0)\nexists")


@pytest.mark.parametrize("model", ["sc", "tso", "lkmm"])
@pytest.mark.parametrize(
    ("text", "stuck"), [(TWICE, True), (ONCE, False), (CROSSED, False), (FILTERED, False), (NEVER, False)]
)
def test_never_because_every_execution_is_stuck_is_known(ask: Ask, text: str, stuck: bool, model: str) -> None:
    """Where some execution ends, or the filter leaves none, it is Never for another reason."""
    found = ask(text, model)
    assert (found.result, found.stuck) == ("Never", stuck)


def test_that_every_execution_is_stuck_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.litmus"
    path.write_text(TWICE, encoding="utf-8")
    assert main(["litmus", str(path)]) == 0
    said = "Stuck: in every execution some thread waits for a lock for ever, so that none ends\n"
    assert capsys.readouterr().out == f"Observation twice Never\n{said}"
    assert main(["litmus", str(path), "--json"]) == 0
    assert [row["stuck"] for row in json.loads(capsys.readouterr().out)] == [True]
