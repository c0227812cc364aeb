"""The ledger's scores: what is kept, what is stale, what is said of survivors."""

from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.errors import InputError
from encoder.ledger.folder import Proofs, wanted_scores
from encoder.ledger.mutants import MutantRecord, Wanted, mutants_from, wanted_of
from encoder.ledger.mutants_page import mutants
from encoder.ledger.record import Record
from encoder.ledger.scores import Scored, path_of, read, text
from encoder.ledger.scoring import digest
from encoder.ledger.survivors import load_explanations, unfitting
from encoder.mutation.outcome import MutantOutcome, score
from encoder.spec.load import load_library
from tests.ledger.samples import obligation

WANTED = Wanted(
    scenario="gup-vs-reclaim", variant="baseline", platform="sc", flush="ipi", model="sc", depth=None,
    properties=("mapped-while-pinned",),
)  # fmt: skip
RECORD = MutantRecord(
    wanted=WANTED,
    mutants=2,
    scores=(("mapped-while-pinned", score([MutantOutcome(word="killed"), MutantOutcome(word="survived")])),),
    survived=("reclaim/flush: step removed",),
    undecided=(),
)
SCORED = Scored(record=RECORD, specs="now")


def now(scenario: str, variant: str) -> str:
    return "now"


def explained(path: Path, text: str) -> Path:
    file = path / "survivors.yaml"
    file.write_text(text, "utf-8")
    return file


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert mutants_from(RECORD.as_text()) == RECORD
    assert mutants_from("{}") is None
    weak = replace(
        RECORD,
        wanted=replace(WANTED, platform="x86", model="tso", depth=7),
        survived=(),
        undecided=("a/b: step removed",),
    )
    both = (SCORED, Scored(record=weak, specs="then"))
    proofs = Proofs(tmp_path, (obligation(),))
    proofs.score(both)
    assert read(tmp_path, "gup-vs-reclaim") == (SCORED,), "the other is not claimed"
    path_of(tmp_path, "gup-vs-reclaim").write_text(text("gup-vs-reclaim", both))
    assert read(tmp_path, "gup-vs-reclaim") == both
    assert proofs.scored() == (SCORED,)
    assert read(tmp_path, "gup-vs-fork") == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"schema": 2', '"schema": 1'),
        ('"killed": 1', '"killed": 2'),
        ("}", ""),
        ('"survived"', '"survivors"'),
        ("gup-vs", "g"),
    ],
)
def test_a_file_that_was_not_written_so_is_an_error(before: str, after: str, tmp_path: Path) -> None:
    path = path_of(tmp_path, "gup-vs-reclaim")
    path.parent.mkdir()
    content = text("gup-vs-reclaim", (SCORED,))
    assert before in content
    path.write_text(content.replace(before, after))
    with pytest.raises(InputError, match="not what `--mutants --promote` writes"):
        read(tmp_path, "gup-vs-reclaim")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"killed": 1', '"killed": -1'),
        ('"killed": 1', '"killed": true'),
        ('"killed": 1', '"killed": 2'),
        ('"killed"', '"kild"'),
        ('"mutants": 2', '"mutants": 3'),
        ('"scores": {', '"scores": {"counts-balance": {},'),
    ],
)
def test_a_record_that_nobody_can_have_written_is_not_believed(before: str, after: str) -> None:
    assert before in RECORD.as_text()
    assert mutants_from(RECORD.as_text().replace(before, after)) is None


def test_only_what_is_proved_is_scored() -> None:
    proved, refuted = obligation(), obligation("hubbard-locked-check", "refuted")
    assert wanted_of([proved, refuted]) == (WANTED,)


def test_proofs_with_unbounded_retries_are_scored_for_schedules_without_further_rounds() -> None:
    proved = obligation()
    record = Record(obligation=proved.id, found="complete", steps=79, detail="pin/none")
    assert wanted_scores([proved], {proved.id: record}) == (replace(WANTED, depth=79),)
    assert wanted_scores([proved], {proved.id: replace(record, detail="")}) == (WANTED,)
    assert wanted_scores([proved], {proved.id: replace(record, found="open loops")}) == ()


def test_proofs_without_a_score_are_named(tmp_path: Path) -> None:
    proofs = Proofs(tmp_path, (obligation(), replace(obligation(), platform="lkmm", model="lkmm")))
    assert proofs.unscored() == [WANTED]
    proofs.score([SCORED])
    assert proofs.unscored() == []


def test_the_digest_depends_on_what_is_asked() -> None:
    library = load_library(scenario="gup-vs-reclaim", variant="baseline")
    assert digest(library, WANTED) == digest(library, WANTED)
    assert digest(library, WANTED) != digest(library, replace(WANTED, model="tso"))


def test_survivors_are_explained_or_listed(tmp_path: Path) -> None:
    file = explained(tmp_path, "survivors:\n  - {mutants: ['*/flush: step removed'], why: TLBs have no contents.}\n")
    shown = mutants([SCORED], load_explanations(file), [WANTED], now)
    assert "|gup-vs-reclaim|`baseline`|mapped-while-pinned|1/2|" in shown
    assert "- TLBs have no contents. `reclaim/flush: step removed` (1)" in shown
    assert "- Not explained: `reclaim/flush: step removed` (1)" in mutants([SCORED], (), [], now)
    assert mutants([], (), [], now) == ""


def test_an_explanation_may_name_several_scenarios(tmp_path: Path) -> None:
    entry = "survivors:\n  - {mutants: ['*/flush: *'], scenario: [SCENARIOS], why: TLBs have no contents.}\n"
    for names, fits in (("'gup-vs-f*', gup-vs-reclaim", True), ("'gup-vs-f*', stale", False)):
        (found,) = load_explanations(explained(tmp_path, entry.replace("SCENARIOS", names)))
        assert found.fits(RECORD, "reclaim/flush: step removed") == fits
        told = "- In `gup-vs-f*`, `gup-vs-reclaim`: TLBs have no contents. `reclaim/flush: step removed` (1)"
        assert (told in mutants([SCORED], [found], [WANTED], now)) == fits


def test_a_score_of_other_specs_is_marked() -> None:
    shown = mutants([replace(SCORED, specs="then")], (), [WANTED], now)
    assert "|gup-vs-reclaim|`baseline`|mapped-while-pinned|1/2°|" in shown
    assert "1/2°" not in mutants([SCORED], (), [WANTED], now)


def test_platforms_stand_beside_each_other_and_what_is_not_scored_says_so() -> None:
    weak = replace(WANTED, platform="lkmm", model="lkmm", flush="deferred-broadcast")
    other = Scored(record=replace(RECORD, wanted=replace(weak, variant="kara-rmap-seq")), specs="now")
    shown = mutants([SCORED, other], (), [WANTED, weak], now)
    assert "|scenario|variant|property|sc|lkmm|" in shown
    assert "|gup-vs-reclaim|`baseline`|mapped-while-pinned|1/2|not scored|" in shown
    assert "|gup-vs-reclaim|`kara-rmap-seq`|mapped-while-pinned|·|1/2|" in shown
    assert "|mapped-while-pinned|sc|1|2|1|1|0|" in shown


def test_an_explanation_that_fits_nothing_is_an_error(tmp_path: Path) -> None:
    file = explained(tmp_path, "survivors:\n  - {mutants: ['reclaim/flash: step removed'], why: Why.}\n")
    (problem,) = unfitting(load_explanations(file), [RECORD])
    assert problem.code == "L107"
    assert problem.nearest == "reclaim/flush: step removed"


def test_a_wrong_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load_explanations(explained(tmp_path, "survivors:\n  - {mutants: [a]}\n"))
    assert load_explanations(tmp_path / "none.yaml") == ()
