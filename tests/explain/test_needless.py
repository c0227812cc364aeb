"""Which barriers a scenario's proofs need: as edits of the spec, taking them away does what is said."""

from functools import cache
from pathlib import Path

import pytest

from encoder.base.result import Question, Refuted, word
from encoder.explanation.explain import barrier_reasons
from encoder.explanation.reasons import Barriers
from encoder.program.resolve import resolve
from encoder.spec.load import load_library
from encoder.verify.engine import ask
from tests.explain.changed import changed

FORK_MB = Question(scenario="gup-vs-fork", variant="v6.12-fork-mb", property="writable-while-pinned", model="lkmm")
FORK_TSO = Question(scenario="gup-vs-fork", variant="v6.12", property="writable-while-pinned", model="tso")
RMAP = Question(scenario="gup-vs-reclaim", variant="kara-rmap-seq", property="mapped-while-pinned")


@cache
def found(question: Question) -> Barriers | None:
    library = load_library(None, scenario=question.scenario, variant=question.variant)
    program = resolve(library, question.scenario, question.variant, question.flush)
    return barrier_reasons(program, question, 1e9)


def labels(question: Question) -> tuple[set[str], set[str]]:
    """What is needed and what is spared."""
    answer = found(question)
    assert answer is not None and answer.whole and not answer.either
    return {line.label for line in answer.needed}, {line.label for line in answer.spared}


def test_under_sc_there_is_nothing_to_say() -> None:
    assert found(RMAP) is None


@pytest.mark.slow
def test_under_tso_the_atomic_operations_of_fork_and_pin_are_ordered_enough() -> None:
    needed, spared = labels(FORK_TSO)
    assert needed == set()
    assert "bias_mb" not in spared, "smp_mb__after_atomic() costs nothing on x86"


@pytest.mark.slow
def test_under_lkmm_three_barriers_are_needed() -> None:
    needed, spared = labels(FORK_MB)
    assert needed == {"bias_mb", "seq_mb", "seq_end"}
    assert {"seq_retry", "seq_begin"} <= spared


@pytest.mark.slow
@pytest.mark.parametrize(("procedure", "label"), [("try_grab_folio_fast", "bias_mb"), ("fork", "seq_mb")])
def test_without_a_needed_barrier_a_property_breaks(procedure: str, label: str, tmp_path: Path) -> None:
    answer = found(FORK_MB)
    assert answer is not None
    edits = f"  - in: {procedure}\n    delete: {label}\n"
    asked, root = changed(tmp_path, FORK_MB, edits)
    assert any(isinstance(ask(_of(asked, name), root).verdict, Refuted) for name in answer.properties)


@pytest.mark.slow
def test_without_all_that_can_go_every_property_is_proved(tmp_path: Path) -> None:
    answer = found(FORK_MB)
    assert answer is not None and {"seq_begin", "seq_retry"} <= {line.label for line in answer.spared}
    edits = """  - in: gup_fast
    replace: seq_begin
    with:
      - seq_begin: seq = READ_ONCE(mm->write_protect_seq)
  - in: gup_fast
    replace: seq_retry
    with:
      - seq_retry: if (READ_ONCE(mm->write_protect_seq) != seq)
        then:
          - unpin_all: gup_fast_unpin_user_pages(pages, n)
          - write_protected: return 0
"""
    asked, root = changed(tmp_path, FORK_MB, edits)
    for name in answer.properties[:3]:
        assert word(ask(_of(asked, name), root).verdict) in ("proved", "vacuous"), name


def _of(question: Question, name: str) -> Question:
    return Question(scenario=question.scenario, variant=question.variant, property=name, model=question.model)
