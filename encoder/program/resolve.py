"""Resolves a program: one scenario, with one variant's procedures, on one platform."""

from collections.abc import Iterator, Sequence

from encoder.program.build_symbols import build_symbol_table
from encoder.program.core import EditedStep, Program
from encoder.program.kernels import is_reached, threads_for_kernel
from encoder.program.problems import Problems
from encoder.program.properties import resolve_properties, unknown_properties
from encoder.program.start import resolve_start
from encoder.program.thread import InlinedThread, inline_thread
from encoder.program.variant import apply_variant
from encoder.spec.load_primitives import FLUSHES
from encoder.spec.model import Library, Scenario, Variant
from encoder.spec.walk import all_steps


def resolve(library: Library, scenario: str, variant: str, flush: str = "ipi") -> Program:
    """The program of a scenario with a variant, where TLB flushes behave as `flush` says.

    Raises InputError with every mistake found in the scenario, the variant and the procedures that run.
    """
    problems = Problems()
    chosen = _scenario(library, scenario, problems)
    if flush not in FLUSHES:
        expected = f"one of {', '.join(FLUSHES)}"
        problems.note("S308", f"there is no flush `{flush}`", None, expected=expected, word=flush, known=FLUSHES)
    problems.raise_any()
    assert chosen is not None
    code = apply_variant(library, variant)
    table = build_symbol_table(library, code, chosen, flush, problems)
    start = resolve_start(table, chosen)
    running = tuple(inline_thread(table, declaration) for declaration in threads_for_kernel(chosen, code.kernel))
    if problems.found:
        unknown_properties(library, chosen, problems)
    problems.raise_any()
    asked = resolve_properties(library, chosen, table, running)
    problems.raise_any()
    return Program(
        scenario=chosen.name,
        variant=code.variant.name,
        kernel=code.kernel,
        flush=flush,
        scope=chosen.scope,
        objects=tuple(table.members.items()),
        cells=start.cells,
        symbols=start.symbols,
        assumptions=start.assumptions,
        threads=tuple(each.thread for each in running),
        properties=asked,
        variant_title=code.variant.title,
        irq_readers=any(kind == "irq" and is_reached(first, code.kernel) for kind, first in library.readers),
        notes=tuple(f"{each.name}: {each.reading}" for each in code.chain if each.reading),
        edits=tuple(_edited(code.variant, running)),
    )


def _edited(variant: Variant, running: Sequence[InlinedThread]) -> Iterator[EditedStep]:
    """The steps that the variant's own edits insert or remove, in the order of the edits, with their paths in the
    threads."""
    ran = frozenset[str]().union(*(each.called_procedures for each in running))
    for edit in variant.edits:
        runs = edit.procedure in ran
        if not edit.steps:
            yield EditedStep(
                procedure=edit.procedure, label=edit.anchor, span=edit.span, runs=runs, paths=(), dead=False
            )
        for step in all_steps(edit.steps):
            visits = [(each.thread.name, visit) for each in running for visit in each.visits if visit.span == step.span]
            live = dict.fromkeys((thread, visit.path) for thread, visit in visits if not visit.dead)
            yield EditedStep(
                procedure=edit.procedure, label=step.label, span=step.span, runs=runs, paths=tuple(live),
                dead=bool(visits) and not live,
            )  # fmt: skip


def _scenario(library: Library, name: str, problems: Problems) -> Scenario | None:
    for scenario in library.scenarios:
        if scenario.name == name:
            return scenario
    problems.note("S301", f"there is no scenario `{name}`", None, word=name, known=[s.name for s in library.scenarios])
    return None
