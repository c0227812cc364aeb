"""A review as cases for continuous integration."""

from collections.abc import Iterator
from pathlib import Path

from encoder.base.result import ScheduleStep
from encoder.ledger.ci import step_places
from encoder.ledger.record import found_words
from encoder.render.ci import CaseStatus, CiCase, CodePlace, StepPlaces
from encoder.render.text import witness_lines
from encoder.review.asking import Compared, Comparison
from encoder.review.review import Outcome, Review
from encoder.spec.model import Library

STATUS: dict[Comparison, CaseStatus] = {
    "worse": "failed", "better": "passed", "same": "passed", "undecided": "undecided",
}  # fmt: skip


def cases_of(library: Library, review: Review, outcome: Outcome) -> tuple[CiCase, ...]:
    """A case for each property that was asked; one that says what the patch is where none was."""
    return tuple(_cases(library, review, outcome))


def _cases(library: Library, review: Review, outcome: Outcome) -> Iterator[CiCase]:
    titles = {each.name: each.title for each in library.properties}
    place = place_of(review)
    if review.variant is None:
        told = [f"{each.place}, line {each.line}: {each.why}" for each in review.reading.unclear]
        yield CiCase(
            suite="review", name=review.answer, rule="review", rule_title="what a patch is to the model",
            status="undecided", message=review.answer, detail="\n".join(told), place=place, variant=review.name,
        )  # fmt: skip
    for each in outcome.compared:
        yield _case(each, titles.get(each.property, each.property), place, review.name)
    if outcome.late:
        yield CiCase(
            suite="review", name="not asked to the end", rule="review", rule_title="what a patch is to the model",
            status="undecided", message=f"time ran out for {', '.join(outcome.late)}", detail="", place=place,
            variant=review.name,
        )  # fmt: skip


def _case(each: Compared, title: str, place: CodePlace, variant: str) -> CiCase:
    worse = each.outcome == "worse"
    witness = each.found.witness if worse else None
    return CiCase(
        suite=each.scenario,
        name=f"{each.property} on {each.platform}",
        rule=each.property,
        rule_title=title,
        status=STATUS[each.outcome],
        message="; ".join((f"was {each.base}, is {found_words(each.found)}", *each.beside)),
        detail="" if witness is None else "\n".join(witness_lines(witness, each.model)),
        place=place,
        variant=variant,
        witness=witness,
    )


def place_of(review: Review) -> CodePlace:
    """The first line that the patch changes: in the kernel's file."""
    for file in review.patch.files:
        for hunk in file.hunks:
            lines = [line.kind for line in hunk.lines]
            ahead = next((n for n, kind in enumerate(lines) if kind != " "), 0)
            return CodePlace(file=file.path, line=max(1, hunk.start + ahead))
    return CodePlace(file=review.patch.name, line=1)


def places_in(library: Library, review: Review, kernel: Path | None, config: str) -> StepPlaces:
    """Where the steps of a schedule stand; those of the draft are at the lines that the patch changes."""
    base = review.reading.base.name
    inner = step_places(library, kernel, config)
    lines = {
        (edit.procedure, step.label): CodePlace(file=edit.place.file, line=max(1, step.line))
        for edit in review.reading.edits
        for step in edit.steps
    }

    def places(variant: str, step: ScheduleStep) -> tuple[CodePlace, ...]:
        key = (step.procedure, step.label)
        return (lines[key],) if variant == review.name and key in lines else inner(base, step)

    return places
