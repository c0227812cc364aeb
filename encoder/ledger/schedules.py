"""The schedules of what is refuted, as data: one that breaks a property under several memory models is there once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from encoder.base.result import Question, Witness
from encoder.ledger.place import name_of, question_of
from encoder.memory import CHAIN
from encoder.render.contract import JsonObject, plain
from encoder.render.json import places, witness_object, witness_of
from encoder.render.report_object import (
    AllBroken,
    Coherences,
    CycleEdges,
    DepthLimit,
    Replayed,
    Rounds,
    SomeSteps,
    Symbols,
    Violated,
    WitnessObject,
)

STRONGEST, *_ = CHAIN


Values = Annotated[dict[str, str], Meta(description="what locations hold, by location")]
ObligationId = Annotated[str, Meta(pattern="^[^/]+(/[^/]+){3}$")]


class ScheduleObject(JsonObject, frozen=True):
    """A schedule with all that it breaks."""

    breaks: Annotated[tuple[ObligationId, ...], Meta(min_length=1)]
    limit: DepthLimit
    rounds: Rounds
    symbols: Symbols
    initial: Values
    schedule: SomeSteps
    final: Annotated[Values, Meta(description="of those that have changed")]
    coherence: Coherences
    cycle: CycleEdges
    violated: Violated
    broken: AllBroken
    replayed: Replayed


class SchedulesObject(Struct, frozen=True):
    """The part of a file that has the schedules of a scenario."""

    schema: Literal[2]
    schedules: tuple[ScheduleObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSchedule:
    """`breaks` are the questions that the witness answers, strongest platform first. It is as under the weakest memory
    model of them: under SC nothing is said of where reads read from."""

    breaks: tuple[Question, ...]
    witness: Witness

    def names(self) -> tuple[str, ...]:
        """The ids of the obligations that ask these."""
        return tuple(map(name_of, self.breaks))

    def under(self, model: str) -> Witness:
        return interleaved(self.witness) if model == STRONGEST else self.witness


def interleaved(witness: Witness) -> Witness:
    """What is said of it under SC."""
    return replace(witness, coherence=(), schedule=tuple(replace(step, reads_from=None) for step in witness.schedule))


def shared(found: Iterable[tuple[Question, Witness]]) -> tuple[SharedSchedule, ...]:
    """The schedules with all that they break. Questions of one scenario, variant and property stand together, strongest
    platform first. Where flushes differ a schedule may have the same steps all the same."""
    schedules: list[SharedSchedule] = []
    for question, witness in found:
        for place, each in enumerate(schedules):
            only_sc = all(other.model == STRONGEST for other in each.breaks)
            if _alike(each.breaks[0], question) and (
                each.witness == witness or (only_sc and each.witness == interleaved(witness))
            ):
                schedules[place] = SharedSchedule(breaks=(*each.breaks, question), witness=witness)
                break
        else:
            schedules.append(SharedSchedule(breaks=(question,), witness=witness))
    return tuple(schedules)


def _alike(one: Question, other: Question) -> bool:
    """Whether they differ in the platform alone, or in what it may cost to answer them."""
    return all(
        getattr(one, part) == getattr(other, part) for part in ("scenario", "variant", "property", "depth", "loops")
    )


def as_object(schedule: SharedSchedule) -> dict[str, Any]:
    """The schedule in plain JSON values."""
    first = schedule.breaks[0]
    witness = schedule.witness
    changed = {location: value for location, value in witness.final if (location, value) not in witness.initial}
    return {
        "breaks": list(schedule.names()), "limit": first.depth, "rounds": first.loops,
        **plain(witness_object(witness)), "initial": dict(witness.initial), "final": changed,
    }  # fmt: skip


def schedule_from(found: ScheduleObject) -> SharedSchedule:
    """The schedule as it was before it was written. Raises ValueError for an id that is none, InputError for wrong
    specs."""
    final = found.initial | found.final
    witness = WitnessObject(
        symbols=found.symbols,
        initial=places(found.initial.items()),
        schedule=found.schedule,
        final=places(final.items()),
        coherence=found.coherence,
        cycle=found.cycle,
        violated=found.violated,
        broken=found.broken,
        replayed=found.replayed,
    )
    breaks = tuple(question_of(name, depth=found.limit, loops=found.rounds) for name in found.breaks)
    return SharedSchedule(breaks=breaks, witness=witness_of(witness))
