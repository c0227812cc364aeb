"""How far a kernel's source has gone from the steps: what is there, has moved, has changed or is gone, and what is new
between two steps."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from encoder.kernel.align import Spot, spots_of
from encoder.kernel.c import CFunction, CStatement, text_of
from encoder.kernel.placing import PlacedProcedure, PlacedStep, place_procedure
from encoder.kernel.released import released
from encoder.kernel.sources import SourcePlace
from encoder.kernel.tree import Tree
from encoder.kernel.vocabulary import KernelWords, tokens_in, vocabulary
from encoder.program.variant import PatchedKernel, apply_variant
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
        new=tuple(_new(kernel, [one for one, _ in placed], words, tree)),
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


def _new(kernel: PatchedKernel, placed: Sequence[PlacedProcedure], words: KernelWords, tree: Tree) -> Iterator[NewCode]:
    known = {word for word, names in words.meanings.items() if not all(name in NOISE for name in names)}
    known |= {word for names in words.fields.values() for word in names}
    homes: dict[SourcePlace, list[PlacedProcedure]] = {}
    for each in placed:
        for place in dict.fromkeys(place for step in each.steps for place in step.places):
            homes.setdefault(place, []).append(each)
    for place in sorted(homes):
        if (function := tree.function(place.file, place.function)) is not None:
            yield from _unclaimed(place, spots_of(function), homes[place], known)


NOISE = frozenset({"READ_ONCE", "WRITE_ONCE", "barrier", "folio_test_large", "hpage_pincount_available"})
"""What is everywhere, and by itself no access to what the model knows."""
ASSERTION = re.compile(r"(VM_)?(BUG|WARN)_ON|trace_")


def _unclaimed(
    place: SourcePlace, spots: Sequence[Spot], homes: Sequence[PlacedProcedure], known: set[str]
) -> Iterator[NewCode]:
    claimed: set[int] = set()
    near: dict[int, tuple[str, str]] = {}
    for each in homes:
        for step, sight in each.sights():
            if sight.place == place:
                near[sight.number] = (each.procedure.name, step.step.label)
                claimed |= set(range(sight.number, sight.number + len(sight.spots)))
    claimed |= _left_out(spots, homes)
    for number, spot in enumerate(spots):
        called = number + 1 < len(spots) and spots[number + 1].token.text == "("
        asserted = ASSERTION.match(spot.statement.tokens[0].text)
        if spot.token.text in known and called and number not in claimed and not asserted:
            before = max((at for at in near if at < number), default=None)
            behind = min((at for at in near if at > number), default=None)
            anchor = before if before is not None else behind
            yield NewCode(
                word=spot.token.text,
                at=CodeLine(place=place, line=spot.token.line, text=text_of(spot.statement.tokens)),
                procedure=homes[0].procedure.name if anchor is None else near[anchor][0],
                after="" if before is None else near[before][1],
                before="" if behind is None else near[behind][1],
            )


def _left_out(spots: Sequence[Spot], homes: Sequence[PlacedProcedure]) -> set[int]:
    """The tokens of what these procedures leave out on purpose."""
    rows = [tokens_in(text) for each in homes for text, _ in each.procedure.left_out]
    found: set[int] = set()
    for row in rows:
        for start in range(len(spots) - len(row) + 1):
            if all(spots[start + n].token.text == row[n] for n in range(len(row))):
                found |= set(range(start, start + len(row)))
    return found
