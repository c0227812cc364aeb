"""How far a kernel's source has gone from the steps: what is there, has moved, has changed or is gone, and what is new
between two steps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from encoder.kernel.align import spots_of
from encoder.kernel.c import CFunction, CStatement, text_of
from encoder.kernel.claims import Claims
from encoder.kernel.placing import PlacedProcedure, PlacedStep, place_procedure
from encoder.kernel.released import released
from encoder.kernel.sources import SourcePlace
from encoder.kernel.tree import Tree
from encoder.kernel.vocabulary import KernelWords, vocabulary
from encoder.program.variant import apply_variant
from encoder.spec.model import Library, Procedure

DriftStatus = Literal["there", "moved", "changed", "gone", "explained", "local"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine:
    """A statement of the kernel's source, on `line` of a file."""

    place: SourcePlace
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftedStep:
    """A step against the source. `found` is where its pieces stand; `missing` are those that are not there, and `now`
    what stands where they were looked for. `why` explains what is not looked for. A `local` step is only this
    model's."""

    procedure: str
    label: str
    statement: str
    source: str
    status: DriftStatus
    found: tuple[CodeLine, ...] = ()
    missing: tuple[str, ...] = ()
    now: tuple[CodeLine, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCode:
    """A call or an access, `word`, to what the model knows, which no step stands for; it is between two steps of a
    `procedure` ("" where there is none on that side)."""

    word: str
    at: CodeLine
    procedure: str
    after: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """All steps of `base` against the tree of a kernel `version` under a configuration."""

    base: str
    kernel: str
    version: str
    configuration: str
    steps: tuple[DriftedStep, ...]
    new: tuple[NewCode, ...]

    def count(self, status: DriftStatus) -> int:
        return sum(each.status == status for each in self.steps)

    @property
    def fit(self) -> float:
        """The part of the steps that could be found which is there."""
        looked = [each for each in self.steps if each.status not in ("local", "explained")]
        return sum(each.status == "there" for each in looked) / max(1, len(looked))


def best_base(library: Library, tree: Tree) -> Drift:
    """The drift from the base that fits the tree best; of two that fit alike, the newer one."""
    return max((drift(library, name, tree) for name in released(library)), key=lambda each: each.fit)


def drift(library: Library, base: str, tree: Tree) -> Drift:
    """All steps of a base, or of a patched one, against a tree."""
    kernel = apply_variant(library, base)
    words = vocabulary(library, kernel)
    placed = [_placed(each, words, tree) for each in kernel]
    return Drift(
        base=base,
        kernel=kernel.kernel,
        version=tree.version,
        configuration=tree.configuration.name,
        steps=tuple(step for one, moved in placed for step in _steps(one, moved, tree)),
        new=tuple(_new([one for one, _ in placed], words, tree)),
    )


def _placed(
    procedure: Procedure, words: KernelWords, tree: Tree
) -> tuple[PlacedProcedure, Mapping[SourcePlace, SourcePlace]]:
    """The procedure in the tree, and the functions that stand elsewhere than its sources say."""
    moved: dict[SourcePlace, SourcePlace] = {}

    def function_at(place: SourcePlace) -> CFunction | None:
        found = tree.function(place.file, place.function)
        if found is None and (found := tree.search(place.function)) is not None:
            moved[place] = SourcePlace(found.file, found.name)
        return found

    return place_procedure(procedure, words, function_at), moved


def _steps(placed: PlacedProcedure, moved: Mapping[SourcePlace, SourcePlace], tree: Tree) -> Iterator[DriftedStep]:
    for number, each in enumerate(placed.steps):
        found = tuple(_line(moved.get(sight.place, sight.place), sight.spot.statement) for sight in each.sights)
        yield DriftedStep(
            procedure=placed.procedure.name,
            label=each.step.label,
            statement=each.step.text,
            source=each.step.source,
            status=_status(each, moved, tree),
            found=tuple(dict.fromkeys(found)),
            missing=tuple(needle.says for needle in each.missing),
            now=tuple(_now(placed, number, tree)) if each.missing else (),
            why=each.step.absent,
        )


def _status(each: PlacedStep, moved: Mapping[SourcePlace, SourcePlace], tree: Tree) -> DriftStatus:
    if each.step.absent:
        return "explained"
    if each.local:
        return "local"
    if each.missing:
        known = any(tree.function(place.file, place.function) for place in each.places)
        return "changed" if known else "gone"
    return "moved" if any(sight.place in moved for sight in each.sights) else "there"


def _now(placed: PlacedProcedure, number: int, tree: Tree) -> Iterator[CodeLine]:
    """The statements between what was found of the steps before and behind, in the first function in which the step was
    looked for."""
    step = placed.steps[number]
    for place in step.places:
        if (function := tree.function(place.file, place.function)) is None:
            continue
        spots = spots_of(function)
        before = [s.number for each in placed.steps[:number] for s in each.sights if s.place == place]
        behind = [s.number for each in placed.steps[number + 1 :] for s in each.sights if s.place == place]
        first = max(before, default=-1) + 1
        last = min((at for at in behind if at >= first), default=len(spots))
        known = {id(spots[at].statement) for at in (*before, *behind)}
        statements = {id(spot.statement): spot.statement for spot in spots[first:last]}
        others = [each for key, each in statements.items() if key not in known and each.kind in ("expression", "if")]
        yield from (_line(place, each) for each in others[:NEAR])
        return


NEAR = 4
"""Statements that are shown where something was looked for in vain."""


def _line(place: SourcePlace, statement: CStatement) -> CodeLine:
    return CodeLine(place=place, line=statement.line, text=text_of(statement.tokens))


def _new(placed: Sequence[PlacedProcedure], words: KernelWords, tree: Tree) -> Iterator[NewCode]:
    homes: dict[SourcePlace, list[PlacedProcedure]] = {}
    for each in placed:
        for place in dict.fromkeys(place for step in each.steps for place in step.places):
            homes.setdefault(place, []).append(each)
    for place in sorted(homes):
        if (function := tree.function(place.file, place.function)) is not None:
            yield from _unclaimed(Claims(place, spots_of(function), homes[place], words))


def _unclaimed(claims: Claims) -> Iterator[NewCode]:
    near = {
        sight.number: (each.procedure.name, step.step.label)
        for each in claims.placed
        for step, sight in each.sights()
        if sight.place == claims.place
    }
    for number in claims.unclaimed:
        spot = claims.spots[number]
        before = max((at for at in near if at < number), default=None)
        behind = min((at for at in near if at > number), default=None)
        anchor = before if before is not None else behind
        yield NewCode(
            word=spot.token.text,
            at=CodeLine(place=claims.place, line=spot.token.line, text=text_of(spot.statement.tokens)),
            procedure=claims.placed[0].procedure.name if anchor is None else near[anchor][0],
            after="" if before is None else near[before][1],
            before="" if behind is None else near[behind][1],
        )
