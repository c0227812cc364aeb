"""The specs that come with Pinproof resolve to programs that keep their promises."""

from dataclasses import replace

import pytest

from encoder.base.catalog import listing, shipped
from encoder.ledger.obligation import load_obligations
from encoder.ledger.place import kernel
from encoder.program.core import EventStatement, Fence, Program, Rmw
from encoder.program.resolve import resolve
from encoder.program.traverse import events
from encoder.spec.load import load_library
from encoder.spec.load_primitives import FLUSHES
from encoder.spec.model import Library
from tests.program.specs import event_texts
from tests.program.wellformed import check


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.mark.slow
@pytest.mark.parametrize("flush", FLUSHES)
def test_every_scenario_is_well_formed_on_the_kernels_that_something_is_claimed_of(library, flush):
    claimed = load_obligations(listing(shipped("proofs/obligations"), "proofs/obligations"))
    variants = {(each.scenario, kernel(each.variant)): each.variant for each in reversed(claimed)}
    assert {scenario for scenario, _ in variants} == {each.name for each in library.scenarios}
    for (scenario, _), variant in variants.items():
        check(resolve(library, scenario, variant, flush))


@pytest.mark.slow
def test_every_variant_is_well_formed(library):
    for variant in library.variants:
        check(resolve(library, "gup-vs-fork-and-reclaim", variant.name))


def test_reading_only_what_a_question_needs_changes_nothing(library):
    needed = load_library(scenario="gup-vs-reclaim", variant="kara-rmap-seq-serialised")
    whole = resolve(library, "gup-vs-reclaim", "kara-rmap-seq-serialised")
    assert resolve(needed, "gup-vs-reclaim", "kara-rmap-seq-serialised") == whole


def test_a_variant_without_edits_is_its_base(library):
    same = replace(library.variants[0], name="same", base="baseline", kernel="", edits=(), fields=(), reading="")
    more = replace(library, variants=(*library.variants, same))
    base = resolve(more, "gup-vs-fork-then-write", "baseline")
    found = resolve(more, "gup-vs-fork-then-write", "same")
    assert replace(found, variant="baseline", variant_title=base.variant_title) == base


def events_of(program: Program, thread: str) -> list[tuple[str, str]]:
    index = [t.name for t in program.threads].index(thread)
    return [(e.site.label, e.site.event) for e in events(program.threads[index].body)]


def test_events_speak_the_kernels_words(library):
    pin = events_of(resolve(library, "gup-vs-reclaim", "baseline"), "cpu0")
    assert ("seq_begin", "raw_read_seqcount(&mm->write_protect_seq)") in pin
    assert ("seq_begin", "smp_rmb()") in pin
    assert ("irq_off", "local_irq_save()") in pin
    assert ("read_pte", "ptep_get_lockless(slot)") in pin
    walk = events_of(resolve(library, "gup-vs-reclaim", "kara-rmap-seq"), "cpu1")
    assert ("lock", "spin_lock(&table->ptl)") in walk
    assert ("seq_begin", "READ_ONCE(mm->write_protect_seq)") in walk
    assert ("seq_begin", "WRITE_ONCE(mm->write_protect_seq, seq + 1)") in walk
    assert ("pinned", "page_maybe_dma_pinned(p)") in walk


def test_a_trylock_is_locked_even_when_it_fails(library):
    """x86 tries a bit lock with `lock bts`; atomic_add_unless() looks before it tries."""
    threads = resolve(library, "gup-vs-reclaim", "baseline").threads
    rmws = [event for thread in threads for event in events(thread.body) if isinstance(event, Rmw)]
    locked = {event.site.event: event.fails_locked for event in rmws}
    assert locked["trylock_page(p)"] and locked["TestClearPageDirty(p)"] and locked["page_ref_freeze(p, 2)"]
    assert not locked["page_ref_add_unless(page, 1, 0)"] and not locked["ptep_get_and_clear(slot)"]


BARRIERS = {
    "fork-mb": "baseline",
    "fork-mb-after-spinlock": "baseline",
    "fork-mb-after-spinlock-pin-mb": "baseline",
    "fork-mb-pin-mb": "baseline",
    "fork-mb-pin-one-op": "pin-one-op",
    "hubbard-check-irqs-off-mb": "hubbard-check-irqs-off",
    "hubbard-locked-check-mb": "hubbard-locked-check-fixed",
    "kara-rmap-seq-before-ptl-mb": "kara-rmap-seq-before-ptl",
    "kara-rmap-seq-mb": "kara-rmap-seq",
    "kara-rmap-seq-mb-pin-mb": "kara-rmap-seq",
    "kara-rmap-seq-serialised-mb": "kara-rmap-seq-serialised",
    "kara-rmap-seq-serialised-mb-pin-mb": "kara-rmap-seq-serialised",
    "pin-mb": "baseline",
    "v6.12": "v6.12-bare-pin",
    "v6.12-fork-get-mb": "v6.12",
    "v6.12-fork-mb": "v6.12",
    "v6.12-fork-mb-after-spinlock": "v6.12",
    "v6.12-seq-rmb-fork-mb": "v6.12-seq-rmb",
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if n % 3 else []) for n, name in enumerate(BARRIERS)]
)
def test_a_barrier_is_all_that_a_barrier_adds(library, name):
    """What sets the variant apart from the other one are fences, in threads that pin fast, fork and reclaim."""
    scenario = "gup-vs-fork-and-reclaim"
    fences = 0
    with_them, without = (resolve(library, scenario, variant).threads for variant in (name, BARRIERS[name]))
    for one, other in zip(with_them, without, strict=True):
        mine, theirs = (list(events(thread.body)) for thread in (one, other))
        fences += len(mine) - len(theirs)
        kept, expected = ([e for e in found if not isinstance(e, Fence)] for found in (mine, theirs))
        assert [(e.site.event, type(e)) for e in kept] == [(e.site.event, type(e)) for e in expected]
    assert fences > 0


def test_soft_dirty_gets_a_barrier_and_nothing_else(library):
    base, more = (
        event_texts(resolve(library, "gup-vs-soft-dirty", variant), 1)
        for variant in ("linus-soft-dirty-seq", "linus-soft-dirty-seq-mb")
    )
    assert [text for text in more if text != "smp_mb()"] == base
    assert more.index("smp_mb()") < more.index("spin_lock(&table->ptl)")


def test_a_later_kernel_starts_with_what_it_demands(library):
    """v6.12: a page that is mapped writable is exclusive, one that two processes share is not."""

    def start(scenario: str, variant: str) -> dict[str, str]:
        cells = resolve(library, scenario, variant).cells
        return {str(cell.name): str(cell.init[0]) for cell in cells if cell.name.field == "PG_anon_exclusive"}

    assert start("gup-vs-reclaim", "baseline") == {}
    assert "value=1" in start("gup-vs-reclaim", "v6.12")["p.PG_anon_exclusive"]
    assert "value=0" in start("gup-vs-reclaim-2mms", "v6.12")["p.PG_anon_exclusive"]


def test_the_read_side_of_the_seqcount_changes_with_the_kernel(library):
    def reader(variant: str) -> list[tuple[str, str]]:
        found = events(resolve(library, "gup-vs-fork", variant).threads[0].body)
        return [(e.site.event, getattr(e, "order", "")) for e in found if e.site.label == "seq_begin"]

    acquire = [("seqprop_sequence(&mm->write_protect_seq)", "acquire")]
    fenced = [("raw_read_seqcount(&mm->write_protect_seq)", "once"), ("smp_rmb()", "")]
    assert reader("v6.12") == acquire
    assert reader("v6.12-seq-rmb") == reader("baseline") == fenced


def test_long_events_are_cut_short(library):
    fork = events_of(resolve(library, "gup-vs-fork", "baseline"), "cpu1")
    assert ("install_copy", "set_pte_at(child_slot, (pte_t){...})") in fork
    assert max(len(event) for _, event in fork) <= 60


def test_events_say_where_they_stand(library):
    made = resolve(library, "gup-vs-reclaim", "hubbard-locked-check")
    by_label = {event.site.label: event.site for event in events(made.threads[0].body)}
    assert by_label["read_pte"].path == ("pin", "fast", "read_pte")
    assert by_label["read_pte"].procedure == "gup_fast"
    assert by_label["read_pte"].text == "pte = ptep_get_lockless(slots[i])"
    assert by_label["read_pte"].source == "mm/gup.c gup_pte_range() v5.15"
    assert by_label["check_locked"].source.endswith("v5.15, patched")
    assert made.threads[0].procedure == "pin_user_pages_fast_only"
    assert made.threads[0].runs == 1


def test_a_flag_that_is_not_set_drops_its_branches(library):
    """Read-only pins do not look at pte.writable: the same labels, other guards."""
    read = str(resolve(library, "gup-vs-reclaim-2mms", "baseline").threads[0].body)
    written = str(resolve(library, "gup-vs-reclaim", "baseline").threads[0].body)
    assert read.count("gup_fast/pte.writable") < written.count("gup_fast/pte.writable")


def test_a_deferred_flush_is_noted_and_done_later(library):
    ipi = event_texts(resolve(library, "gup-vs-reclaim", "baseline", "ipi"), 1)
    deferred = event_texts(resolve(library, "gup-vs-reclaim", "baseline", "deferred"), 1)
    assert ipi.index("flush_ipi_begin(mm)") < ipi.index("set_pte_at(slot, swp_pte)")
    assert deferred.index("flush_ipi_begin(mm)") > deferred.index("set_pte_at(slot, swp_pte)")


def test_a_broadcast_flush_waits_for_nobody(library):
    walk = events_of(resolve(library, "gup-vs-reclaim", "baseline", "broadcast"), "cpu1")
    assert [event for label, event in walk if label == "clear_flush"] == ["ptep_clear_flush(slot)", "flush_tlb_mm(mm)"]


def test_a_flush_that_is_deferred_and_broadcast_is_noted_at_each_entry_and_waits_for_nobody(library):
    """On arm64 the note is dsb(ishst), and the end of the batch one dsb(ish)."""
    asked = resolve(library, "gup-vs-reclaim", "v6.12", "deferred-broadcast")
    found = {event.site.event: event for event in all_of(asked, 1)}
    note, end = found["arch_tlbbatch_add_pending()"], found["arch_tlbbatch_flush(slots)"]
    assert (note.kind, note.arm64.lse) == ("barrier", ("DSB ISHST",))
    assert (end.kind, end.arm64.lse) == ("mb", ("DSB ISH",))
    assert not [text for text in found if "flush_ipi" in text]
    texts = [event.site.event for event in all_of(asked, 1)]
    assert texts.index("ptep_get_and_clear(slot)") + 1 == texts.index(note.site.event) < texts.index(end.site.event)


def all_of(asked: Program, thread: int) -> list[EventStatement]:
    return list(events(asked.threads[thread].body))
