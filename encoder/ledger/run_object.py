"""What `verify --json` prints. Fields stand in the order in which they are written."""

from typing import Annotated, Literal

from msgspec import Meta

from encoder.ledger.obligation import Expected
from encoder.ledger.record import Found
from encoder.render.contract import JsonObject
from encoder.render.report_object import Count, WitnessObject

RunVersion = Literal["pinproof-verify/1"]
SCHEMA: RunVersion = "pinproof-verify/1"
Standing = Literal["expected", "unexpected", "undecided", "not asked"]


class ResultObject(JsonObject, frozen=True):
    """A claim of the ledger and what was found."""

    id: Annotated[str, Meta(description="SCENARIO/VARIANT/PROPERTY/PLATFORM")]
    scenario: str
    variant: str
    property: str
    place: Annotated[str, Meta(description="the platform, or the experiment")]
    expect: Expected
    standing: Annotated[Standing, Meta(description="not asked: the run ended before")]
    found: Found | None
    steps: Annotated[Count | None, Meta(description="of the schedule, or of the longest that was looked at")]
    detail: str
    beside: Annotated[tuple[str, ...], Meta(description="what there is to say beside the verdict")]
    recorded: Annotated[bool, Meta(description="repeated from an earlier run")]
    why: Annotated[str, Meta(description="of the claim")]
    file: Annotated[str, Meta(description="of the claim")]
    line: Count
    witness: Annotated[WitnessObject | None, Meta(description="the schedule of what is refuted")]


class RunObject(JsonObject, frozen=True):
    """A run of the ledger."""

    schema: Annotated[RunVersion, Meta(description="the version of this shape")]
    tool: str
    counts: Annotated[dict[Standing, Count], Meta(description="claims by standing")]
    results: tuple[ResultObject, ...]
