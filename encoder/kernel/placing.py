"""Where the steps of a procedure stand in a kernel's functions."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from encoder.kernel.align import Placeable, Spot, align, length_at, occurrences, spots_of, unsure
from encoder.kernel.c import CFunction, walk
from encoder.kernel.sources import SourcePlace, places_of
from encoder.kernel.vocabulary import KernelWords, Needle
from encoder.spec.model import Procedure
from encoder.spec.syntax import ForHead, IfHead, Step, WhileHead
from encoder.spec.walk import all_steps

FunctionAt = Callable[[SourcePlace], CFunction | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A needle of a step, found at a token (its `number` in the function), with all of its tokens as `spots`. It is
    `shared` where another step has it too, and `unsure` where it could as well be another's."""

    place: SourcePlace
    needle: Needle
    number: int
    spots: tuple[Spot, ...]
    shared: bool = False
    unsure: bool = False

    @property
    def spot(self) -> Spot:
        """Its first token."""
        return self.spots[0]

    def touches(self, statements: Set[int]) -> bool:
        """Whether some of it stands in one of these statements, given by their `id`."""
        return any(id(spot.statement) in statements for spot in self.spots)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedStep:
    """A step and what of it was found, in the order of its needles; `missing` are the others. `places` are the
    functions in which it was looked for."""

    step: Step
    places: tuple[SourcePlace, ...]
    sights: tuple[Sight, ...]
    missing: tuple[Needle, ...]

    @property
    def local(self) -> bool:
        """Whether the source has nothing of it that could be looked for."""
        return not self.sights and not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedProcedure:
    procedure: Procedure
    steps: tuple[PlacedStep, ...]

    def sights(self) -> Iterator[tuple[PlacedStep, Sight]]:
        for each in self.steps:
            for sight in each.sights:
                yield each, sight


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The needle `index` of a step that is looked for in one place, under `depth` tests."""

    step: Step
    index: int
    needle: Needle
    depth: int


def place_procedure(
    procedure: Procedure, words: KernelWords, function_at: FunctionAt, *, part: bool = False
) -> PlacedProcedure:
    """Each step with what of it is found in the functions that its source names; with `part` these are parts of
    functions, in which steps that follow each other are looked for."""
    depths = dict(_depths(procedure.steps, 0))
    steps = [*all_steps(procedure.steps)]
    needles = {step.label: () if step.absent else words.needles(step) for step in steps}
    places = {step.label: _places(procedure, step, needles[step.label]) for step in steps}
    found: dict[tuple[str, int], Sight] = {}
    for place in dict.fromkeys(place for step in steps for place in places[step.label]):
        if (function := function_at(place)) is None:
            continue
        wanted = [
            _Wanted(step, index, needle, depths[step.label] + _is_conditional(step, needle))
            for step in steps
            if place in places[step.label]
            for index, needle in enumerate(needles[step.label])
        ]
        for key, sight in _in_function(wanted, place, function, part).items():
            known = found.get(key)
            if known is None or (known.shared and not sight.shared):
                found[key] = sight
    return PlacedProcedure(
        procedure=procedure,
        steps=tuple(_placed(step, places[step.label], needles[step.label], found) for step in steps),
    )


def _depths(steps: Iterable[Step], depth: int) -> Iterator[tuple[str, int]]:
    """For each step how many tests it is under."""
    for step in steps:
        yield step.label, depth
        yield from _depths(step.then + step.otherwise, depth + 1)
        yield from _depths(step.body, depth)


def _is_conditional(step: Step, needle: Needle) -> bool:
    """Whether the needle is in what a step does if its own test holds."""
    return needle.kind == "jump" and isinstance(step.statement, IfHead)


def _places(procedure: Procedure, step: Step, needles: Sequence[Needle]) -> tuple[SourcePlace, ...]:
    """The functions that a step's source names; that of its procedure too where a source names what the step calls, or
    for a loop, which may be a call there."""
    named = places_of(step.stands_in or step.source)
    called = {row[0] for needle in needles for row in needle.rows}
    loops = isinstance(step.statement, ForHead | WhileHead)
    if (step.stands_for and loops) or (named and named[0].function in called):
        return tuple(dict.fromkeys((*named, *places_of(procedure.source)[:1])))
    return named


def _placed(
    step: Step, places: tuple[SourcePlace, ...], needles: Sequence[Needle], found: Mapping[tuple[str, int], Sight]
) -> PlacedStep:
    keys = [(step.label, index) for index in range(len(needles))]
    return PlacedStep(
        step=step,
        places=places,
        sights=tuple(found[key] for key in keys if key in found),
        missing=tuple(needle for key, needle in zip(keys, needles, strict=True) if key not in found),
    )


def _in_function(
    wanted: Sequence[_Wanted], place: SourcePlace, function: CFunction, part: bool
) -> dict[tuple[str, int], Sight]:
    spots = spots_of(function)
    placeable = [Placeable(each.needle, each.depth) for each in wanted]
    found = align(placeable, spots, part=part)
    doubtful = unsure(placeable, spots, found) if part else frozenset()
    numbers = _together(wanted, found.numbers, spots)
    result = {}
    for index, each in enumerate(wanted):
        number, shared = numbers.get(index), False
        if number is None:
            number, shared = _shared(index, wanted, numbers, spots, part), True
        if number is not None:
            result[each.step.label, each.index] = Sight(
                place=place, needle=each.needle, number=number, shared=shared, unsure=index in doubtful,
                spots=tuple(spots[number : number + length_at(each.needle, spots, number)]),
            )  # fmt: skip
    return result


def _together(wanted: Sequence[_Wanted], numbers: dict[int, int], spots: Sequence[Spot]) -> dict[int, int]:
    """What belongs to one step stands in one statement, or in the blocks below it, and what a step does if its test
    holds stands below that test, if it can."""
    result = dict(numbers)
    heads = {each.step.label: index for index, each in reversed([*enumerate(wanted)]) if index in numbers}
    for index, each in enumerate(wanted):
        for head, otherwise in ((heads.get(each.step.label), False), *_above(each.step, wanted, heads)):
            if head is not None and head != index and index in result:
                home = spots[result[head]].statement
                below = home.otherwise if otherwise else home.then
                inside = {id(one) for one in walk(below)} | ({id(home)} if wanted[head].step is each.step else set())
                result[index] = _moved(each.needle, result[index], result[head], inside, spots)
    return result


def _above(step: Step, wanted: Sequence[_Wanted], heads: Mapping[str, int]) -> Iterator[tuple[int | None, bool]]:
    """The first needle of the test that the step is under, and whether it is what happens otherwise."""
    for each in wanted:
        if each.index == 0 and isinstance(each.step.statement, IfHead):
            if step in each.step.then:
                yield heads.get(each.step.label), False
            if step in each.step.otherwise:
                yield heads.get(each.step.label), True


def _moved(needle: Needle, number: int, head: int, inside: set[int], spots: Sequence[Spot]) -> int:
    """The place of a needle, moved into these statements if it can be."""
    if not inside or id(spots[number].statement) in inside:
        return number
    near = (at for at, _ in occurrences(needle, spots) if at > head and id(spots[at].statement) in inside)
    return next(near, number)


def _shared(
    index: int, wanted: Sequence[_Wanted], numbers: Mapping[int, int], spots: Sequence[Spot], part: bool
) -> int | None:
    """Where something stands that stands for several steps: a piece of C that a step names, or one condition of which
    two steps have a part each. In a part of a function only what the step before or behind has."""
    each = wanted[index]
    near = [other for other in numbers if abs(other - index) <= 1] if part else [*numbers]
    if each.step.stands_for:
        around = numbers[max(before)] if (before := [other for other in numbers if other < index]) else 0
        starts = [start for start, _ in occurrences(each.needle, spots)]
        if part:
            starts = [start for start in starts if start in {numbers[other] for other in near}]
        return min(starts, key=lambda at: abs(at - around), default=None)
    if isinstance(each.step.statement, IfHead) and each.needle.kind != "jump":
        same = [other for other in near if wanted[other].needle.says == each.needle.says]
        return numbers[min(same, key=lambda other: abs(other - index))] if same else None
    return None


def place_all(
    procedures: Iterable[Procedure], words: KernelWords, function_at: FunctionAt
) -> tuple[PlacedProcedure, ...]:
    """All procedures of a kernel."""
    return tuple(place_procedure(each, words, function_at) for each in procedures)
