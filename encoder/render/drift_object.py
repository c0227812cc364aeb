"""What `drift --json` prints. Fields stand in the order in which they are written."""

from typing import Annotated, Literal

from msgspec import Meta

from encoder.kernel.drift import DriftStatus
from encoder.render.contract import JsonObject
from encoder.render.report_object import Count

DriftVersion = Literal["pinproof-drift/1"]
SCHEMA: DriftVersion = "pinproof-drift/1"


class CodeLineObject(JsonObject, frozen=True):
    """A statement of the kernel's source."""

    file: Annotated[str, Meta(description="in the tree")]
    function: str
    line: Count
    text: str


class DriftedStepObject(JsonObject, frozen=True):
    """A step of the base against the source."""

    procedure: str
    label: str
    statement: Annotated[str, Meta(description="as the specs have it")]
    source: Annotated[str, Meta(description="where it stood when it was written")]
    status: Annotated[
        DriftStatus,
        Meta(
            description="there; moved (to another file); changed (the function is there, not all of the step); gone "
            "(nor is the function); explained (`why`); local (only the model has it)"
        ),
    ]
    found: Annotated[tuple[CodeLineObject, ...], Meta(description="where its pieces stand")]
    missing: Annotated[tuple[str, ...], Meta(description="the pieces that were not found")]
    now: Annotated[tuple[CodeLineObject, ...], Meta(description="what stands where they were looked for")]
    why: Annotated[str, Meta(description="why the source need not have it, else empty")]


class NewCodeObject(JsonObject, frozen=True):
    """A call or an access to what the model knows that no step stands for."""

    word: str
    at: CodeLineObject
    procedure: Annotated[str, Meta(description="whose steps stand around it")]
    after: Annotated[str, Meta(description="the step before it in that function, empty if there is none")]
    before: Annotated[str, Meta(description="the step behind it, likewise")]


class DriftObject(JsonObject, frozen=True):
    """All steps of a kernel as released against a tree."""

    schema: Annotated[DriftVersion, Meta(description="the version of this shape")]
    base: Annotated[str, Meta(description="the variant that is held against the tree")]
    kernel: Annotated[str, Meta(description="of the base")]
    version: Annotated[str, Meta(description="of the tree, from its Makefile")]
    configuration: Annotated[str, Meta(description="which decides the tree's #ifdefs")]
    counts: Annotated[dict[DriftStatus, Count], Meta(description="steps by status")]
    steps: tuple[DriftedStepObject, ...]
    new: tuple[NewCodeObject, ...]
