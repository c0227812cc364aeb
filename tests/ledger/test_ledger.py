"""The ledger of this repository."""

from pathlib import Path

import pytest

from encoder.base.catalog import listing
from encoder.cli.mutants import page_of, wanted_scores
from encoder.ledger.mutants import PROVED, read
from encoder.ledger.obligation import Obligation, dangling, load_obligations
from encoder.ledger.page import page
from encoder.ledger.store import Store
from encoder.spec.load import load_library
from encoder.spec.model import Library

PROOFS = Path(__file__).parents[2] / "proofs"


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def claimed() -> tuple[Obligation, ...]:
    return load_obligations(listing(PROOFS / "obligations", "proofs/obligations"))


def test_every_obligation_names_what_there_is(library: Library, claimed: tuple[Obligation, ...]) -> None:
    assert dangling(library, claimed) == []


def test_every_reason_is_a_sentence(claimed: tuple[Obligation, ...]) -> None:
    assert [each.id for each in claimed if not each.why.endswith(".") or len(each.why.split()) < 5] == []


def test_the_page_is_up_to_date(library: Library, claimed: tuple[Obligation, ...]) -> None:
    store = Store(PROOFS)
    records = store.read_all(claimed)
    titles = {each.name: each.title for each in library.properties}
    shown = page(claimed, records, titles) + page_of(PROOFS, wanted_scores(claimed, records))
    assert (PROOFS / "README.md").read_text("utf-8") == shown, "make promote writes it"


UNSCORED = {"gup-vs-2-reclaimers/kara-rmap-seq-serialised-mb-pin-mb/sc/deferred"}
"""Claimed since the scores were last recorded; `make mutants` scores it, and then it goes from here."""


def test_every_proof_under_sc_would_notice_some_mutant(claimed: tuple[Obligation, ...]) -> None:
    wanted = wanted_scores(claimed, Store(PROOFS).read_all(claimed))
    scored = {each.id: read(PROOFS, each) for each in wanted if each.model == "sc"}
    assert {name for name, record in scored.items() if record is None or record.undecided} == UNSCORED
    assert [name for name, record in scored.items() if record and any(each.zero for _, each in record.scores)] == []
    assert sum(len(record.scores) for record in scored.values() if record) == sum(
        each.model == "sc" and each.expect in PROVED for each in claimed
    ) - len(UNSCORED)


def test_nothing_is_kept_that_is_not_claimed(claimed: tuple[Obligation, ...]) -> None:
    store = Store(PROOFS)
    kept = {store.result_path(each) for each in claimed}
    kept |= {store.witness_path(each, suffix) for each in claimed for suffix in ("json", "txt")}
    files = {path for name in ("results", "witnesses") for path in (PROOFS / name).rglob("*.*") if path.is_file()}
    assert sorted(map(str, files - kept)) == []
