"""How far commands are: told on standard error, and nowhere else."""

import re
from dataclasses import replace

import pytest

import encoder.cli.telling as module
from encoder.base.result import Progress, Question
from encoder.cli.telling import NowAndThen, reached
from encoder.explanation.explain import explain
from encoder.mutation.answer import answer
from encoder.mutation.decide import Options
from encoder.render.layout import at_most, wrap
from encoder.render.text import render
from tests.cli.checkout import FIRST, FIRST_LKMM, SECOND, Ledger
from tests.mutation.test_mutants import counting
from tests.render.samples import REPORTS

BASELINE = ("gup-vs-reclaim", "--variant", "baseline")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal, and a line whenever there is something to tell."""
    monkeypatch.setattr(module, "EVERY", 0.0)


def test_nothing_is_told_before_its_time_then_what_is_settled_once(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[tuple[float, list[str]]] = [(0.0, [])]
    telling = NowAndThen(lambda: seen[-1][1], every=30, clock=lambda: seen[-1][0])
    told = []
    for each in (
        (29.0, ["A", "deciding b"]),
        (30.0, ["A", "deciding b"]),
        (40.0, ["A", "deciding b"]),
        (41.0, ["A", "B", "deciding c"]),
        (60.0, ["A", "B", "deciding c"]),
    ):
        seen.append(each)
        telling.look()
        told.append(capsys.readouterr().err)
    assert told == ["", "A\ndeciding b\n", "", "B\n", "deciding c\n"]


def test_each_platform_is_told_when_it_is_decided(pinproof, engine, at_once: None) -> None:
    engine("complete", "complete", "stale-read")
    ended = pinproof("prove", *BASELINE)
    deciding, sc, *_ = ended.err.splitlines()
    assert re.fullmatch(r"deciding gup-vs-reclaim, baseline on sc, \d+ s \(0 of 6 decided\)", deciding)
    assert sc == "PROVED on sc: no schedule breaks mapped-while-pinned"


def test_what_is_quick_tells_nothing_and_standard_output_is_the_same(pinproof, engine, monkeypatch) -> None:
    engine("complete")
    quick = pinproof("prove", *BASELINE)
    monkeypatch.setattr(module, "EVERY", 0.0)
    assert quick.err == ""
    assert pinproof("prove", *BASELINE).out == quick.out


def test_in_words() -> None:
    assert reached(Progress(reached="3 events; whether x breaks was not decided")) == (
        "3 events; whether x breaks is being decided"
    )
    assert reached(Progress(reached="mutants tried under SC", done=3, of=9)) == "mutants tried under SC, 3 of 9"
    report = REPORTS["complete"]
    asked = replace(report.question, checks=True, unlimited=True)
    assert reached(replace(report, question=asked)) == "proved; what the verdict takes for granted is being decided"
    alone = replace(report, question=replace(asked, checks=False))
    assert reached(alone) == "proved; whether it holds for any number of threads is being decided"


def test_verify_counts_what_is_recorded_before_it_is_shown(
    pinproof, ledger: Ledger, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pinproof("verify", SECOND).code == 0  # the last of four
    ended = pinproof("verify")
    first = ended.err.splitlines()[-1]
    assert first.startswith("1 of 4 decided, ")
    assert f"being decided: {FIRST_LKMM.rpartition('/lkmm')[0]}" in first
    assert FIRST in first


def test_a_live_line_where_only_standard_error_is_a_terminal(pinproof, ledger: Ledger, monkeypatch) -> None:
    plain = pinproof("verify", "--fresh").out
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    ended = pinproof("verify", "--fresh")
    assert ended.out == plain
    assert "0 of 4 decided, 0 s" in ended.err


def test_explain_tells_how_many_queries_of_those_planned_are_done() -> None:
    told: list[object] = []
    question = Question(scenario="gup-vs-soft-dirty", variant="linus-soft-dirty-seq", property="counts-balance")
    explain(question, tell=told.append)
    counted = [each for each in told if isinstance(each, Progress) and each.of]
    assert [each.done for each in counted] == list(range(counted[0].of))
    assert {each.reached for each in counted} == {"what the proof rests on"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_mutate_tells_how_many_mutants_of_all_are_done(jobs: int, tmp_path) -> None:
    told: list[Progress] = []
    found = answer(counting(tmp_path), ("all-count",), Options(model="tso"), jobs, told.append)
    assert told[0].reached == "the code as it is"
    last = {each.reached: each for each in told if each.of}
    if jobs == 1:
        assert list(last) == ["mutants tried under SC", "mutants tried under TSO"]
        assert {(each.done, each.of) for each in last.values()} == {(len(found.results), len(found.results))}
    assert all(0 <= each.done <= each.of for each in last.values())


def test_on_a_narrow_terminal_nothing_is_cut() -> None:
    for report in REPORTS.values():
        with at_most(60):
            text = render(report)
        assert all(len(line) <= 60 for line in text.splitlines())
        assert "".join(text.split()).startswith("".join(render(report).split())[:10])
    with at_most(60):
        rows = wrap(f"ok     {'gup-vs-soft-dirty/linus-soft-dirty-seq-mb-pin-mb/writable-while-pinned/lkmm'}", 100)
    assert [row.strip() for row in rows][-1] == "writable-while-pinned/lkmm"


def test_list_puts_titles_below_names_where_they_do_not_fit(pinproof, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = pinproof("list").out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    narrow = pinproof("list").out
    assert narrow.split() == wide.split()
    assert max(map(len, narrow.splitlines())) <= 60
