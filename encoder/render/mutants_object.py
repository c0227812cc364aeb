"""What `mutate --json` prints. Fields stand in the order in which they are written."""

from typing import Annotated, Literal

from msgspec import Meta, field

from encoder.mutation.mutant import MutantKind
from encoder.mutation.outcome import MutantWord
from encoder.render.contract import JsonObject
from encoder.render.mutants import HoldsWord
from encoder.render.report_object import Count, FlushKind, ModelName, PlatformName

MutantsVersion = Literal["pinproof-mutants/2"]
SCHEMA: MutantsVersion = "pinproof-mutants/2"


class OutcomeObject(JsonObject, frozen=True):
    """What becomes of a property with a mutant."""

    outcome: MutantWord
    detail: Annotated[str, Meta(description="the schedule, or the reason, in one line")]
    steps: Annotated[Count | None, Meta(description="of the schedule that was found")]
    violated: Annotated[str, Meta(description="what the schedule breaks, in words")]


class MutantObject(JsonObject, frozen=True):
    """One thing made wrong, and who notices."""

    mutant: Annotated[str, Meta(description="PROCEDURE/LABEL: what is wrong")]
    kind: Annotated[MutantKind, Meta(description="what it touches")]
    outcome: Annotated[MutantWord, Meta(description="for the property that notices it most plainly")]
    properties: Annotated[dict[str, OutcomeObject], Meta(description="for each property that is proved")]


class ScoreObject(JsonObject, frozen=True):
    """How many mutants came to each end."""

    noticed: Annotated[Count, Meta(description="killed, fails and vacuous")]
    of: Annotated[Count, Meta(description="those that count: noticed, survived and undecided")]
    killed: Annotated[Count, Meta(description="a schedule breaks the property")]
    fails: Annotated[Count, Meta(description="there is no proof for another reason")]
    vacuous: Annotated[Count, Meta(description="what the property speaks of is not reached")]
    undecided: Annotated[Count, Meta(description="time ran out")]
    survived: Annotated[Count, Meta(description="the property is still proved")]
    equivalent: Annotated[Count, Meta(description="cannot be noticed; does not count")]
    no_program: Annotated[Count, Meta(description="the specs do not resolve; does not count")] = field(
        name="no program"
    )


class MutantsObject(JsonObject, frozen=True):
    """Mutants of what is proved, and how many would have been noticed."""

    schema: Annotated[MutantsVersion, Meta(description="the version of this shape")]
    scenario: str
    variant: str
    platform: PlatformName
    model: ModelName
    flush: FlushKind
    original: Annotated[
        dict[str, HoldsWord], Meta(description="each property without a mutant: only of what is proved is it asked")
    ]
    mutants: tuple[MutantObject, ...]
    score: Annotated[ScoreObject, Meta(description="of all properties together")]
    scores: Annotated[dict[str, ScoreObject], Meta(description="of each property that is proved")]
    suspect: Annotated[tuple[str, ...], Meta(description="properties that no mutant breaks")]
