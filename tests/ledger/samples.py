"""Obligations, programs and tasks made by hand."""

from pathlib import Path

from encoder.base.catalog import Entry
from encoder.base.source import Span
from encoder.ledger.obligation import Obligation, load_obligations
from encoder.ledger.run import Task
from encoder.program.core import Program


def obligation(variant: str = "baseline", expect: str = "complete", depth: int | None = None) -> Obligation:
    return Obligation(
        scenario="gup-vs-reclaim",
        variant=variant,
        property="mapped-while-pinned",
        platform="sc",
        model="sc",
        flush="ipi",
        depth=depth,
        expect=expect,
        why="shrink_page_list() tests before it unmaps.",
        span=Span("proofs/obligations/gup-vs-reclaim.yaml", 1, 1, 2),
        entry_span=Span("proofs/obligations/gup-vs-reclaim.yaml", 1, 1, 2),
    )


def program(kernel: str = "v5.15") -> Program:
    return Program(
        scenario="gup-vs-reclaim",
        variant="baseline",
        kernel=kernel,
        flush="ipi",
        scope="one page",
        objects=(),
        cells=(),
        symbols=(),
        assumptions=(),
        threads=(),
        properties=(),
    )


def task(variant: str = "baseline", timeout: float = 60.0) -> Task:
    claimed = obligation(variant)
    return Task(obligation=claimed, program=program(), question=claimed.question(timeout), digest="d")


def written(folder: Path, text: str, name: str = "gup-vs-reclaim") -> tuple[Obligation, ...]:
    """The obligations of a file with this text."""
    path = folder / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return load_obligations((Entry(f"proofs/obligations/{name}.yaml", path),))
