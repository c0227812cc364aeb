"""An explanation as one JSON object. `explanation_object.py` has its shape."""

from typing import Any

from msgspec import convert

from encoder import __version__
from encoder.base.result import word
from encoder.explanation.reasons import Change, Explanation, Fixes, StepRef
from encoder.render.contract import schema_of, written
from encoder.render.explanation_object import (
    SCHEMA,
    BarriersObject,
    ChangeObject,
    ExplanationObject,
    GroundsObject,
    RemediesObject,
    SpanObject,
    SpotObject,
)
from encoder.render.report_object import FlushKind


def render(explanation: Explanation) -> str:
    """The object as indented text ending in a newline."""
    return written(_explanation(explanation))


def schema() -> dict[str, Any]:
    """The JSON Schema of what `render` gives."""
    return schema_of(ExplanationObject, "What pinproof explain --json prints")


def _explanation(explanation: Explanation) -> ExplanationObject:
    report, remedies = explanation.report, explanation.remedies
    return ExplanationObject(
        schema=SCHEMA,
        tool=f"pinproof {__version__}",
        scenario=report.question.scenario,
        variant=report.question.variant,
        property=report.question.property,
        kernel=report.kernel,
        platform=report.question.platform or None,
        model=report.question.model,
        flush=convert(report.question.flush, FlushKind),
        verdict=word(report.verdict),
        grounds=convert(explanation.grounds, GroundsObject | None, from_attributes=True),
        barriers=convert(explanation.barriers, BarriersObject | None, from_attributes=True),
        remedies=None if remedies is None else _remedies(remedies),
        solver=report.solver,
    )


def _remedies(remedies: Fixes) -> RemediesObject:
    return RemediesObject(
        model=remedies.model,
        tried=remedies.tried,
        skipped=remedies.skipped,
        whole=remedies.whole,
        changes=tuple(_change(change) for change in remedies.changes),
    )


def _change(change: Change) -> ChangeObject:
    return ChangeObject(
        kind=change.kind,
        what=change.what,
        first=_spot(change.first),
        last=_spot(change.last),
        steps=change.steps,
        outcome=change.outcome,
        remaining=change.remaining,
        more=tuple(SpanObject(first=_spot(first), last=_spot(last)) for first, last in change.more),
    )


def _spot(spot: StepRef) -> SpotObject:
    return convert(spot, SpotObject, from_attributes=True)
