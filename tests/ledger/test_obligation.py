"""Reading proofs/obligations."""

from pathlib import Path

import pytest

from encoder.base.catalog import Entry
from encoder.base.errors import InputError
from encoder.base.source import Span
from encoder.ledger.obligation import Obligation, load_obligations, unclaimed
from encoder.ledger.place import name_of, platforms, question_of, rank
from tests.ledger.samples import written

HEAD = "scenario: gup-vs-reclaim\nobligations:\n"
WHOLE = "expect: complete, why: a sentence"


def entry(*claims: str, variant: str = "baseline", asked: str = "p") -> str:
    """An entry with these claims."""
    return f"  - {{variant: {variant}, property: {asked}, claims: [{', '.join(f'{{{each}}}' for each in claims)}]}}\n"


def claims(obligations: tuple[Obligation, ...]) -> list[tuple[str, str, int | None, str]]:
    return [(each.place, each.expect, each.depth, each.why) for each in obligations]


def test_a_claim_names_one_platform_or_several(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        HEAD
        + """\
  - variant: kara-rmap-seq
    property: p
    claims:
      - on: sc
        expect: complete
        why: a sentence
      - {on: [x86, x86-broadcast], expect: {bounded: 30}, why: stores wait}
      - on: [arm64, lkmm]
        expect: refuted
        depth: 9
        why: loads too
""",
    )
    assert claims(found) == [
        ("sc", "complete", None, "a sentence"),
        ("x86", "bounded", 30, "stores wait"),
        ("x86-broadcast", "bounded", 30, "stores wait"),
        ("arm64", "refuted", 9, "loads too"),
        ("lkmm", "refuted", 9, "loads too"),
    ]
    assert found[0].id == "gup-vs-reclaim/kara-rmap-seq/p/sc"
    assert [each.span.line for each in found] == [6, 9, 9, 10, 10]
    assert found[1].question(5.0).depth == 30


@pytest.mark.parametrize(
    ("variant", "flush"), [("baseline", "broadcast"), ("v6.12", "deferred-broadcast"), ("nothing", "broadcast")]
)
def test_a_platform_is_what_it_is_in_the_kernel_of_the_variant(tmp_path: Path, variant: str, flush: str) -> None:
    found = written(tmp_path, HEAD + entry(f"on: [arm64, x86], {WHOLE}", variant=variant))
    assert [(each.model, each.flush) for each in found] == [("arm64", flush), ("tso", "deferred")]


def test_an_experiment_names_a_model_and_a_flush(tmp_path: Path) -> None:
    (found,) = written(tmp_path, HEAD + entry(f"model: tso, flush: ipi, {WHOLE}"))
    assert (found.platform, found.model, found.flush) == ("", "tso", "ipi")
    assert found.id == "gup-vs-reclaim/baseline/p/tso+ipi"
    assert found.question(1.0).platform == ""


@pytest.mark.parametrize("place", ["sc", "arm64", "lkmm", "tso+ipi", "arm64-llsc+deferred-broadcast"])
def test_an_id_says_which_question_it_asks(place: str) -> None:
    question = question_of(f"gup-vs-fork/v6.12/p/{place}", depth=7, loops=2)
    assert (name_of(question), question.depth, question.loops) == (f"gup-vs-fork/v6.12/p/{place}", 7, 2)


@pytest.mark.parametrize("place", ["x68", "tso", "tso+", "ipi+tso", "tso+ipi+x"])
def test_what_is_no_place_is_no_question(place: str) -> None:
    with pytest.raises(ValueError, match="neither a platform nor"):
        question_of(f"gup-vs-fork/v6.12/p/{place}")


def test_platforms_come_before_experiments_and_strong_ones_first() -> None:
    assert sorted(["tso+ipi", "lkmm", "sc+broadcast", "x86", "sc"], key=rank) == [
        "sc", "x86", "lkmm", "sc+broadcast", "tso+ipi"
    ]  # fmt: skip


def test_interleavings_are_looked_for_first_where_there_are_some(tmp_path: Path) -> None:
    refuted = f"on: [sc, x86], {WHOLE.replace('complete', 'refuted')}"
    found = written(tmp_path, HEAD + entry(refuted) + entry(f"on: [sc, x86], {WHOLE}", asked="q"))
    assert [each.question(1.0).interleavings for each in found] == [True, True, False, False]


def test_a_weaker_model_cannot_prove_what_a_stronger_one_refutes_with_the_same_flushes(tmp_path: Path) -> None:
    refuted = WHOLE.replace("complete", "refuted")
    with pytest.raises(InputError) as caught:
        written(
            tmp_path,
            HEAD
            + entry(f"on: x86-broadcast, {refuted}", f"on: lkmm, {WHOLE}")
            + entry(f"on: x86, {refuted}", f"on: lkmm, {WHOLE}", asked="other-flushes")
            + entry(f"on: x86-broadcast, {refuted}", "on: lkmm, expect: {bounded: 3}, why: y", asked="bounded")
            + entry(f"on: x86-broadcast, {refuted}", f"on: arm64, {WHOLE}", asked="q", variant="v6.12"),
        )
    (problem,) = caught.value.problems
    assert (problem.code, problem.span and problem.span.line) == ("L106", 3)
    assert "`complete` for lkmm, but refuted for x86-broadcast" in problem.message
    assert problem.expected == "refuted: what tso allows, lkmm allows too"


def test_what_is_not_claimed_is_counted(tmp_path: Path) -> None:
    every = ", ".join(platforms())
    found = written(
        tmp_path,
        HEAD
        + entry(f"on: sc, {WHOLE}")
        + entry(f"on: [{every}], {WHOLE}", variant="fork-mb")
        + entry(f"on: [sc, x86], {WHOLE}", f"model: lkmm, flush: ipi, {WHOLE}", asked="q"),
    )
    none = dict.fromkeys(platforms(), 0)
    weak = dict.fromkeys(("x86-broadcast", "arm64", "arm64-llsc", "lkmm"), 2)
    assert unclaimed(found, found) == none | weak | {"x86": 1}
    assert unclaimed(found, [each for each in found if each.variant == "fork-mb"]) == none


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        written(
            tmp_path,
            HEAD
            + entry(f"on: sc, {WHOLE}")
            + entry(f"on: [x86, sc], {WHOLE}")
            + entry("on: sc, expect: refutd, why: x", asked="b")
            + entry("on: sc, expect: complete", asked="c")
            + entry("on: sc, depth: 3, expect: {bounded: 0}, why: x, when: now", asked="d")
            + entry(f"on: [sc, x68], {WHOLE}", asked="e")
            + entry(f"on: sc, model: lkmm, {WHOLE}", asked="f")
            + entry(f"model: lkmm, {WHOLE}", asked="g")
            + entry(WHOLE, asked="h")
            + "  - {variant: i, property: p}\n",
        )
    found = sorted((problem.span.line, problem.code) for problem in caught.value.problems if problem.span)
    assert found == [
        (4, "L101"),
        (5, "S107"),
        (6, "S105"),
        (7, "L104"),
        (7, "S104"),
        (8, "S107"),
        (9, "S104"),
        (10, "S105"),
        (11, "S105"),
        (12, "S105"),
    ]
    near = [problem.nearest for problem in caught.value.problems]
    assert "refuted" in near and "x86" in near


def test_a_file_is_named_after_its_scenario(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds obligations of"):
        written(tmp_path, HEAD + entry(f"on: sc, {WHOLE}"), name="gup-vs-fork")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# nothing is claimed any more\n", "the file is empty"),
        (HEAD.rstrip() + " []\n", "at least one"),
        (HEAD + "  - {variant: v, property: p, claims: []}\n", "at least one"),
    ],
)
def test_a_file_that_claims_nothing_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    """As one that was cut off: its claims would be gone, and nobody would notice."""
    with pytest.raises(InputError, match=said):
        written(tmp_path, text)


def test_depth_and_bounded_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="beside"):
        written(tmp_path, HEAD + entry("on: sc, depth: 3, expect: {bounded: 4}, why: x"))


def test_what_is_no_text_is_refused_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "gup-vs-reclaim.yaml"
    path.write_bytes(HEAD.encode() + b"\xff\xfe")
    with pytest.raises(InputError) as caught:
        load_obligations((Entry("proofs/obligations/gup-vs-reclaim.yaml", path),))
    assert [(problem.code, str(problem.span)) for problem in caught.value.problems] == [
        ("S100", str(Span("proofs/obligations/gup-vs-reclaim.yaml", 1, 1, 2)))
    ]


CHECK = "checks:\n  - {variant: kara, found: deadlock, on: [x86, lkmm], why: Two locks.}\n"
KARA = entry(f"on: [sc, x86, lkmm], {WHOLE}", variant="kara")


def test_what_is_granted_holds_for_the_platforms_that_it_names(tmp_path: Path) -> None:
    found = written(tmp_path, HEAD + KARA + KARA.replace("property: p", "property: q") + CHECK)
    granted = {(each.property, each.platform): [one.found for one in each.granted] for each in found}
    assert granted == {(p, m): ["deadlock"] * (m != "sc") for p in "pq" for m in ("sc", "x86", "lkmm")}
    everywhere = written(tmp_path, HEAD + KARA + CHECK.replace("on: [x86, lkmm], ", ""))
    assert [len(each.granted) for each in everywhere] == [1, 1, 1]


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (CHECK + CHECK.partition("\n")[2].replace("[x86, lkmm]", "x86"), "L101"),
        (CHECK.replace("kara", "karla"), "L107"),
        (CHECK.replace("[x86, lkmm]", "arm64"), "L107"),
        (CHECK.replace("deadlock", "livelock"), "S107"),
    ],
)
def test_what_is_wrongly_granted_is_refused(tmp_path: Path, check: str, code: str) -> None:
    with pytest.raises(InputError) as wrong:
        written(tmp_path, HEAD + KARA + check)
    assert [each.code for each in wrong.value.problems] == [code]
