"""A review as one JSON object. `review_object.py` has its shape."""

from typing import Any

from msgspec import convert

from encoder import __version__
from encoder.ledger.record import Found
from encoder.render.contract import schema_of, written
from encoder.render.json import witness_object
from encoder.review.asking import Compared
from encoder.review.impact import Impact, touched_steps
from encoder.review.review import Outcome, Review
from encoder.review.review_object import (
    IMPACT,
    SCHEMA,
    BaseObject,
    ClaimObject,
    DraftObject,
    FunctionObject,
    ImpactObject,
    NearStepObject,
    PatchObject,
    ReviewObject,
    TouchedStepObject,
    UnclearObject,
    VerdictObject,
)

TOOL = f"pinproof {__version__}"


def render(review: Review, outcome: Outcome, written_to: str | None) -> str:
    """The review as indented text; `written_to` is where the draft was written."""
    return written(
        ReviewObject(
            schema=SCHEMA,
            tool=TOOL,
            **_read(review),
            passed=review.reading.passed,
            problems=tuple(f"{each.span}: {each.message}" for each in review.problems),
            draft=DraftObject(name=review.name, file=written_to, yaml=review.draft) if review.draft else None,
            verdicts=tuple(map(_verdict, outcome.compared)),
            late=outcome.late,
        )
    )


def render_impact(review: Review, impact: Impact) -> str:
    """What is touched, likewise."""
    return written(
        ImpactObject(
            schema=IMPACT,
            tool=TOOL,
            **_read(review),
            variants=impact.variants,
            claims=tuple(ClaimObject(scenario=s, variant=v, claims=n) for s, v, n in impact.claims),
        )
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of what `render` gives."""
    return schema_of(ReviewObject, "What pinproof review --json prints")


def impact_schema() -> dict[str, Any]:
    """The JSON Schema of what `render_impact` gives."""
    return schema_of(ImpactObject, "What pinproof impact --json prints")


def _read(review: Review) -> dict[str, Any]:
    """What is said of a patch whether or not anything is asked."""
    return {
        "patch": _patch(review), "answer": review.answer, "base": _base(review), "functions": _functions(review),
        "others": review.reading.others, "touched": _touched(review), "unclear": _unclear(review),
        "nearest": _nearest(review),
    }  # fmt: skip


def _patch(review: Review) -> PatchObject:
    patch = review.patch
    files = tuple(dict.fromkeys(file.path for file in patch.files))
    return PatchObject(name=patch.name, subject=patch.subject, author=patch.author, files=files)


def _base(review: Review) -> BaseObject:
    base = review.reading.base
    return BaseObject(variant=base.name, kernel=base.kernel.kernel, why=review.where)


def _functions(review: Review) -> tuple[FunctionObject, ...]:
    return tuple(
        FunctionObject(
            file=each.place.file, function=each.place.function, procedures=each.procedures, primitives=each.primitives
        )
        for each in review.reading.functions
    )


def _touched(review: Review) -> tuple[TouchedStepObject, ...]:
    return tuple(TouchedStepObject(procedure=procedure, label=label) for procedure, label in touched_steps(review))


def _unclear(review: Review) -> tuple[UnclearObject, ...]:
    return tuple(
        UnclearObject(
            file=each.place.file, function=each.place.function, line=each.line, was=each.was, now=each.now,
            procedure=each.procedure, labels=each.labels, why=each.why,
        )
        for each in review.reading.unclear
    )  # fmt: skip


def _nearest(review: Review) -> tuple[NearStepObject, ...]:
    return tuple(NearStepObject(step=step, source=source) for step, source in review.nearest.items())


def _verdict(each: Compared) -> VerdictObject:
    record = each.found
    return VerdictObject(
        scenario=each.scenario,
        property=each.property,
        platform=each.platform,
        outcome=each.outcome,
        before=convert(each.base, Found),
        claimed=each.claimed,
        after=record.found,
        detail=record.detail,
        beside=each.beside,
        unreached=record.checks.unreached if record.checks is not None else (),
        witness=None if record.witness is None else witness_object(record.witness),
    )
