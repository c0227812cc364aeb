"""The ledger of this repository: what is committed in proofs/ agrees with what is claimed, and with the specs."""

from functools import cache
from pathlib import Path

import pytest

from encoder.base.catalog import listing
from encoder.certificate.file import read_certificate as certificate_from
from encoder.concrete.rerun import rerun
from encoder.ledger.drawings import anchor, drawings
from encoder.ledger.folder import Proofs
from encoder.ledger.obligation import Obligation, dangling, load_obligations
from encoder.ledger.place import name_of, platforms
from encoder.ledger.record import PROVED, Record, standing
from encoder.ledger.schedules import SharedSchedule
from encoder.ledger.statement import path_of
from encoder.program.core import Program
from encoder.program.lookup import property_of
from encoder.program.resolve import resolve
from encoder.spec.fingerprint import Fingerprints
from encoder.spec.load import load_library
from encoder.spec.model import Library

ROOT = Path(__file__).parents[2] / "proofs"
FILES, BYTES = 300, 12_000_000


@cache
def library() -> Library:
    return load_library()


@cache
def claimed() -> tuple[Obligation, ...]:
    return load_obligations(listing(ROOT / "obligations", "proofs/obligations"))


@cache
def proofs() -> Proofs:
    return Proofs(ROOT, claimed())


@cache
def records() -> dict[str, Record]:
    return proofs().records()


@cache
def prints() -> Fingerprints:
    return Fingerprints()


@cache
def page() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def schedules() -> list[SharedSchedule]:
    return [each for scenario in proofs().scenarios for each in proofs().statement(scenario).schedules()]


@cache
def program(scenario: str, variant: str, flush: str) -> Program:
    return resolve(library(), scenario, variant, flush)


def test_every_obligation_names_what_there_is() -> None:
    assert dangling(library(), claimed()) == []


def test_every_reason_is_a_sentence() -> None:
    assert [each.id for each in claimed() if not each.why.endswith(".") or len(each.why.split()) < 5] == []


def test_every_claim_was_found_so_and_nothing_else_is_there() -> None:
    assert {each.id for each in claimed()} == set(records())
    assert [each.id for each in claimed() if standing(each, records()[each.id]) != "expected"] == []
    held = {name for scenario in proofs().scenarios for name in proofs().statement(scenario).records}
    assert held == set(records())


def test_the_page_shows_what_is_claimed() -> None:
    """The page is what its data make of it; in the data is every claim, with its verdict."""
    assert page() == proofs().page(library(), prints().of), "`verify --promote` writes it"
    for each in claimed():
        record = records()[each.id]
        if each.expect == "refuted" and each.platform:
            assert f"[**refuted**, {record.steps}](schedules/{each.scenario}.md#{anchor(each.id)})" in page()


def test_what_was_found_is_about_the_specs_as_they_are() -> None:
    for scenario in proofs().scenarios:
        found = proofs().statement(scenario).specs
        now = {variant: prints().of(scenario, variant) for variant in found}
        assert found == now, "`verify --promote` decides anew"


def test_every_refuted_claim_has_its_schedule_drawn_once() -> None:
    broken = [name for each in schedules() for name in each.names()]
    assert sorted(broken) == sorted(each.id for each in claimed() if each.expect == "refuted")
    for scenario in proofs().scenarios:
        told = proofs().statement(scenario)
        (own,) = (each for each in library().scenarios if each.name == scenario)
        drawn = path_of(ROOT, scenario, "md").read_text("utf-8")
        assert drawn == drawings(told, own.title, own.scope), "`verify --promote` draws it"
        assert path_of(ROOT, scenario).read_text("utf-8") == told.text()
        assert all(f'<a id="{anchor(name)}"></a>' in drawn for each in told.schedules() for name in each.names())


def breaks(schedule: SharedSchedule) -> None:
    for question in schedule.breaks:
        own = program(question.scenario, question.variant, question.flush)
        found = rerun(own, property_of(own, question.property), question, schedule.under(question.model))
        assert len(found.steps) == records()[name_of(question)].steps


def test_schedules_break_their_properties_without_the_solver() -> None:
    """Of one scenario in three the longest, if there is any."""
    for scenario in proofs().scenarios[::3]:
        found = proofs().statement(scenario).schedules()
        longest = max(found, key=lambda each: len(each.witness.schedule), default=None)
        if longest is not None:
            breaks(longest)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", proofs().scenarios)
def test_all_schedules_break_their_properties_without_the_solver(scenario: str) -> None:
    for schedule in proofs().statement(scenario).schedules():
        breaks(schedule)


def test_the_certificates_that_are_shown_hold_by_themselves() -> None:
    assert len(proofs().examples()) >= 3
    for name in proofs().examples():
        found = certificate_from(proofs().example(name).read_bytes())
        assert (found.obligation, found.parts != ()) == (name, True)
        assert [part.core_fault() for part in found.parts] == [""] * len(found.parts)


def test_little_is_committed() -> None:
    files = [path for path in ROOT.rglob("*") if path.is_file()]
    assert len(files) < FILES and sum(path.stat().st_size for path in files) < BYTES


def test_every_claim_speaks_of_every_platform() -> None:
    """A machine of which nothing is said is one that nobody asked about."""
    spoken: dict[tuple[str, ...], set[str]] = {}
    for each in claimed():
        spoken.setdefault(each.entry, set()).add(each.platform)
    assert {entry: missing for entry, found in spoken.items() if (missing := set(platforms()) - found)} == {}


def test_every_proof_is_scored_and_would_notice_some_mutant() -> None:
    scored = [each.record for each in proofs().scored() if each.record.wanted.platform == "sc"]
    assert [each.wanted.id for each in scored if each.undecided] == []
    assert [record.wanted.id for record in scored if any(each.zero for _, each in record.scores)] == []
    assert proofs().unscored() == []
    assert sum(len(record.scores) for record in scored) == sum(
        each.platform == "sc" and each.expect in PROVED for each in claimed()
    )
