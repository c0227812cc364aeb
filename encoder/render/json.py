"""A report as one JSON object, and back. `report_object.py` has its shape."""

from collections.abc import Iterable, Sequence
from typing import Any, assert_never

from msgspec import UNSET, convert, structs

from encoder import __version__
from encoder.base.result import (
    Check,
    Checks,
    Proved,
    Question,
    Refuted,
    Report,
    ScheduleStep,
    Unknown,
    Unreached,
    Vacuous,
    Witness,
    word,
)
from encoder.render.contract import schema_of, written
from encoder.render.report_object import (
    RULES,
    SCHEMA,
    BaseVerdictObject,
    BrokenObject,
    CheckObject,
    ChecksObject,
    CoherenceObject,
    DepthObject,
    FlushKind,
    LoopObject,
    OpinionObject,
    PlaceObject,
    ReportObject,
    SizeObject,
    StepObject,
    TimingObject,
    UnknownObject,
    UnlimitedObject,
    UnreachedObject,
    UntouchedObject,
    WitnessObject,
)


def render(report: Report, *, timing: bool = True) -> str:
    """The object as indented text ending in a newline. Recorded reports leave `timing` out: it differs each time."""
    return written(report_object(report, timing=timing))


def render_list(reports: Sequence[Report]) -> str:
    """The objects of several reports as a list."""
    return written([report_object(each, timing=True) for each in reports])


def schema() -> dict[str, Any]:
    """The JSON Schema of what `render` gives."""
    return schema_of(ReportObject, "What pinproof prove --json prints", RULES)


def report_object(report: Report, *, timing: bool) -> ReportObject:
    """The report as it is written."""
    question = report.question
    witness = report.verdict.witness if isinstance(report.verdict, Refuted) else None
    return ReportObject(
        schema=SCHEMA,
        tool=f"pinproof {__version__}",
        scenario=question.scenario,
        variant=question.variant,
        variant_title=report.variant_title,
        property=question.property,
        property_title=report.property_title,
        property_text=report.property_text,
        kernel=report.kernel,
        scope=report.scope,
        platform=question.platform or None,
        model=question.model,
        flush=convert(question.flush, FlushKind),
        depth=_depth(report),
        verdict=word(report.verdict),
        unlimited=convert(report.unlimited, UnlimitedObject | None, from_attributes=True),
        opinions=convert(report.opinions, tuple[OpinionObject, ...], from_attributes=True),
        checks=_checks(report),
        base=None if report.base is None else BaseVerdictObject(variant=report.base.variant, verdict=report.base.word),
        unknown=_unknown(report),
        **_witness(witness),
        flags=report.flags,
        assumptions=report.assumptions,
        solver=report.solver,
        timing=convert(report.timing, TimingObject, from_attributes=True) if timing else UNSET,
        size=convert(report.timing, SizeObject, from_attributes=True) if timing else UNSET,
    )


def question_of(found: ReportObject) -> Question:
    """The question that a report answers."""
    return Question(
        scenario=found.scenario,
        variant=found.variant,
        property=found.property,
        platform=found.platform or "",
        model=found.model,
        flush=found.flush,
        depth=found.depth.limit,
        loops=found.depth.rounds,
    )


def witness_of(found: WitnessObject) -> Witness:
    """A witness as it was before it was written."""
    return Witness(
        symbols=tuple(found.symbols.items()),
        initial=tuple((place.location, place.value) for place in found.initial),
        schedule=convert(found.schedule, tuple[ScheduleStep, ...], from_attributes=True),
        final=tuple((place.location, place.value) for place in found.final),
        violated=found.violated,
        broken=tuple((each.name, each.start, each.end) for each in found.broken),
        coherence=tuple((each.location, each.steps) for each in found.coherence),
        cycle=found.cycle,
    )


def _depth(report: Report) -> DepthObject:
    verdict = report.verdict
    open_loops: tuple[str, ...] = ()
    idle_loops: tuple[str, ...] = ()
    searched_loops: tuple[str, ...] = ()
    steps: int | None = None
    complete = False
    match verdict:
        case Proved():
            complete, steps, open_loops = verdict.complete, verdict.steps, verdict.open_loops
            idle_loops, searched_loops = verdict.idle_loops, verdict.searched_loops
        case Vacuous():
            complete, steps, idle_loops = verdict.complete, verdict.steps, verdict.idle_loops
        case Refuted():
            steps = len(verdict.witness.schedule)
        case Unknown():
            pass
        case never:
            assert_never(never)
    loops = (
        LoopObject(
            label=label,
            rounds=rounds,
            open=label in open_loops,
            idle=label in idle_loops,
            searched=label in searched_loops,
        )
        for label, rounds in report.loops
    )
    return DepthObject(
        limit=report.question.depth,
        rounds=report.question.loops,
        steps=steps,
        longest=report.longest,
        complete=complete,
        loops=tuple(loops),
    )


def _checks(report: Report) -> ChecksObject | None:
    """What the verdict takes for granted; None where it was not asked."""
    if not report.question.checks:
        return None
    late = Check(status="undecided", reason="time ran out")
    found = report.checks or Checks(deadlock=late, held=late, unreached=Unreached(reason=late.reason))
    steps = found.unreached
    return ChecksObject(
        deadlock=_check(found.deadlock),
        held=_check(found.held),
        unreached=UnreachedObject(
            status="found" if steps.steps or steps.elsewhere else "undecided" if steps.reason else "none",
            steps=steps.steps,
            undecided=steps.undecided,
            elsewhere=steps.elsewhere,
            reason=steps.reason,
        ),
        untouched=UntouchedObject(status="found" if report.untouched else "none"),
        open_loops=found.open_loops,
    )


def _check(check: Check) -> CheckObject:
    return CheckObject(status=check.status, reason=check.reason, **_witness(check.witness))


def _unknown(report: Report) -> UnknownObject | None:
    verdict = report.verdict
    return convert(verdict, UnknownObject, from_attributes=True) if isinstance(verdict, Unknown) else None


def _witness(witness: Witness | None) -> dict[str, Any]:
    """`replayed` is true for every witness: one that does not replay is never reported."""
    if witness is None:
        nothing: dict[str, Any] = {"symbols": {}, "initial": (), "schedule": (), "final": ()}
        return {**nothing, "coherence": (), "cycle": (), "violated": None, "broken": (), "replayed": None}
    return structs.asdict(witness_object(witness))


def witness_object(witness: Witness) -> WitnessObject:
    """A witness as it is written."""
    return WitnessObject(
        symbols=dict(witness.symbols),
        initial=places(witness.initial),
        schedule=convert(witness.schedule, tuple[StepObject, ...], from_attributes=True),
        final=places(witness.final),
        coherence=tuple(CoherenceObject(location=where, steps=steps) for where, steps in witness.coherence),
        cycle=witness.cycle,
        violated=witness.violated,
        broken=tuple(BrokenObject(name=name, start=start, end=end) for name, start, end in witness.broken),
        replayed=True,
    )


def places(pairs: Iterable[tuple[str, str]]) -> tuple[PlaceObject, ...]:
    """What locations hold, as it is written."""
    return tuple(PlaceObject(location=location, value=value) for location, value in pairs)
