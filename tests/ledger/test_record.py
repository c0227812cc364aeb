"""What is recorded, and how it compares with what is claimed."""

import json
from dataclasses import replace

import pytest

from encoder.base.result import Opinion, Unlimited
from encoder.ledger.page import page
from encoder.ledger.record import (
    answers,
    as_object,
    asked_more,
    found_words,
    record_from,
    record_of,
    standing,
    undecided,
)
from tests.ledger.samples import obligation
from tests.render.samples import CHECKS, REPORTS, beside

FOUND = {
    "complete": "complete",
    "bounded": "bounded",
    "open-loop": "open loops",
    "open-loop-at-depth": "open loops",
    "two-cpus": "refuted",
    "three-cpus": "refuted",
    "stale-read": "refuted",
    "interleaving": "refuted",
    "vacuous": "vacuous",
    "vacuous-to-depth": "vacuous",
    "unknown": "unknown",
}


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_found_words(name: str) -> None:
    record = record_of(obligation(), REPORTS[name])
    assert record.found == FOUND[name]
    assert record_from(json.loads(json.dumps(as_object(record)))) == record


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("expect", ["complete", "bounded", "refuted", "vacuous"])
def test_only_the_claimed_verdict_is_as_expected(name: str, expect: str) -> None:
    claimed = obligation(expect=expect, depth=30 if expect == "bounded" else None)
    found = standing(claimed, record_of(claimed, REPORTS[name]))
    if FOUND[name] in ("unknown", "open loops"):
        assert found == "undecided"
    else:
        assert found == ("expected" if FOUND[name] == expect else "unexpected")


@pytest.mark.parametrize("name", [*sorted(CHECKS), "killed"])
def test_what_is_found_beside_the_verdict_is_recorded(name: str) -> None:
    record = record_of(obligation(), beside(name, untouched=True))
    assert record_from(json.loads(json.dumps(as_object(record)))) == record
    assert record.checks is not None and record.untouched
    assert bool(record.checks.undecided) == (name in ("late", "killed"))
    standings = {"deadlock": "unexpected", "held": "unexpected", "late": "undecided", "killed": "undecided"}
    assert standing(obligation(), record) == standings.get(name, "expected")


def test_a_record_without_checks_does_not_answer_who_asks_for_them() -> None:
    asked = replace(obligation().question(60), checks=True)
    without = record_of(obligation(), REPORTS["complete"])
    fine = record_of(obligation(), beside("fine"))
    late = record_of(obligation(), beside("late"))
    assert [answers(each, asked) for each in (without, fine, late)] == [False, True, False]
    assert asked_more(without, fine).checks == fine.checks


def test_the_page_lists_what_is_found_beside_the_verdicts() -> None:
    claims = {name: obligation(name) for name in sorted(CHECKS)}
    records = {claims[name].id: record_of(claims[name], beside(name, untouched=name == "fine")) for name in claims}
    text = page(tuple(claims.values()), records, {}, ())
    assert "Of 6 programs 1 can deadlock, 1 end with something held." in text
    for head, line in (
        ("Deadlocks", "`deadlock` (sc): 11 steps: cpu0 waits at lock: spin_lock(&table->ptl), cpu1 waits at"),
        ("Held at the end", "`held` (sc): 11 steps: cpu1 has ended with table.ptl held."),
        ("Not decided", "`late` (sc): deadlock: not decided in time; reached: not decided in time"),
        ("Never reached", "`unreached` (sc): `gup_fast/look`, `gup_fast/give_back`"),
        ("No edit changes code that the scenario runs", "`elsewhere` (sc)"),
        ("About state that no thread changes", "`fine` (sc): mapped-while-pinned"),
    ):
        assert f"{head}:\n\n- gup-vs-reclaim, {line}" in text
    assert "What the verdicts take for granted" not in page(tuple(claims.values()), {}, {}, ())


def test_a_lost_worker_decides_nothing() -> None:
    record = undecided(obligation(), "killed: no answer within the limit of 60 s")
    assert standing(obligation(), record) == "undecided"
    assert found_words(record) == "unknown: killed: no answer within the limit of 60 s"


@pytest.mark.parametrize(
    "found", ["", [], {}, None, 3, {"found": "complete"}, {"obligation": "a", "found": "complete", "x": 1}]
)
def test_what_is_no_record_is_not_believed(found: object) -> None:
    assert record_from(found) is None


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("complete", {"found": "prooved"}),
        ("complete", {"steps": "many"}),
        ("complete", {"steps": True}),
        ("complete", {"found": "refuted"}),
        ("two-cpus", {"found": "complete"}),
        ("two-cpus", {"steps": 10}),
        ("two-cpus", {"witness": None}),
        ("two-cpus", {"witness": None, "steps": None}),
        ("two-cpus", {"witness": {}}),
    ],
)
def test_a_record_that_nobody_can_have_written_is_not_believed(name: str, changes: dict[str, object]) -> None:
    found = as_object(record_of(obligation(), REPORTS[name]))
    assert record_from(found) is not None
    assert record_from(found | changes) is None


HEAD = "| scenario | variant | sc | x86 | x86-broadcast | arm64 | arm64-llsc | lkmm |"
OPEN = "| · | · | · | · | · |"
WITNESS = "schedules/gup-vs-reclaim.md#baseline.mapped-while-pinned"


def test_page_tells_verdicts_reasons_and_surprises() -> None:
    claims = (obligation("baseline", "complete"), obligation("kara", "complete"), obligation("hubbard", "refuted"))
    records = {
        claims[0].id: record_of(claims[0], REPORTS["two-cpus"]),
        claims[1].id: record_of(claims[1], REPORTS["complete"]),
    }
    text = page(claims, records, {"mapped-while-pinned": "a pinned page is still mapped"}, ())
    assert f"{HEAD}\n" in text
    refuted = f"[**refuted**, 11]({WITNESS}.sc) (r) (expected complete)"
    assert f"| gup-vs-reclaim | `baseline` | {refuted} {OPEN}" in text
    assert f"| `kara` | proved {OPEN}" in text
    assert f"| `hubbard` | not run {OPEN}" in text
    assert "complete, at most 41 steps. shrink_page_list() tests before it unmaps." in text
    assert text.index("| `baseline` |") < text.index("| `hubbard` |") < text.index("| `kara` |")


def test_page_says_what_makes_the_difference_between_platforms() -> None:
    proved = obligation("kara", "complete")
    weak = (
        replace(proved, platform="x86", model="tso", flush="deferred", why="Stores stay in order."),
        replace(proved, platform="arm64", model="arm64", expect="refuted", why="No barrier | none."),
        replace(proved, platform="lkmm", model="lkmm", expect="refuted", why="No barrier | none."),
        replace(proved, platform="", flush="broadcast", expect="refuted", why="It is the flush."),
    )
    found = {each.id: REPORTS["complete"] for each in (proved, weak[0])}
    found |= {each.id: REPORTS["two-cpus"] for each in weak[1:]}
    claims = (*weak, proved)
    text = page(claims, {each.id: record_of(each, found[each.id]) for each in claims}, {}, ())
    assert f"{HEAD} what makes the difference |\n|---|---|---|---|---|---|---|---|---|\n" in text
    witness = WITNESS.replace("baseline", "kara")
    broken = [f"[**refuted**, 11]({witness}.{name}) (r)" for name in ("arm64", "lkmm")]
    row = f"| `kara` | proved | proved | · | {broken[0]} | · | {broken[1]} | No barrier \\| none. |"
    assert row in text
    reasons = text[text.index("## Why") :].splitlines()
    assert [line for line in reasons if line.startswith(("- ", "  - "))] == [
        "- `kara`, mapped-while-pinned:",
        "  - sc: complete, at most 41 steps. shrink_page_list() tests before it unmaps.",
        "  - x86: complete, at most 41 steps. Stores stay in order.",
        "  - arm64 and lkmm: refuted, 11 steps. No barrier | none.",
        "  - sc+broadcast: refuted, 11 steps. It is the flush.",
    ]


def test_page_says_who_else_agrees_and_for_how_many_threads() -> None:
    claims = tuple(obligation(name, "complete") for name in ("baseline", "hubbard", "kara"))
    said = tuple(
        Opinion(by=by, word=word, detail="")
        for by, word in (("certificate", "agrees"), ("explorer", "agrees"), ("cvc5", "gave up"))
    )
    limits = (
        Unlimited(thread="cpu0", procedure="gup_fast", holds=True, why=""),
        Unlimited(thread="cpu0", procedure="gup_fast", holds=False, why="spin_lock() takes or releases a lock"),
        None,
    )
    reports = [replace(REPORTS["complete"], opinions=opinions, unlimited=limit)
               for opinions, limit in zip((said, (), ()), limits, strict=True)]  # fmt: skip
    records = {each.id: record_of(each, report) for each, report in zip(claims, reports, strict=True)}
    text = page(claims, records, {}, ())
    assert f"| `baseline` | proved ∞ (ek) {OPEN}" in text
    assert f"| `kara` | proved {OPEN}" in text
    assert "| sc | 3 | 0 | 1 | 0 | 1 | 0 | 2 | 3 | 1 |" in text
    assert "- spin_lock() takes or releases a lock:\n  - gup-vs-reclaim, `hubbard`, mapped-while-pinned: sc\n" in text
    assert all(record_from(json.loads(json.dumps(as_object(record)))) == record for record in records.values())


def test_what_more_was_asked_stays_with_the_same_verdict() -> None:
    each = obligation()
    rich = record_of(each, replace(REPORTS["complete"], opinions=(AGREES,)))
    poor = replace(rich, opinions=())
    assert asked_more(poor, rich) == rich
    assert asked_more(poor, None) == poor
    assert asked_more(replace(poor, found="refuted"), rich).opinions == ()
    other, late = replace(AGREES, by="cvc5"), replace(AGREES, word="gave up")
    assert asked_more(replace(rich, opinions=(other,)), rich).opinions == (AGREES, other)
    assert asked_more(replace(rich, opinions=(late,)), rich) == rich
    assert asked_more(rich, replace(rich, opinions=(late,))) == rich
    question = replace(each.question(60), opinions=("explorer",))
    assert answers(rich, question) and not answers(poor, question)
    assert not answers(rich, replace(question, unlimited=True))


AGREES = Opinion(by="explorer", word="agrees", detail="7 states")
