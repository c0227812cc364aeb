"""`pinproof litmus`: what it prints, and its exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from encoder.base.pool import Finished
from encoder.base.worker import Lost
from encoder.cli.app import main
from encoder.litmus import run
from encoder.litmus.decide import LitmusVerdict

NEVER = "C never\n{}\nP0(int *x) { WRITE_ONCE(*x, 1); }\nexists (x=0)\n"
RACE = "C race\n{}\nP0(int *x) { *x = 1; }\nP1(int *x) { r0 = *x; }\nexists (1:r0=1)\n"
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


def test_a_test_that_takes_all_memory_is_unknown(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    def decided(*given: object, **more: object) -> None:
        raise MemoryError

    monkeypatch.setattr("encoder.litmus.decide.decide_test", decided)
    assert main(["litmus", str(folder / "b-never.litmus")]) == 5
    assert "not decided: out of memory" in capsys.readouterr().err


@pytest.mark.parametrize("jobs", ["0", "1", "2"])
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
    out, err = capsys.readouterr()
    assert [line.split()[-1] for line in out.splitlines()[:2]] == ["Unknown", "Never"]
    assert "the worker died with exit code -9" in err


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
    assert set(rows[0]) == {"file", "name", "model", "result", "flags", "stuck", "seconds"}
    assert "c.litmus:3:14: error[L110]: `call_rcu` is not supported in litmus tests" in " ".join(err.split())


def test_no_time_is_no_verdict(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["litmus", str(folder / "a-race.litmus"), "--timeout", "1e-9"]) == 5
    assert capsys.readouterr().out.startswith("Observation race Unknown\n")


@pytest.mark.parametrize(
    "words", [["nowhere.litmus"], [".", "--model", "arm"], [".", "--jobs", "-1"], [".", "--timeout", "0"]]
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
def test_never_because_every_execution_is_stuck_is_said(tmp_path: Path, capsys, text: str, stuck: bool, model) -> None:
    """Where some execution ends, or the filter leaves none, it is Never for another reason."""
    path = tmp_path / "a.litmus"
    path.write_text(text, encoding="utf-8")
    assert main(["litmus", str(path), "--model", model]) == 0
    said = "Stuck: in every execution some thread waits for a lock for ever, so that none ends\n" if stuck else ""
    assert capsys.readouterr().out == f"Observation {text.split()[1]} Never\n{said}"
    assert main(["litmus", str(path), "--model", model, "--json"]) == 0
    assert [row["stuck"] for row in json.loads(capsys.readouterr().out)] == [stuck]
