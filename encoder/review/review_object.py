"""What `review --json` and `impact --json` print. Fields stand in the order in which they are written."""

from typing import Annotated, Literal

from msgspec import Meta

from encoder.ledger.record import Found
from encoder.render.contract import JsonObject
from encoder.render.report_object import Count, WitnessObject
from encoder.review.asking import Comparison
from encoder.review.review import ReviewAnswer

ReviewVersion = Literal["pinproof-review/1"]
SCHEMA: ReviewVersion = "pinproof-review/1"
ImpactVersion = Literal["pinproof-impact/1"]
IMPACT: ImpactVersion = "pinproof-impact/1"


class PatchObject(JsonObject, frozen=True):
    name: Annotated[str, Meta(description="the file, or the commits")]
    subject: Annotated[str, Meta(description="of the mail, else empty")]
    author: str
    files: Annotated[tuple[str, ...], Meta(description="that it changes")]


class BaseObject(JsonObject, frozen=True):
    """The kernel as released that the patch is read against."""

    variant: str
    kernel: str
    why: Annotated[str, Meta(description="why this one")]


class FunctionObject(JsonObject, frozen=True):
    """A changed function of which something is modelled."""

    file: str
    function: str
    procedures: Annotated[tuple[str, ...], Meta(description="with steps in it")]
    primitives: Annotated[tuple[str, ...], Meta(description="that it is")]


class TouchedStepObject(JsonObject, frozen=True):
    """A step that the patch touches."""

    procedure: str
    label: str


class UnclearObject(JsonObject, frozen=True):
    """Lines that were not understood."""

    file: str
    function: str
    line: Count
    was: Annotated[tuple[str, ...], Meta(description="statements before")]
    now: Annotated[tuple[str, ...], Meta(description="statements after")]
    procedure: Annotated[str, Meta(description="whose steps these are; empty for a primitive")]
    labels: Annotated[tuple[str, ...], Meta(description="the steps that stood there")]
    why: str


class DraftObject(JsonObject, frozen=True):
    """The variant that the patch is, or of `needs you` a skeleton of it."""

    name: str
    file: Annotated[str | None, Meta(description="where it was written, null if nowhere")]
    yaml: str


class NearStepObject(JsonObject, frozen=True):
    step: Annotated[str, Meta(description="PROCEDURE/LABEL")]
    source: str


class VerdictObject(JsonObject, frozen=True):
    """A property on a platform, with the patch and without."""

    scenario: str
    property: str
    platform: str
    outcome: Annotated[
        Comparison, Meta(description="worse: proved before, and broken now, or a deadlock or something held at the end")
    ]
    before: Annotated[Found, Meta(description="of the base")]
    claimed: Annotated[bool, Meta(description="`before` is what the ledger claims; else it was asked")]
    after: Annotated[Found, Meta(description="with the patch")]
    detail: Annotated[str, Meta(description="loops that are open, or why nothing was decided")]
    beside: Annotated[tuple[str, ...], Meta(description="deadlocks, and what is held at the end, new with the patch")]
    unreached: Annotated[tuple[str, ...], Meta(description="steps of the draft that no schedule reaches")]
    witness: Annotated[WitnessObject | None, Meta(description="the schedule that breaks the property now")]


class ReviewObject(JsonObject, frozen=True):
    """A patch, what it is, and what becomes of the proofs."""

    schema: Annotated[ReviewVersion, Meta(description="the version of this shape")]
    tool: str
    patch: PatchObject
    answer: ReviewAnswer
    base: BaseObject
    functions: tuple[FunctionObject, ...]
    others: Annotated[tuple[str, ...], Meta(description="what it changes of which nothing is modelled")]
    touched: tuple[TouchedStepObject, ...]
    passed: Annotated[
        tuple[str, ...], Meta(description="statements of these functions, with `-` or `+`, that no step stands for")
    ]
    unclear: tuple[UnclearObject, ...]
    problems: Annotated[tuple[str, ...], Meta(description="why the draft is no variant that can be asked")]
    nearest: Annotated[tuple[NearStepObject, ...], Meta(description="steps near to it, where it touches none")]
    draft: DraftObject | None
    verdicts: tuple[VerdictObject, ...]
    late: Annotated[tuple[str, ...], Meta(description="scenarios for which the time was not enough")]


class ClaimObject(JsonObject, frozen=True):
    """Claims of the ledger about what the patch touches."""

    scenario: str
    variant: str
    claims: Count


class ImpactObject(JsonObject, frozen=True):
    """What of the model a patch touches."""

    schema: Annotated[ImpactVersion, Meta(description="the version of this shape")]
    tool: str
    patch: PatchObject
    answer: ReviewAnswer
    base: BaseObject
    functions: tuple[FunctionObject, ...]
    others: tuple[str, ...]
    touched: tuple[TouchedStepObject, ...]
    unclear: tuple[UnclearObject, ...]
    nearest: tuple[NearStepObject, ...]
    variants: Annotated[tuple[str, ...], Meta(description="that change the same procedures")]
    claims: Annotated[tuple[ClaimObject, ...], Meta(description="about scenarios that run them")]
