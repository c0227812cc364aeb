"""What `prove --json` prints and what is recorded of a witness. Fields stand in the order in which they are written."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from encoder.base.result import VerdictWord
from encoder.render.contract import JsonObject, Rule

ReportVersion = Literal[5]
SCHEMA: ReportVersion = 5

Count = Annotated[int, Meta(ge=0)]
Ordinal = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(ge=0)]
DepthLimit = Annotated[Ordinal | None, Meta(description="the --depth that was asked for")]
Rounds = Annotated[Ordinal, Meta(description="rounds of a loop without a bound of its own")]
CheckWord = Literal["none", "found", "undecided"]


PlatformName = Annotated[
    str | None, Meta(description="the machine; null: an experiment, its model and flush describe none")
]
ModelName = Annotated[str, Meta(description="the memory model")]
FlushKind = Annotated[
    Literal["ipi", "deferred", "broadcast", "deferred-broadcast"], Meta(description="how translations are flushed")
]


class LoopObject(JsonObject, frozen=True):
    """A loop that was unrolled."""

    label: Annotated[str, Meta(description="PROCEDURE.LABEL")]
    rounds: Annotated[Count, Meta(description="how many were looked at")]
    open: Annotated[bool, Meta(description="some schedule may go on beyond these rounds")]
    idle: Annotated[bool, Meta(description="further rounds change nothing")]
    searched: Annotated[bool, Meta(description="any number of rounds was searched, state by state")]


class DepthObject(JsonObject, frozen=True):
    """How far was looked."""

    limit: DepthLimit
    rounds: Rounds
    steps: Annotated[
        Count | None,
        Meta(description="proved, vacuous: the steps looked at; refuted: those of the schedule; unknown: null"),
    ]
    longest: Annotated[Count, Meta(description="steps of the longest schedule")]
    complete: Annotated[
        bool,
        Meta(
            description="no schedule has more than so many steps, except for further rounds of idle and searched loops"
        ),
    ]
    loops: tuple[LoopObject, ...]


class UnlimitedObject(JsonObject, frozen=True):
    """Whether a proof holds for any number of threads like one of them."""

    thread: Annotated[str, Meta(description="the thread of which there may be any number")]
    procedure: Annotated[str, Meta(description="what they run")]
    holds: bool
    why: Annotated[str, Meta(description="why it does not; empty if it does")]


class OpinionObject(JsonObject, frozen=True):
    """What somebody else says of the verdict."""

    by: Annotated[str, Meta(description="who")]
    word: Literal["agrees", "disagrees", "gave up"]
    detail: Annotated[str, Meta(description="what was looked at, why nothing was decided, or what was found instead")]


class UnknownObject(JsonObject, frozen=True):
    """Why there is no verdict."""

    reason: str
    reached: Annotated[str, Meta(description="how far it got")]
    advice: Annotated[str, Meta(description="what to try")]


class PlaceObject(JsonObject, frozen=True):
    """What a location holds."""

    location: str
    value: str


class StepObject(JsonObject, frozen=True):
    """One step of a schedule."""

    step: Annotated[Ordinal, Meta(description="its number")]
    cpu: Count
    thread: str
    index: Annotated[Count, Meta(description="its number among the events of its thread, from 0")]
    procedure: str
    label: str
    path: Annotated[tuple[str, ...], Meta(description="the calls that lead to it")]
    event: Annotated[str, Meta(description="the statement that is run")]
    location: str
    value: Annotated[str, Meta(description="what is read or written; old -> new for both at once")]
    source: Annotated[str, Meta(description="kernel file and function")]
    reads_from: Annotated[
        Count | None,
        Meta(description="under a weak model: the step whose store this read sees, 0 for the start"),
    ]
    stale: Annotated[Ordinal | None, Meta(description="the latest step above whose store this read does not see")]
    racing: Annotated[bool, Meta(description="one of the two accesses that race")]


class CoherenceObject(JsonObject, frozen=True):
    """The order of the stores to a location."""

    location: str
    steps: tuple[Ordinal, ...]


class BrokenObject(JsonObject, frozen=True):
    """A value that broke the property."""

    name: Annotated[str, Meta(description="a location, a local of a thread or a symbol")]
    start: Annotated[str, Meta(description="what a location held at the start; empty for a local or a symbol")]
    end: str


Symbols = Annotated[dict[str, int], Meta(description="the values that the solver chose for the scenario's symbols")]
Start = Annotated[tuple[PlaceObject, ...], Meta(description="what locations hold at the start")]
End = Annotated[tuple[PlaceObject, ...], Meta(description="what they hold at the end")]
Steps = Annotated[tuple[StepObject, ...], Meta(description="the steps in their order; none if there is no schedule")]
SomeSteps = Annotated[tuple[StepObject, ...], Meta(min_length=1, description="the steps in their order")]
Coherences = Annotated[
    tuple[CoherenceObject, ...],
    Meta(description="under a weak model: each location with several stores, their steps in coherence order"),
]
CycleEdges = Annotated[
    tuple[str, ...],
    Meta(description="the edges of a cycle that no interleaving has; none if the schedule is an interleaving"),
]
Violated = Annotated[str, Meta(description="what the schedule breaks, in words")]
AllBroken = Annotated[tuple[BrokenObject, ...], Meta(description="the values that broke the property")]
Replayed = Annotated[Literal[True], Meta(description="true: the schedule was replayed without the solver")]


class CheckObject(JsonObject, frozen=True):
    """Something bad that may happen beside the property, with a schedule in which it is found."""

    status: CheckWord
    reason: Annotated[str, Meta(description="why it is undecided")]
    symbols: Symbols
    initial: Start
    schedule: Steps
    final: End
    coherence: Coherences
    cycle: CycleEdges
    violated: Violated | None
    broken: AllBroken
    replayed: Replayed | None


class UnreachedObject(JsonObject, frozen=True):
    """The variant's own steps that no schedule reaches."""

    status: CheckWord
    steps: Annotated[
        tuple[str, ...], Meta(description="PROCEDURE/LABEL of the variant's own steps that no schedule reaches")
    ]
    undecided: Annotated[tuple[str, ...], Meta(description="those of which it was not decided")]
    elsewhere: Annotated[
        bool, Meta(description="there are edits, and none changes code that the scenario's threads run")
    ]
    reason: Annotated[str, Meta(description="why some are undecided")]


class UntouchedObject(JsonObject, frozen=True):
    """Whether the property is about something that no thread changes."""

    status: Literal["none", "found"]


class ChecksObject(JsonObject, frozen=True):
    """What a verdict takes for granted."""

    deadlock: Annotated[CheckObject, Meta(description="threads that wait for ever")]
    held: Annotated[CheckObject, Meta(description="what a thread still holds at its end")]
    unreached: UnreachedObject
    untouched: Annotated[UntouchedObject, Meta(description="found: no thread changes what the property speaks of")]
    open_loops: Annotated[
        tuple[str, ...], Meta(description="nothing is said of rounds of these loops beyond their bounds")
    ]


class BaseVerdictObject(JsonObject, frozen=True):
    """The same question about what the variant is a patch of."""

    variant: str
    verdict: VerdictWord


class TimingObject(JsonObject, frozen=True):
    """Seconds."""

    load: Seconds
    build: Seconds
    solve: Seconds


class SizeObject(JsonObject, frozen=True):
    """How much was built."""

    events: Count
    clauses: Count


class ReportObject(JsonObject, frozen=True, kw_only=True):
    """An answer, and what it holds for."""

    schema: Annotated[ReportVersion, Meta(description="the version of this shape")]
    tool: Annotated[str, Meta(description="name and version")]
    scenario: str
    variant: str
    variant_title: str
    property: str
    property_title: str
    property_text: Annotated[str, Meta(description="what must never happen, as the spec has it")]
    kernel: str
    scope: Annotated[str, Meta(description="what the verdict speaks of")]
    platform: PlatformName
    model: ModelName
    flush: FlushKind
    depth: DepthObject
    verdict: VerdictWord
    unlimited: Annotated[
        UnlimitedObject | None,
        Meta(description="whether a complete proof holds for any number of threads like this one; null: not asked"),
    ]
    opinions: Annotated[tuple[OpinionObject, ...], Meta(description="what others who were asked say of the verdict")]
    checks: Annotated[ChecksObject | None, Meta(description="what the verdict takes for granted; null: not asked")]
    base: Annotated[
        BaseVerdictObject | None,
        Meta(description="the verdict on the variant's base; null: it has none, or it was not asked"),
    ] = None
    unknown: Annotated[UnknownObject | None, Meta(description="why there is no verdict; null: there is one")]
    symbols: Symbols
    initial: Start
    schedule: Steps
    final: End
    coherence: Coherences
    cycle: CycleEdges
    violated: Violated | None
    broken: AllBroken = ()
    replayed: Replayed | None
    flags: Annotated[tuple[str, ...], Meta(description="remarks on the verdict")]
    assumptions: tuple[str, ...]
    solver: Annotated[str, Meta(description="name, version and seed")]
    timing: Annotated[TimingObject, Meta(description="absent from recorded reports")] | UnsetType = UNSET
    size: Annotated[SizeObject, Meta(description="absent from recorded reports")] | UnsetType = UNSET


class WitnessObject(Struct, frozen=True, kw_only=True):
    """A schedule that breaks something, as a part of the object that has one."""

    symbols: Symbols
    initial: Start
    schedule: SomeSteps
    final: End
    coherence: Coherences
    cycle: CycleEdges
    violated: Violated
    broken: AllBroken = ()
    replayed: Replayed


class WithSchedule(Struct):
    """There is a schedule that shows it."""

    violated: Violated
    replayed: Replayed


class WithoutSchedule(Struct):
    """There is no schedule."""

    schedule: Annotated[tuple[StepObject, ...], Meta(max_length=0)]
    coherence: Annotated[tuple[CoherenceObject, ...], Meta(max_length=0)]
    cycle: Annotated[tuple[str, ...], Meta(max_length=0)]
    violated: None
    replayed: None


RULES = (
    Rule(kind=ReportObject, field="verdict", word="refuted", then=WitnessObject, otherwise=WithoutSchedule),
    Rule(kind=CheckObject, field="status", word="found", then=WithSchedule, otherwise=WithoutSchedule),
)
