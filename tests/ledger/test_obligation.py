"""Reading proofs/obligations."""

from pathlib import Path

import pytest

from encoder.base.catalog import Entry
from encoder.base.errors import InputError
from encoder.base.source import Span
from encoder.ledger.obligation import Obligation, load_obligations, unclaimed
from tests.ledger.samples import written

HEAD = "scenario: gup-vs-reclaim\nobligations:\n"


def claims(obligations: tuple[Obligation, ...]) -> list[tuple[str, str, int | None, str]]:
    return [(each.model, each.expect, each.depth, each.why) for each in obligations]


def test_keys_and_defaults(tmp_path: Path) -> None:
    first, second = written(
        tmp_path,
        HEAD
        + "  - {variant: baseline, property: p, expect: complete, why: a sentence}\n"
        + "  - {variant: baseline, property: p, flush: broadcast, expect: {bounded: 40}, why: another}\n",
    )
    assert first.id == "gup-vs-reclaim/baseline/p/sc/ipi"
    assert (first.expect, first.depth, first.why) == ("complete", None, "a sentence")
    assert second.id == "gup-vs-reclaim/baseline/p/sc/broadcast"
    assert (second.expect, second.depth) == ("bounded", 40)
    assert second.question(5.0).depth == 40


def test_each_weaker_model_has_its_own_verdict_and_reason(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        HEAD
        + """\
  - variant: kara
    property: p
    expect: complete
    why: a sentence
    tso: {expect: {bounded: 30}, why: stores wait}
    lkmm:
      expect: refuted
      why: loads too
""",
    )
    assert claims(found) == [
        ("sc", "complete", None, "a sentence"),
        ("tso", "bounded", 30, "stores wait"),
        ("lkmm", "refuted", None, "loads too"),
    ]
    assert [each.id.split("/")[3] for each in found] == ["sc", "tso", "lkmm"]
    assert [each.span.line for each in found] == [3, 7, 9]


def test_one_sentence_may_serve_both(tmp_path: Path) -> None:
    weak = "weak: {expect: complete, why: the lock orders}"
    found = written(tmp_path, HEAD + f"  - {{variant: a, property: p, expect: complete, why: x, {weak}}}\n")
    assert claims(found)[1:] == [(model, "complete", None, "the lock orders") for model in ("tso", "lkmm")]


def test_a_refutation_holds_under_every_weaker_model(tmp_path: Path) -> None:
    found = written(tmp_path, HEAD + "  - {variant: a, property: p, depth: 9, expect: refuted, why: x}\n")
    law = "An interleaving is an execution of TSO and LKMM."
    assert claims(found) == [
        ("sc", "refuted", 9, "x"),
        ("tso", "refuted", 9, law),
        ("lkmm", "refuted", 9, law),
    ]
    assert [each.implied for each in found] == [False, True, True]
    tso = "tso: {expect: refuted, why: y}"
    found = written(tmp_path, HEAD + f"  - {{variant: a, property: p, expect: complete, why: x, {tso}}}\n")
    assert [(each.model, each.expect, each.implied) for each in found[1:]] == [
        ("tso", "refuted", False),
        ("lkmm", "refuted", True),
    ]


def test_a_weaker_model_cannot_prove_what_a_stronger_one_refutes(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        written(
            tmp_path,
            HEAD
            + "  - {variant: a, property: p, expect: refuted, why: x, lkmm: {expect: complete, why: y}}\n"
            + "  - {variant: b, property: p, expect: refuted, why: x, lkmm: {expect: {bounded: 3}, why: y}}\n",
        )
    (problem,) = caught.value.problems
    assert (problem.code, problem.span and (problem.span.line, problem.span.column)) == ("L106", (3, 63))
    assert "`complete` under LKMM, but refuted under SC" in problem.message


def test_weak_stands_for_both_or_not_at_all(tmp_path: Path) -> None:
    claim = "{expect: complete, why: y}"
    with pytest.raises(InputError, match="`lkmm` cannot stand beside `weak`"):
        written(
            tmp_path,
            HEAD + f"  - {{variant: a, property: p, expect: complete, why: x, lkmm: {claim}, weak: {claim}}}\n",
        )


def test_what_is_not_claimed_is_counted(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        HEAD
        + "  - {variant: a, property: p, expect: complete, why: x}\n"
        + "  - {variant: b, property: p, expect: complete, why: x, tso: {expect: complete, why: y}}\n"
        + "  - {variant: c, property: p, expect: refuted, why: x}\n",
    )
    assert unclaimed(found, found) == {"sc": 0, "tso": 1, "lkmm": 2}
    assert unclaimed(found, [each for each in found if each.variant == "c"]) == {"sc": 0, "tso": 0, "lkmm": 0}


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        written(
            tmp_path,
            HEAD
            + "  - {variant: a, property: p, expect: refuted, why: x}\n"
            + "  - {variant: a, property: p, expect: refuted, why: x}\n"
            + "  - {variant: b, property: p, expect: refutd, why: x}\n"
            + "  - {variant: c, property: p, expect: complete}\n"
            + "  - {variant: d, property: p, depth: 3, expect: {bounded: 0}, why: x, when: now}\n"
            + "  - {variant: e, property: p, expect: complete, why: x, tso: {expect: proved}, weak: refuted}\n"
            + "  - {variant: f, property: p, model: lkmm, expect: complete, why: x, lkm: {expect: refuted, why: x}}\n",
        )
    found = sorted((problem.span.line, problem.code) for problem in caught.value.problems if problem.span)
    assert found == [
        (4, "L101"),
        (5, "S107"),
        (6, "S105"),
        (7, "L104"),
        (7, "S104"),
        (8, "S105"),
        (8, "S106"),
        (8, "S107"),
        (9, "S104"),
        (9, "S104"),
    ]
    near = [problem.nearest for problem in caught.value.problems]
    assert near[1] == "refuted"


def test_a_file_is_named_after_its_scenario(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds obligations of"):
        written(tmp_path, HEAD + "  - {variant: a, property: p, expect: refuted, why: x}\n", name="gup-vs-fork")


def test_depth_and_bounded_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="beside"):
        written(tmp_path, HEAD + "  - {variant: a, property: p, depth: 3, expect: {bounded: 4}, why: x}\n")


def test_what_is_no_text_is_refused_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "gup-vs-reclaim.yaml"
    path.write_bytes(HEAD.encode() + b"\xff\xfe")
    with pytest.raises(InputError) as caught:
        load_obligations((Entry("proofs/obligations/gup-vs-reclaim.yaml", path),))
    assert [(problem.code, str(problem.span)) for problem in caught.value.problems] == [
        ("S100", str(Span("proofs/obligations/gup-vs-reclaim.yaml", 1, 1, 2)))
    ]


CHECK = "checks:\n  - {variant: kara, found: deadlock, model: tso, why: Two locks.}\n"
KARA = "  - {variant: kara, property: p, expect: complete, why: x, weak: {expect: complete, why: y}}\n"


def test_what_is_granted_holds_for_the_model_and_weaker_ones(tmp_path: Path) -> None:
    found = written(tmp_path, HEAD + KARA + KARA.replace("property: p", "property: q") + CHECK)
    granted = {(each.property, each.model): [one.found for one in each.granted] for each in found}
    assert granted == {(p, m): ["deadlock"] * (m != "sc") for p in "pq" for m in ("sc", "tso", "lkmm")}


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (CHECK + CHECK.partition("\n")[2], "L101"),
        (CHECK.replace("kara", "karla"), "L107"),
        (CHECK.replace("model: tso", "flush: broadcast"), "L107"),
        (CHECK.replace("deadlock", "livelock"), "S107"),
    ],
)
def test_what_is_wrongly_granted_is_refused(tmp_path: Path, check: str, code: str) -> None:
    with pytest.raises(InputError) as wrong:
        written(tmp_path, HEAD + KARA + check)
    assert [each.code for each in wrong.value.problems] == [code]
