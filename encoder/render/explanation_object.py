"""What `explain --json` prints. Fields stand in the order in which they are written."""

from typing import Annotated, Literal

from msgspec import Meta, field

from encoder.base.result import VerdictWord
from encoder.render.contract import JsonObject
from encoder.render.report_object import FlushKind, ModelName, PlatformName

ExplanationVersion = Literal[3]
SCHEMA: ExplanationVersion = 3

Whole = Annotated[bool, Meta(description="time did not run out")]


class ReasonObject(JsonObject, frozen=True):
    """What of a step is needed."""

    kind: Literal["reads", "writes", "test", "atomic", "order", "barrier", "dependency", "rmw", "waits"]
    detail: Annotated[str, Meta(description="a fence, a tag or a kind of dependency; empty for the other kinds")]
    words: Annotated[str, Meta(description="kind and detail for people")]


class LineObject(JsonObject, frozen=True):
    """A step of a spec, with what of it is needed."""

    threads: Annotated[tuple[str, ...], Meta(description="all that run the step")]
    procedure: Annotated[str, Meta(description="empty for a step of a thread's script")]
    label: str
    text: Annotated[str, Meta(description="the statement as written")]
    source: Annotated[str, Meta(description="kernel file and function")]
    file: Annotated[str, Meta(description="where the spec has it")]
    line: int
    patched: Annotated[bool, Meta(description="whether the variant has put it in")]
    reasons: Annotated[tuple[ReasonObject, ...], Meta(description="what of the step is needed")]


class StartObject(JsonObject, frozen=True):
    """What a location holds at the start."""

    location: str
    text: Annotated[str, Meta(description="as written")]
    file: Annotated[str, Meta(description="where the spec has it")]
    line: int


class GroundsObject(JsonObject, frozen=True):
    """What the proof rests on: these facts alone prove the property."""

    minimal: Annotated[bool, Meta(description="no fact can be spared; else time ran out before that was known")]
    known: Annotated[int, Meta(description="how many facts have names under this model")]
    lines: Annotated[tuple[LineObject, ...], Meta(description="in the order of the code, thread by thread")] = field(
        name="steps"
    )
    starts: Annotated[tuple[StartObject, ...], Meta(description="what locations must hold at the start")] = field(
        name="start"
    )


class BarriersObject(JsonObject, frozen=True):
    """What the barriers are for."""

    properties: Annotated[tuple[str, ...], Meta(description="those of the scenario that are proved")]
    needed: Annotated[
        tuple[LineObject, ...],
        Meta(description="without one of these, all others in place, a property is refuted"),
    ]
    spared: Annotated[tuple[LineObject, ...], Meta(description="all of these together are not needed")]
    either: Annotated[tuple[LineObject, ...], Meta(description="each can go by itself, but not with all of spared")]
    whole: Whole


class SpotObject(JsonObject, frozen=True):
    """A step of the schedule that was found."""

    thread: str
    procedure: str
    label: str
    text: Annotated[str, Meta(description="the statement as written")]
    source: Annotated[str, Meta(description="kernel file and function")]
    file: Annotated[str, Meta(description="where the spec has it")]
    line: int


class SpanObject(JsonObject, frozen=True):
    """The steps from one to another."""

    first: SpotObject
    last: SpotObject


class ChangeObject(JsonObject, frozen=True):
    """A change that would have stopped the schedule."""

    kind: Literal["barrier", "order", "atomic", "move", "lock"]
    what: Annotated[str, Meta(description="the barrier; acquire or release; in one piece; before or behind; one lock")]
    first: SpotObject
    last: Annotated[SpotObject, Meta(description="the same as first for the kind order")]
    steps: Annotated[int, Meta(description="how many steps of the schedule, or barriers, it is about")]
    outcome: Annotated[VerdictWord, Meta(description="what becomes of the property with it")]
    remaining: Annotated[int | None, Meta(description="steps of the shortest schedule that remains")]
    more: Annotated[
        tuple[SpanObject, ...],
        Meta(description="further places of the same barrier, where one is not enough, or of the lock"),
    ]


class RemediesObject(JsonObject, frozen=True):
    """What would have stopped the schedule that was found."""

    model: Annotated[str, Meta(description="under which the schedule was looked at: sc for an interleaving")]
    tried: Annotated[int, Meta(description="how many changes were tried")]
    skipped: Annotated[int, Meta(description="not tried, for a flush in them")]
    whole: Whole
    changes: Annotated[tuple[ChangeObject, ...], Meta(description="the nearest first")]


class ExplanationObject(JsonObject, frozen=True):
    """A verdict, and why it is what it is."""

    schema: Annotated[ExplanationVersion, Meta(description="the version of this shape")]
    tool: Annotated[str, Meta(description="name and version")]
    scenario: str
    variant: str
    property: str
    kernel: str
    platform: PlatformName
    model: ModelName
    flush: FlushKind
    verdict: VerdictWord
    grounds: Annotated[GroundsObject | None, Meta(description="of a proof")]
    barriers: Annotated[BarriersObject | None, Meta(description="of a proof; null under sc, where they order nothing")]
    remedies: Annotated[RemediesObject | None, Meta(description="of a refutation")]
    solver: Annotated[str, Meta(description="name, version and seed")]
