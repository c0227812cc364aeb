"""What is known of a question without asking it."""

from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.result import Question
from encoder.ledger.cache import Cache
from encoder.ledger.database import Database
from encoder.ledger.obligation import Obligation
from encoder.ledger.recall import Recall
from encoder.ledger.record import record_of
from encoder.ledger.statement import ScenarioStatement, path_of
from encoder.spec.fingerprint import Fingerprints
from tests.render.samples import REPORTS

QUESTION = Question(scenario="gup-vs-fork", variant="baseline", property="writable-while-pinned", platform="sc")


def state(root: Path, specs: str) -> None:
    """Commit a proof of the question, about these specs."""
    found = record_of(Obligation.asking(QUESTION), replace(REPORTS["complete"], question=QUESTION))
    told = ScenarioStatement(scenario=QUESTION.scenario, specs={"baseline": specs}, records={found.obligation: found})
    path = path_of(root, QUESTION.scenario)
    path.parent.mkdir(parents=True)
    path.write_text(told.text(), "utf-8")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(Database(tmp_path / "cache.sqlite"))


def test_what_is_committed_of_the_specs_as_they_are_is_known(tmp_path: Path, cache: Cache) -> None:
    state(tmp_path, Fingerprints().of("gup-vs-fork", "baseline"))
    recall = Recall(tmp_path, cache)
    assert recall.verdicts([QUESTION]) == {QUESTION: "proved"}
    for other in (replace(QUESTION, depth=9), replace(QUESTION, loops=2), replace(QUESTION, platform="x86")):
        assert recall.verdicts([other]) == {}


def test_what_is_committed_of_other_specs_is_not(tmp_path: Path, cache: Cache) -> None:
    state(tmp_path, "0123456789abcdef")
    assert Recall(tmp_path, cache).verdicts([QUESTION]) == {}


def test_what_was_asked_is_kept(tmp_path: Path, cache: Cache) -> None:
    recall = Recall(tmp_path, cache)
    assert recall.verdicts([QUESTION]) == {}
    recall.keep(QUESTION, replace(REPORTS["two-cpus"], question=QUESTION))
    assert Recall(tmp_path, cache).verdicts([QUESTION]) == {QUESTION: "refuted"}
