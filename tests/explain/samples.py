"""Explanations made by hand, one a kind."""

from dataclasses import replace

from encoder.base.result import Report
from encoder.explanation.reasons import (
    Barriers,
    Change,
    CoreLine,
    Explanation,
    Fixes,
    InitialValue,
    ProofReasons,
    Reason,
    StepRef,
)
from tests.render.samples import REPORTS, answered

ORDER, READS, TEST = (Reason(kind=kind, detail="", words=kind) for kind in ("order", "reads", "test"))
RMB = Reason(kind="barrier", detail="Rmb", words="smp_rmb()")


def line(
    label: str, text: str, *reasons: Reason, patched: bool = False, threads: tuple[str, ...] = ("cpu0",)
) -> CoreLine:
    return CoreLine(
        threads=threads, procedure="gup_fast", label=label, text=text, source="mm/gup.c lockless_pages_from_mm()",
        file="specs/procedures/gup_fast/v5.15.yaml", line=17, patched=patched, reasons=reasons,
    )  # fmt: skip


def spot(label: str, text: str) -> StepRef:
    return StepRef(
        thread="cpu1", procedure="try_to_unmap_one", label=label, text=text, source="mm/rmap.c try_to_unmap_one()",
        file="specs/variants/kara-rmap-seq.yaml", line=18,
    )  # fmt: skip


SEQ = line("seq_begin", "seq = raw_read_seqcount(&mm->write_protect_seq)", READS, ORDER, RMB)
ODD = line("seq_odd", "if (seq & 1) return 0", TEST)
OWN = replace(line("take", "if (i < n) held[i] = pages[i]", TEST), procedure="", source="")
BUMP = line("seq_bump", "raw_write_seqcount_begin(&mm->write_protect_seq)", ORDER, patched=True, threads=("a", "b"))
START = InitialValue(
    location="p._refcount", text="count(pte_slot, it->pte.present && it->pte.page == self) + self->other_refs",
    file="specs/types/kernel.yaml", line=25,
)  # fmt: skip
GROUNDS = ProofReasons(lines=(SEQ, ODD, OWN, BUMP), starts=(START,), minimal=True, known=225)
BARRIERS = Barriers(
    properties=("mapped-while-pinned", "counts-balance"), needed=(line("seq_begin", "", RMB),), either=(),
    spared=(line("seq_retry", "", RMB), line("relock", "", Reason(kind="barrier", detail="Acquire", words="acquire"))),
    whole=True,
)  # fmt: skip
SEVERAL_PROOFS = replace(BARRIERS, needed=(), spared=(line("seq_begin", "", RMB), line("seq_odd", "", RMB)))
BUMPED = spot("seq_begin", "raw_write_seqcount_begin(&slot->mm->write_protect_seq)")
PINNED = spot("pinned", "if (page_maybe_dma_pinned(page))")
FENCE = Change(kind="barrier", what="smp_mb()", first=BUMPED, last=PINNED, steps=1, outcome="proved")
ORDERED = replace(FENCE, kind="order", what="acquire", first=PINNED, outcome="refuted", remaining=31)
OPEN = replace(FENCE, what="smp_wmb()", outcome="unknown")
PIECE = replace(FENCE, kind="atomic", what="in one piece", steps=6, outcome="vacuous")
MOVE = replace(FENCE, kind="move", what="behind", outcome="refuted", remaining=9)
LOCK = replace(FENCE, kind="lock", what="one lock", more=((PINNED, PINNED),), steps=8)
SEVERAL = replace(FENCE, more=((PINNED, BUMPED),), steps=2)
REMEDIES = Fixes(model="lkmm", changes=(FENCE, ORDERED), tried=21, skipped=0, whole=True)

LATE = replace(REMEDIES, model="sc", changes=(PIECE, MOVE, LOCK), tried=1, skipped=2, whole=False)


def of(report: Report, **given: object) -> Explanation:
    return Explanation(report=report, **given)


EXPLANATIONS = {
    "proof": of(REPORTS["complete"], grounds=GROUNDS),
    "proof-not-minimal": of(answered("lkmm", "complete"), grounds=replace(GROUNDS, minimal=False)),
    "proof-lkmm": of(answered("lkmm", "complete"), grounds=GROUNDS, barriers=BARRIERS),
    "proof-lkmm-late": of(
        answered("lkmm", "complete"), grounds=GROUNDS, barriers=replace(BARRIERS, spared=(), whole=False)
    ),
    "proof-lkmm-one-of-several": of(answered("lkmm", "complete"), grounds=GROUNDS, barriers=SEVERAL_PROOFS),
    "proof-late": of(REPORTS["complete"]),
    "cycle": of(REPORTS["stale-read"], remedies=REMEDIES),
    "pieces": of(
        REPORTS["interleaving"],
        remedies=replace(REMEDIES, model="sc", changes=(PIECE, MOVE), tried=1, skipped=2, whole=False),
    ),
    "serial": of(REPORTS["two-cpus"], remedies=replace(REMEDIES, model="sc", changes=(), tried=0)),
    "not-all-decided": of(REPORTS["stale-read"], remedies=replace(REMEDIES, changes=(FENCE, OPEN), whole=False)),
    "two-barriers": of(REPORTS["stale-read"], remedies=replace(REMEDIES, changes=(SEVERAL,))),
    "remedies-late": of(REPORTS["stale-read"], remedies=replace(REMEDIES, changes=(), whole=False)),
    "no-change": of(REPORTS["stale-read"], remedies=replace(REMEDIES, changes=())),
    "vacuous": of(REPORTS["vacuous"]),
}
