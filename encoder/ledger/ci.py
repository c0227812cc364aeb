"""The run of a ledger as cases for continuous integration."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from encoder.base.result import ScheduleStep
from encoder.ledger.obligation import Obligation
from encoder.ledger.record import Record, beside, expected_words, found_words, standing
from encoder.program.variant import apply_variant
from encoder.render.ci import CaseStatus, CiCase, CodePlace, StepPlaces, place_at
from encoder.render.text import witness_lines
from encoder.spec.model import Library
from encoder.spec.walk import all_steps

STATUS: dict[str, CaseStatus] = {"expected": "passed", "unexpected": "failed", "undecided": "undecided"}


def cases_of(library: Library, chosen: Iterable[Obligation], known: Mapping[str, Record]) -> tuple[CiCase, ...]:
    """A case for each obligation; what has no record was not decided."""
    titles = {each.name: each.title for each in library.properties}
    return tuple(_case(each, known.get(each.id), titles.get(each.property, each.property)) for each in chosen)


def _case(obligation: Obligation, record: Record | None, title: str) -> CiCase:
    compared = "undecided" if record is None else standing(obligation, record)
    witness = record.witness if record is not None and compared == "unexpected" else None
    return CiCase(
        suite=obligation.scenario,
        name=f"{obligation.property} on {obligation.place}",
        rule=obligation.property,
        rule_title=title,
        status=STATUS[compared],
        message=_message(obligation, record),
        detail="" if witness is None else "\n".join(witness_lines(witness, obligation.model)),
        place=place_at(obligation.span),
        variant=obligation.variant,
        witness=witness,
    )


def _message(obligation: Obligation, record: Record | None) -> str:
    """`refuted, 23 steps (expected complete)`."""
    if record is None:
        return "not decided in this run"
    told = found_words(record)
    if record.found != obligation.expect:
        told += f" (expected {expected_words(obligation)})"
    return "; ".join((told, *beside(obligation, record)))


def step_places(library: Library, kernel: Path | None, config: str) -> StepPlaces:
    """Where the steps of schedules stand: in a kernel's tree, if there is one, and in the specs."""

    @lru_cache(maxsize=8)
    def of_variant(variant: str) -> dict[tuple[str, str], tuple[CodePlace, ...]]:
        found: dict[tuple[str, str], tuple[CodePlace, ...]] = {}
        code = apply_variant(library, variant)
        for procedure in code:
            for step in all_steps(procedure.steps):
                found[procedure.name, step.label] = (place_at(step.span),)
        if kernel is not None:
            from encoder.kernel.lines import lines_in_tree

            for key, line in lines_in_tree(library, code, kernel, config).items():
                found[key] = (CodePlace(file=line.place.file, line=line.line), *found[key])
        return found

    def places(variant: str, step: ScheduleStep) -> tuple[CodePlace, ...]:
        return of_variant(variant).get((step.procedure, step.label), ())

    return places
