"""verify: what is claimed against what is found, what is kept and when it is believed."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.errors import Problem
from encoder.base.pool import PoolEvent
from encoder.base.result import Report
from encoder.base.source import Span
from encoder.base.worker import Disagreed, Lost, Refused
from encoder.ledger.run import Task
from tests.cli.checkout import (
    CLAIMS,
    FIRST,
    FIRST_LKMM,
    FIRST_X86,
    HOLES,
    OTHER,
    PROPERTY,
    SECOND,
    STARTED,
    Ledger,
    files,
)
from tests.render.samples import CHECKS, REPORTS


def test_all_as_expected(pinproof, ledger: Ledger):
    ended = pinproof("verify")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        f"ok     {FIRST}  refuted, 11 steps",
        f"ok     {FIRST_X86}  refuted, 11 steps",
        f"ok     {FIRST_LKMM}  refuted, 11 steps",
        f"ok     {SECOND}  complete, at most 41 steps",
        "checks of 4 programs: no deadlock, nothing held at the end",
        "4/4 as expected" + HOLES,
        "none of these was recorded: 4 decided anew",
    ]


def test_what_is_repeated_from_records_is_counted(pinproof, ledger: Ledger):
    assert "(recorded)" not in pinproof("verify").out
    again = pinproof("verify", "--trust", "replay").out.splitlines()
    assert all(line.endswith("steps (recorded)") for line in again[:4])
    assert again[-1] == "4 of 4 repeat recorded results: --fresh decides them anew"
    assert pinproof("verify", "--fresh").out.splitlines()[-1] == "4/4 as expected" + HOLES
    ledger.claim(CLAIMS.replace("baseline", "kara-rmap-seq-mb"))
    ledger.found[FIRST.replace("baseline", "kara-rmap-seq-mb")] = REPORTS["two-cpus"]
    assert pinproof("verify").out.splitlines()[-1] == "1 of 4 repeat recorded results: --fresh decides them anew"


@pytest.mark.parametrize(
    ("first", "second", "code", "summary"),
    [
        ("complete", "complete", 10, "1/4 as expected, 3 unexpected"),
        ("two-cpus", "unknown", 5, "3/4 as expected, 1 undecided"),
        ("two-cpus", "open-loop", 5, "3/4 as expected, 1 undecided"),
        ("two-cpus", "bounded", 5, "3/4 as expected, 1 undecided"),
        ("two-cpus", "vacuous", 10, "3/4 as expected, 1 unexpected"),
        ("vacuous", "unknown", 10, "0/4 as expected, 3 unexpected, 1 undecided"),
    ],
)
def test_the_worst_standing_gives_the_exit_code(pinproof, ledger: Ledger, first, second, code, summary):
    ledger.found = {FIRST: REPORTS[first], SECOND: REPORTS[second]}
    ended = pinproof("verify", "--fresh")
    assert (ended.code, ended.out.splitlines()[-1]) == (code, summary + HOLES)


def test_each_claim_starts_with_the_strongest_platform_and_what_is_claimed_of_it_is_compared(pinproof, ledger: Ledger):
    ledger.claim(CLAIMS.replace("the lock.}", "the lock.}, {on: [x86, lkmm], expect: refuted, why: No barrier.}"))
    second = [SECOND.replace("/sc", f"/{platform}") for platform in ("lkmm", "x86", "sc")]
    ledger.found[second[0]] = REPORTS["stale-read"]
    ended = pinproof("verify")
    assert ledger.asked == [FIRST, FIRST_X86, FIRST_LKMM, *second[::-1]]
    assert ended.code == 10
    assert ended.out.splitlines()[3:] == [
        f"ok     {second[2]}  complete, at most 41 steps",
        f"WRONG  {second[1]}  complete, at most 41 steps (expected refuted)",
        f"ok     {second[0]}  refuted, 7 steps",
        "checks of 6 programs: no deadlock, nothing held at the end",
        "5/6 as expected, 1 unexpected; not claimed: 2 on x86-broadcast, 2 on arm64, 2 on arm64-llsc",
        "none of these was recorded: 6 decided anew",
    ]


def test_what_is_not_as_expected_says_what_was_expected(pinproof, ledger: Ledger):
    ledger.found[SECOND] = REPORTS["two-cpus"]
    assert f"WRONG  {SECOND}  refuted, 11 steps (expected complete)" in pinproof("verify").out


def test_recorded_results_are_reused_until_something_changes(pinproof, ledger: Ledger, monkeypatch):
    fresh = pinproof("verify")
    again = pinproof("verify")
    assert ledger.asked == STARTED
    assert again.code == 0
    first, again_told = (told.out.replace(" (recorded)", "").splitlines() for told in (fresh, again))
    assert first[:-1] == again_told[:-1]
    assert again_told[-1] == "4 of 4 repeat recorded results: --fresh decides them anew"
    assert again.out.count("(recorded)") == 4
    pinproof("verify", "--fresh")
    assert ledger.asked == STARTED * 2
    monkeypatch.setattr("encoder.ledger.digest.solver_version", lambda: "z3 0.0")
    pinproof("verify")
    assert ledger.asked == STARTED * 3


def test_a_recorded_unknown_is_asked_again(pinproof, ledger: Ledger):
    ledger.found[SECOND] = Lost("the worker died with exit code -9")
    ended = pinproof("verify")
    assert ended.code == 5
    assert f"?      {SECOND}  unknown: the worker died with exit code -9 (expected complete)" in ended.out
    pinproof("verify")
    assert ledger.asked == [*STARTED, SECOND]


def test_what_the_cache_cannot_keep_is_told_and_counted(pinproof, ledger: Ledger, cache: Path):
    cache.write_text("")
    ended = pinproof("verify")
    assert (ended.code, ended.err.count("warning: ")) == (0, 1)
    assert "4/4 as expected" in ended.out
    assert pinproof("verify").code == 0
    assert ledger.asked == STARTED * 2


def test_nothing_is_written_but_into_the_cache_and_by_promote(pinproof, ledger: Ledger, tmp_path, monkeypatch):
    before = files(ledger.root)
    pinproof("verify")
    assert files(ledger.root) == before
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert "4 of 4 repeat recorded results" in pinproof("verify").out
    assert pinproof("verify", "--promote").code == 2
    assert list(elsewhere.iterdir()) == []


def test_names_choose(pinproof, ledger: Ledger):
    for words in (("kara-rmap-seq",), (SECOND,), ("gup-vs-reclaim/kara-rmap-seq",)):
        ledger.asked.clear()
        assert pinproof("verify", *words, "--fresh").code == 0
        assert ledger.asked == [SECOND]
    ledger.asked.clear()
    pinproof("verify", "gup-vs-reclaim", "--fresh")
    assert ledger.asked == STARTED
    ledger.asked.clear()
    assert "1/1 as expected; not claimed: 1 on x86-broadcast" in pinproof("verify", "lkmm", "--fresh").out
    assert ledger.asked == [FIRST_LKMM]


def test_unknown_names_are_told_at_once(pinproof, ledger: Ledger):
    ended = pinproof("verify", "basline", "gup-vs-reclam")
    assert (ended.code, ended.out, ledger.asked) == (2, "", [])
    assert "`baseline`" in ended.err
    assert "`gup-vs-reclaim`" in ended.err


@pytest.mark.parametrize(
    ("word", "told", "example"),
    [
        (
            "gup-vs-fork",
            "the scenario `gup-vs-fork`",
            "V, property: P, claims: [{on: sc, expect: complete, why: …}]}`",
        ),
        ("pin-mb", "the variant `pin-mb`", "- {variant: pin-mb, property: P,"),
        ("pins-add-up", "the property `pins-add-up`", "- {variant: V, property: pins-add-up,"),
    ],
)
def test_of_what_there_is_and_nothing_is_claimed_the_claim_to_write_is_told(
    pinproof, ledger: Ledger, word: str, told: str, example: str
):
    ended = pinproof("verify", word)
    said = " ".join(ended.err.split())
    assert (ended.code, ended.out, ledger.asked) == (2, "", [])
    assert f"no obligation is about {told}" in said
    assert example in said
    assert f"proofs/obligations/{'gup-vs-fork' if 'scenario' in told else 'SCENARIO'}.yaml" in said
    known = {"scenario": "gup-vs-reclaim", "variant": "baseline, kara-rmap-seq", "property": PROPERTY}[told.split()[1]]
    assert said.endswith(f"there are entries for {known}")


def test_a_word_that_is_like_nothing_is_told_what_there_is(pinproof, ledger: Ledger):
    ended = pinproof("verify", "xyzzy")
    assert ended.code == 2
    assert "no obligation is named `xyzzy`" in ended.err
    assert "gup-vs-reclaim" in ended.err


def test_obligations_that_name_nothing_are_told_with_their_place(pinproof, ledger: Ledger):
    ledger.claim(
        CLAIMS.replace("kara-rmap-seq", "kara-rmap-sec").replace(
            f"baseline\n    property: {PROPERTY}", "baseline\n    property: x"
        )
    )
    ended = pinproof("verify")
    assert (ended.code, ledger.asked) == (2, [])
    assert "proofs/obligations/gup-vs-reclaim.yaml:3:" in ended.err
    assert "proofs/obligations/gup-vs-reclaim.yaml:6:" in ended.err
    assert "did you mean `kara-rmap-seq`?" in ended.err


def test_a_misspelt_beginning_of_an_id_is_told_with_the_nearest(pinproof, ledger: Ledger):
    begin = FIRST.rpartition("/sc")[0]
    ended = pinproof("verify", begin[:-1] + "x")
    assert (ended.code, ledger.asked) == (2, [])
    assert f"did you mean `{begin}`?" in " ".join(ended.err.split())


@pytest.mark.parametrize("option", [("--jobs", "-1"), ("--timeout", "0"), ("--memory", "2X")])
def test_numbers_that_make_no_sense(pinproof, ledger: Ledger, option: tuple[str, str]):
    assert (pinproof("verify", *option).code, ledger.asked) == (2, [])


def test_a_failed_self_check_and_wrong_input_keep_their_exit_codes(pinproof, ledger: Ledger):
    ledger.found[FIRST] = Disagreed("step 3: the solver reads 1, the replay 0")
    ended = pinproof("verify")
    assert ended.code == 6
    assert FIRST_LKMM in ended.err
    ledger.found[FIRST] = Refused((Problem(code="Q103", message="contradictory start", span=Span("s.yaml", 3, 1, 2)),))
    ended = pinproof("verify")
    assert ended.code == 2
    assert "s.yaml:3:1: error[Q103]: contradictory start" in ended.err


def test_the_live_table_tells_the_same(pinproof, ledger: Ledger, monkeypatch: pytest.MonkeyPatch):
    plain = pinproof("verify", "--fresh").out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    drawn: Callable[..., str] = pinproof("verify", "--fresh").out
    assert [line for line in plain.splitlines() if line not in drawn] == []


def test_a_narrow_terminal_loses_nothing(pinproof, ledger: Ledger, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    shown = [re.sub("\x1b[^a-zA-Z]*[a-zA-Z]", "", line) for line in pinproof("verify").out.splitlines()]
    assert all(len(part) <= 60 for line in shown for part in line.split("\r"))
    assert "       refuted, 11 steps" in "\n".join(shown)


GRANT = "checks:\n  - {variant: kara-rmap-seq, found: deadlock, why: Two locks are taken the other way round.}\n"


@pytest.mark.parametrize(
    ("beside", "granted", "mark", "said", "code"),
    [
        ("fine", "", "ok", "", 0),
        ("fine", GRANT, "WRONG", "; no deadlock (claimed)", 10),
        ("deadlock", "", "WRONG", "; deadlock, 11 steps: cpu0 waits at lock: spin_lock(&table->ptl), ", 10),
        ("deadlock", GRANT, "ok", "; deadlock, 11 steps: cpu0 waits at lock: spin_lock(&table->ptl), ", 0),
        ("held", "", "WRONG", "; held, 11 steps: cpu1 has ended with table.ptl held (not claimed)", 10),
        ("held", GRANT.replace("deadlock", "held"), "ok", "; held, 11 steps: cpu1 has ended with table.ptl held", 0),
        ("unreached", "", "ok", "; never reached: gup_fast/look, gup_fast/give_back", 0),
        ("elsewhere", "", "ok", "; no edit changes code that this scenario runs", 0),
        ("late", "", "?", "; not decided: deadlock: not decided in time; reached: not decided in time", 5),
    ],
)
def test_what_is_found_beside_a_verdict_needs_a_claim(pinproof, ledger: Ledger, beside, granted, mark, said, code):
    ledger.claim(CLAIMS + granted)
    ledger.found[SECOND] = replace(REPORTS["complete"], checks=CHECKS[beside])
    ended = pinproof("verify", "kara-rmap-seq")
    assert ended.out.startswith(f"{mark:<6} {SECOND}  complete, at most 41 steps{said}")
    assert ended.code == code
    again = pinproof("verify", "kara-rmap-seq")
    assert (again.code, "(recorded)" in again.out) == (code, beside != "late")


def test_checks_are_asked_once_for_each_program_and_platform(pinproof, ledger: Ledger, monkeypatch):
    asked: list[tuple[str, bool]] = []
    run = ledger.run

    def noting(tasks: Sequence[Task], **how: object) -> Iterator[PoolEvent[Task, Report]]:
        asked.extend((task.obligation.id, task.question.checks) for task in tasks)
        yield from run(tasks, **how)

    monkeypatch.setattr("encoder.ledger.ask.run", noting)
    locked = "{on: sc, expect: complete, why: It is locked.}"
    ledger.claim(CLAIMS + f"  - {{variant: kara-rmap-seq, property: {OTHER}, claims: [{locked}]}}\n")
    ledger.found[SECOND.replace(PROPERTY, OTHER)] = REPORTS["complete"]
    assert pinproof("verify", "kara-rmap-seq", "sc").code == 0
    assert [checks for name, checks in asked if name.startswith(SECOND.rpartition("/mapped")[0])] == [True, False]


def test_what_was_not_decided_is_not_said_to_be_absent(pinproof, ledger: Ledger):
    ledger.found[FIRST] = replace(REPORTS["two-cpus"], checks=CHECKS["late"])
    told = pinproof("verify", FIRST).out.splitlines()
    assert told[1] == "checks of 1 program: no deadlock found, nothing found held at the end, 1 not decided"


def test_memory_is_divided_among_those_who_work(pinproof, ledger: Ledger, monkeypatch: pytest.MonkeyPatch):
    shares: list[int] = []
    monkeypatch.setattr("encoder.cli.options.share", lambda workers: shares.append(workers) or 2**30)
    assert pinproof("verify", "--jobs", "12").code == 0
    assert shares[-1] == 4
