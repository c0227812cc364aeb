"""What the explorer shows of a schedule: its steps, what is where after each, and what no interleaving does.

All of it follows from the recording and the specs: nothing is run again here.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

from msgspec import Struct

from encoder.base.result import ScheduleStep, Witness
from encoder.pages.effects import RecordedEffects
from encoder.pages.places import PlaceKind, Places
from encoder.witness.recorded_cycle import WitnessEdge, cycle_of

Flag = Literal["patched", "racing", "quiet", "weak"]


class PlaceScene(Struct, frozen=True, array_like=True):
    """A location: how it is shown, and what it holds at the start."""

    name: str
    kind: PlaceKind
    start: str


class ObjectScene(Struct, frozen=True, array_like=True):
    """An object with its locations. `touched`: some step of the schedule accesses it."""

    name: str
    struct: str
    touched: bool
    places: tuple[PlaceScene, ...]


class OrderScene(Struct, frozen=True, array_like=True):
    """What a weak model has of a step: `source` is where its read comes from (0: the start), `missed` are the stores
    that it does not see, `behind` is a step above it that its CPU's code has later."""

    source: int | None
    missed: tuple[int, ...]
    behind: int | None


NO_ORDER = OrderScene(source=None, missed=(), behind=None)


class StepScene(Struct, frozen=True, array_like=True):
    """What a script needs of a step, beside what the page says of it.

    `settles` is what its location holds after it, where that is something else than before; `holds` what its CPU has
    taken by then, None for what it had before. `order` is None where it would be NO_ORDER. `source_file` is a place in
    the scene's `files`, `line` a line of it, 0 for none.
    """

    cpu: int
    location: str
    settles: str | None
    holds: tuple[str, ...] | None
    order: OrderScene | None
    flags: tuple[Flag, ...]
    source_file: int
    line: int


class DelayScene(Struct, frozen=True, array_like=True):
    """A store, at step `store`, that a CPU does not see as late as at step `until`."""

    store: int
    until: int
    cpu: int
    location: str
    value: str


class Scene(Struct, frozen=True):
    """A schedule as the explorer's script reads it. `bias` is what a pin counts, `files` are kernel functions with the
    spec files in which their steps are written."""

    cpus: tuple[tuple[int, str, str], ...]
    objects: tuple[ObjectScene, ...]
    steps: tuple[StepScene, ...]
    delays: tuple[DelayScene, ...]
    cycle: tuple[WitnessEdge, ...]
    model: str
    bias: int
    files: tuple[tuple[str, str], ...]


def scene(witness: Witness, places: Places, effects: RecordedEffects, model: str) -> Scene:
    """The schedule of a scenario and variant, whose locations and steps these are."""
    return _SceneMaker(witness, places, effects).scene(model)


class _SceneMaker:
    def __init__(self, witness: Witness, places: Places, effects: RecordedEffects) -> None:
        self.witness = witness
        self.places = places
        self.effects = effects

    def scene(self, model: str) -> Scene:
        return Scene(
            cpus=tuple(self.cpus()), objects=tuple(self.objects()), steps=tuple(self.steps()),
            delays=tuple(self.delays()), cycle=cycle_of(self.witness), model=model, bias=self.places.bias,
            files=tuple(self.files),
        )  # fmt: skip

    def written_at(self, step: ScheduleStep) -> tuple[str, str, int]:
        file, _, line = self.effects.spec(step).rpartition(":")
        return step.source, file, int(line or 0)

    @cached_property
    def files(self) -> dict[tuple[str, str], int]:
        """The number of each kernel function and spec file."""
        named = dict.fromkeys(self.written_at(step)[:2] for step in self.witness.schedule)
        return {name: number for number, name in enumerate(named)}

    @cached_property
    def written(self) -> dict[int, str]:
        """What each step that writes has written."""
        return {step.step: value for step in self.witness.schedule if (value := self.effects.written(step)) is not None}

    @cached_property
    def orders(self) -> dict[str, tuple[int, ...]]:
        """The steps that write each location, in coherence order."""
        found: dict[str, tuple[int, ...]] = {}
        for step in self.witness.schedule:
            if step.step in self.written:
                found[step.location] = (*found.get(step.location, ()), step.step)
        return found | dict(self.witness.coherence)

    def cpus(self) -> Iterator[tuple[int, str, str]]:
        """Each CPU's number, its thread where that has another name, and the first procedure that it runs."""
        for cpu in sorted({step.cpu for step in self.witness.schedule}):
            own = [step for step in self.witness.schedule if step.cpu == cpu]
            thread = "" if own[0].thread.lower() == f"cpu{cpu}" else own[0].thread
            yield cpu, thread, next((step.procedure for step in own if step.procedure), "")

    def objects(self) -> Iterator[ObjectScene]:
        touched = {step.location.partition(".")[0] for step in self.witness.schedule}
        found: dict[str, list[tuple[str, str]]] = {}
        for name, value in self.witness.initial:
            found.setdefault(name.partition(".")[0], []).append((name, value))
        for name, own in found.items():
            shown = tuple(
                PlaceScene(place, self.places.kind(place), value)
                for place, value in sorted(own, key=lambda each: self.places.rank(each[0]))
            )
            yield ObjectScene(name, self.places.struct(name), name in touched, shown)

    def steps(self) -> Iterator[StepScene]:
        values, latest = dict(self.witness.initial), dict[str, int]()
        holds: dict[int, dict[str, int]] = {}
        told: dict[int, tuple[str, ...]] = {}
        cycle = {step for a, _, b in cycle_of(self.witness) for step in (a, b)}
        for step in self.witness.schedule:
            before, settles = values.get(step.location, ""), None
            held = holds.setdefault(step.cpu, {})
            if step.step in self.written:
                place = self.orders[step.location].index(step.step)
                if place >= latest.get(step.location, 0):
                    latest[step.location] = place
                    values[step.location] = self.written[step.step]
                    settles = values[step.location] if values[step.location] != before else None
            self.effects.take(step, held, lock=self.places.is_lock(step.location))
            order = OrderScene(step.reads_from, self.missed(step), self.behind(step))
            patched = self.effects.patched(step)
            quiet = not (settles or order.missed or patched or step.racing or step.step in cycle or self.matters(step))
            said: dict[Flag, bool] = {
                "patched": patched,
                "racing": step.racing,
                "quiet": quiet,
                "weak": bool(order.missed or order.behind),
            }
            same, told[step.cpu] = told.get(step.cpu, ()) == _words(held), _words(held)
            yield StepScene(
                cpu=step.cpu, location=step.location, settles=settles, holds=None if same else told[step.cpu],
                order=None if order == NO_ORDER else order, flags=tuple(name for name, true in said.items() if true),
                source_file=self.files[self.written_at(step)[:2]], line=self.written_at(step)[2],
            )  # fmt: skip

    @cached_property
    def contended(self) -> set[str]:
        """The locations that some CPU changes and another accesses."""
        users: dict[str, set[int]] = {}
        values, changed = dict(self.witness.initial), set()
        for step in self.witness.schedule:
            users.setdefault(step.location, set()).add(step.cpu)
            if step.step in self.written and values.get(step.location) != self.written[step.step]:
                values[step.location] = self.written[step.step]
                changed.add(step.location)
        return {where for where in changed if len(users[where]) > 1}

    def matters(self, step: ScheduleStep) -> bool:
        """Whether the step looks at what others change, or waits or is waited for."""
        return step.location in self.contended or self.effects.is_section(step)

    def missed(self, step: ScheduleStep) -> tuple[int, ...]:
        """The stores above it, of other CPUs, that its read does not see."""
        if step.reads_from is None:
            return ()
        order = self.orders.get(step.location, ())
        later = order[order.index(step.reads_from) + 1 :] if step.reads_from else order
        cpus = {each.step: each.cpu for each in self.witness.schedule}
        return tuple(store for store in later if store < step.step and cpus[store] != step.cpu)

    def behind(self, step: ScheduleStep) -> int | None:
        above = (each for each in self.witness.schedule[: step.step - 1] if each.thread == step.thread)
        return next((each.step for each in above if each.index > step.index), None)

    def delays(self) -> Iterator[DelayScene]:
        """Each store that a CPU misses, until it misses it for the last time."""
        last: dict[tuple[int, int], int] = {}
        for step in self.witness.schedule:
            for store in self.missed(step):
                last[store, step.cpu] = step.step
        for (store, cpu), until in sorted(last.items()):
            yield DelayScene(store, until, cpu, self.witness.schedule[store - 1].location, self.written[store])


def _words(held: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(f"{name} ({times})" if abs(times) > 1 else name for name, times in held.items() if times)
