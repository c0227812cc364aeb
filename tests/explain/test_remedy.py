"""What would have stopped a schedule: as edits of the spec, the same changes do what is said of them."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from time import monotonic

import pytest

from encoder.base.result import Proved, Question, Refuted
from encoder.explanation.barriers import BarrierPlace, BarrierSearch
from encoder.explanation.changes import UNKNOWN, ChangeOutcome
from encoder.explanation.explain import explain
from encoder.explanation.moves import block_containing
from encoder.explanation.reasons import Change, Explanation
from encoder.program.resolve import resolve
from encoder.smt.solvers.z3_solver import Session
from encoder.spec.load import load_library
from encoder.verify.engine import answer, ask
from tests.explain.changed import changed

RMAP_TSO = Question(scenario="gup-vs-reclaim", variant="kara-rmap-seq", property="mapped-while-pinned", model="tso")
FORK = Question(scenario="gup-vs-fork", variant="v6.12", property="writable-while-pinned", model="lkmm")
SOFT_DIRTY = Question(scenario="gup-vs-soft-dirty", variant="baseline", property="writable-while-pinned")
LOCKED = Question(
    scenario="gup-vs-reclaim-uncached", variant="hubbard-locked-check-fixed", property="mapped-while-pinned"
)
BARE_FORK = Question(scenario="gup-vs-fork", variant="fork-without-seq", property="writable-while-pinned")
BASELINE = Question(scenario="gup-vs-reclaim", variant="baseline", property="mapped-while-pinned", model="lkmm")


@cache
def explained(question: Question) -> Explanation:
    return explain(question)


def changes(question: Question) -> tuple[Change, ...]:
    found = explained(question).remedies
    assert found is not None and found.whole
    return found.changes


@pytest.mark.slow
def test_a_full_barrier_behind_the_bump_stops_what_the_store_buffer_allows() -> None:
    (change,) = changes(RMAP_TSO)
    assert (change.kind, change.what, change.outcome) == ("barrier", "smp_mb()", "proved")
    assert (change.first.label, change.last.label) == ("seq_begin", "pinned")


def test_the_test_for_pins_and_what_follows_from_it_in_one_piece() -> None:
    piece, lock = changes(SOFT_DIRTY)
    for change, kind in ((piece, "atomic"), (lock, "lock")):
        assert (change.kind, change.outcome) == (kind, "proved")
        assert (change.first.label, change.last.label) == ("not_pinned", "clear")
    assert [(a.label, b.label) for a, b in lock.more] == [("set_has_pinned", "recheck_pte")]


@pytest.mark.slow
def test_an_interleaving_under_a_weak_model_is_looked_at_under_sc() -> None:
    found = explained(BASELINE).remedies
    assert found is not None
    assert (found.model, found.changes, found.tried, found.skipped) == ("sc", (), 0, 0)


def test_a_step_is_moved_before_the_other_of_its_block() -> None:
    found = [(c.kind, c.what, c.first.label, c.last.label, c.outcome, c.remaining) for c in changes(BARE_FORK)]
    assert found == [
        ("atomic", "in one piece", "needs_cow", "get", "refuted", 23),
        ("move", "before", "needs_cow", "get", "refuted", 23),
        ("lock", "one lock", "needs_cow", "get", "refuted", 23),
    ]


@pytest.mark.slow
def test_of_several_changes_the_one_of_fewest_steps_is_first() -> None:
    found = [(c.kind, c.outcome, c.steps) for c in changes(LOCKED)]
    assert found[:3] == [("atomic", "refuted", 4), ("move", "refuted", 4), ("atomic", "proved", 6)]
    assert found[3:] == [("lock", "refuted", 6), ("lock", "proved", 19)]


@pytest.mark.slow
def test_a_lock_is_what_a_lock_in_the_spec_is(tmp_path: Path) -> None:
    """Two reclaimers that pin between test and clearing find a page unmapped; one lock over both keeps them apart."""
    question = Question(
        scenario="gup-vs-2-reclaimers", variant="kara-rmap-seq-mb-pin-mb", property="mapped-while-pinned"
    )
    (lock,) = changes(question)
    assert (lock.kind, lock.outcome, lock.first.label, lock.last.label) == ("lock", "proved", "pinned", "clear_flush")
    edits = """  - in: try_to_unmap_one
    before: pinned
    insert:
      - new_lock: spin_lock(&slot->mm->new_lock)
  - in: try_to_unmap_one
    before: seq_end_pinned
    insert:
      - new_unlock_pinned: spin_unlock(&slot->mm->new_lock)
  - in: try_to_unmap_one
    after: install
    insert:
      - new_unlock: spin_unlock(&slot->mm->new_lock)
  - in: gup_fast
    before: grab
    insert:
      - new_lock: spin_lock(&mm->new_lock)
  - in: gup_fast
    replace: grab
    with:
      - grab: got = try_grab_compound_head(pte.page)
      - failed: if (!got)
        then:
          - new_unlock_failed: spin_unlock(&mm->new_lock)
          - stop_failed: break
  - in: gup_fast
    before: referenced
    insert:
      - new_unlock: spin_unlock(&mm->new_lock)
  - in: gup_fast
    before: undo
    insert:
      - new_unlock_changed: spin_unlock(&mm->new_lock)
fields:
  mm_struct: {new_lock: lock}
"""
    asked, root = changed(tmp_path, question, edits)
    assert isinstance(ask(asked, root).verdict, Proved)


@pytest.mark.slow
def test_where_one_barrier_is_not_enough_the_fewest_that_are() -> None:
    """The shortest schedule of the first is one barrier's to stop, and another remains; that of the second has the walk
    read the count between the halves of the pin, which no barrier on one CPU stops."""
    one, two = changes(replace(RMAP_TSO, variant="kara-rmap-seq-before-ptl", model="lkmm"))
    assert (one.outcome, one.remaining, one.more) == ("refuted", 29, ())
    (both,) = changes(replace(RMAP_TSO, model="lkmm"))
    for found in (two, both):
        assert (found.outcome, found.steps, [last.label for _, last in found.more]) == ("proved", 2, ["pinned"])
        assert (found.first.label, found.last.label) == ("irq_on", "seq_retry")


@pytest.mark.slow
@pytest.mark.parametrize("question", [RMAP_TSO, FORK], ids=lambda q: q.variant)
def test_a_barrier_put_into_the_spec_proves_what_is_said(question: Question, tmp_path: Path) -> None:
    for number, change in enumerate(c for c in changes(question) if c.what == "smp_mb()"):
        last = change.last
        edits = f"  - in: {last.procedure}\n    before: {last.label}\n    insert:\n      - new_mb: smp_mb()\n"
        asked, root = changed(tmp_path / str(number), question, edits)
        assert isinstance(ask(asked, root).verdict, Proved if change.outcome == "proved" else Refuted)


def test_only_neighbours_of_one_block_are_moved() -> None:
    library = load_library(None, scenario="gup-vs-fork", variant="fork-without-seq")
    steps = next(each for each in library.procedures if each.name == "copy_present_pte").steps
    found = block_containing(steps, "needs_cow", "get")
    assert found is not None and {"needs_cow", "get"} <= {step.label for step in found}
    assert block_containing(steps, "get", "needs_cow") is None


SEQ = Question(scenario="gup-vs-soft-dirty", variant="linus-soft-dirty-seq", property="", model="lkmm")


def barriers(question: Question) -> BarrierSearch:
    """What looks for barriers against the schedule that breaks a property."""
    library = load_library(None, scenario=question.scenario, variant=question.variant)
    program = resolve(library, question.scenario, question.variant, question.flush)
    report = answer(program, question)
    assert isinstance(report.verdict, Refuted)
    return BarrierSearch(program, report.question, report.verdict.witness, monotonic() + 1000)


@pytest.mark.slow
def test_a_change_without_time_for_its_outcome_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = barriers(SEQ)
    monkeypatch.setattr(looking, "outcome", lambda *given, **options: UNKNOWN)
    monkeypatch.setattr(looking, "_combined", lambda **given: iter(()))
    found = looking.nearest_fixes()
    assert found.changes and {change.outcome for change in found.changes} == {"unknown"}
    assert found.tried > len(found.changes) and not found.whole


@pytest.mark.slow
@pytest.mark.parametrize("question", [SEQ, FORK], ids=lambda q: q.scenario)
def test_a_schedules_own_steps_are_enough_to_say_what_stops_it(question: Question) -> None:
    """What is asked of the executions of these steps alone is so of all executions, of weaker barriers too."""
    looking = barriers(question)
    whole = looking._offer_barriers(looking.executed)
    session = Session(whole.encoding.formula.plus(looking._pin_execution(whole.encoding)), monotonic() + 1000)
    stopping: dict[BarrierPlace, ChangeOutcome] = {}
    looking._add_stopping(stopping)
    assert stopping
    for number, own in enumerate(looking.threads()):
        for place in looking._places(number, own):
            selector = whole.selector(place.what, place.step)
            assert selector is not None
            assert looking.is_satisfiable(session, selector) == (place not in stopping), place
