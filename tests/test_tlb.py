"""What TLBs hold: a flush of whatever kind waits for the CPUs that may have the entry from before, and for no other."""

import shutil
from pathlib import Path

import pytest

from encoder.base.result import Question, Refuted, word
from encoder.concrete.explorer.explore import explore_all
from encoder.memory import MODELS
from encoder.program.core import Grace
from encoder.program.resolve import resolve
from encoder.program.traverse import events
from encoder.spec.load import load_library
from encoder.spec.load_primitives import FLUSHES
from encoder.verify.engine import ask
from encoder.verify.load import load

SPECS = Path(__file__).parents[1] / "specs"
SCENARIO = """\
scenario: stale
title: a CPU that keeps a translation
scope: for this test
objects:
  word: page_contents
  p: {type: page, contents: word}
  mm: mm_struct
  table: page_table
  copies: tlb_entry
  other_copies: tlb_entry
  slot: {type: pte_slot, mm: mm, table: table, tlb: copies}
  other: {type: pte_slot, mm: mm, table: table, tlb: other_copies}
init:
  - slot->pte = (pte_t){.present = 1, .page = p, .writable = 1, .dirty = 1}
threads:
  cpu0:
    role: user
    runs: mm
    locals: {cached: page *}
    steps:
      - walk: tlb = tlb_fill(slot->tlb)
      - entry: pte = mmu_walk(slot)
      - hit: if (pte.present)
        then:
          - cache: cached = pte.page
          - store: WRITE_ONCE(pte.page->contents->word, 1)
      - evict: tlb_drop(slot->tlb, tlb)
        ghost_first: cached = NULL
  cpu1:
    role: flusher
    locals: {slots: pte_slot *list, flushed: bool}
    steps:
      - range: slots = [slot]
      - flush: |-
          FLUSH
      - done: flushed = true
properties: [no-stale-translation]
"""
PROPERTY = """\
property: no-stale-translation
title: whoever has flushed an entry finds no CPU that goes on by it
source: for this test
each: {t: user, u: flusher}
when: u.flushed
never: t.cached != NULL
"""


@pytest.fixture
def specs(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The shipped specs with a scenario of one flush, the statement that the test is parametrized with."""
    root = tmp_path / "specs"
    shutil.copytree(SPECS, root)
    (root / "scenarios" / "stale.yaml").write_text(SCENARIO.replace("FLUSH", request.param))
    (root / "properties" / "no-stale-translation.yaml").write_text(PROPERTY)
    return root


def verdicts(root: Path, flush: str) -> list[str]:
    """What the engine says under each model; the explorer agrees where it can judge."""
    found = []
    for name, model in MODELS.items():
        question = Question(
            scenario="stale", variant="baseline", property="no-stale-translation", model=name, flush=flush
        )
        verdict = ask(question, root).verdict
        found.append(word(verdict))
        if model.explorable is not None:
            made = load(question, root)
            (seen,) = explore_all(made, made.properties, loops=2, max_states=50_000, machine=model.explorable)
            assert (seen.outcome == "violated") == isinstance(verdict, Refuted)
    return found


@pytest.mark.parametrize("flush", FLUSHES)
@pytest.mark.parametrize("specs", ["old = ptep_clear_flush(slot)"], indirect=True)
def test_a_flush_of_whatever_kind_waits_for_stale_translations(specs: Path, flush: str) -> None:
    assert verdicts(specs, flush) == ["proved"] * len(MODELS)


@pytest.mark.parametrize("specs", ["old = ptep_get_and_clear(slot)", "flush_tlb_page(slot)"], indirect=True)
def test_neither_does_without_the_other(specs: Path) -> None:
    """Without a flush the translation stays; without the clear it is filled anew."""
    assert verdicts(specs, "ipi") == ["refuted"] * len(MODELS)


@pytest.mark.parametrize("specs", ["if (ptep_get_and_clear(slot).present) flush_tlb_page(other)"], indirect=True)
def test_a_flush_of_another_page_says_nothing(specs: Path) -> None:
    assert verdicts(specs, "ipi") == ["refuted"] * len(MODELS)


@pytest.mark.parametrize("flush", FLUSHES)
def test_without_a_tlb_entry_a_flush_waits_for_no_translation(flush: str) -> None:
    program = resolve(load_library(), "gup-vs-soft-dirty", "baseline", flush)
    assert not [event for thread in program.threads for event in events(thread.body) if isinstance(event, Grace)]
