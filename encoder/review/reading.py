"""A patch read against the bases: which it is for, what of it is modelled, and which edits it means."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from encoder.kernel.c import CFunction
from encoder.kernel.placing import PlacedProcedure, place_procedure
from encoder.kernel.sources import SourcePlace
from encoder.kernel.tree import Tree
from encoder.review.apply import apply_patch
from encoder.review.base import Base
from encoder.review.draft import Drafted, DraftEdit, Drafter, Unclear, lines_of, whole
from encoder.review.fragments import fragments_of
from encoder.review.patch import Patch
from encoder.review.site import StepSite


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A changed function, None where it is not there; `name` is "" where a hunk does not say which it is."""

    file: str
    name: str
    before: CFunction | None
    after: CFunction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedFunction:
    """A function that is changed: the procedures with steps in it, and the primitives that it is."""

    place: SourcePlace
    procedures: tuple[str, ...] = ()
    primitives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a patch means for a base. `functions` are those of which something is modelled; `others` are all other
    functions that it changes, as far as they have names, and files."""

    base: Base
    functions: tuple[TouchedFunction, ...]
    others: tuple[str, ...]
    edits: tuple[DraftEdit, ...]
    unclear: tuple[Unclear, ...]
    touched: tuple[tuple[str, str], ...]
    """Steps, (procedure, label), that edits are at."""


def pieces_in_tree(patch: Patch, tree: Tree, wanted: frozenset[str]) -> list[Piece]:
    """The functions that the patch changes in these files of a tree. Raises InputError where it does not fit."""
    changed = apply_patch(patch, tree.text, tree.name, wanted.__contains__)
    later = tree.with_files(changed)
    found = []
    for path in changed:
        names = dict.fromkeys(each.name for each in (*tree.functions(path), *later.functions(path)))
        for name in names:
            before, after = tree.function(path, name), later.function(path, name)
            if _text(before) != _text(after):
                found.append(Piece(file=path, name=name, before=before, after=after))
    return found


def pieces_in_hunks(patch: Patch, wanted: frozenset[str]) -> list[Piece]:
    """The parts of functions that the hunks show in these files."""
    return [
        Piece(file=each.file, name=each.name, before=each.before, after=each.after)
        for file in patch.files
        if file.path in wanted
        for each in fragments_of(file)
    ]


def _text(function: CFunction | None) -> object:
    return None if function is None else tuple(whole(each) for each in function.statements)


def read(patch: Patch, bases: Sequence[Base], pieces: Sequence[Piece], version: str) -> Reading:
    """The patch against the base that fits it best: the one most of whose steps stand in the changed functions, of
    those alike the newest that is no newer than `version`, "" for any."""
    readings = [_Reader(base, pieces) for base in bases]
    best = max(readings, key=lambda each: (each.fit, each.reaches(version)))
    return best.reading(patch)


class _Reader:
    def __init__(self, base: Base, pieces: Sequence[Piece]) -> None:
        self.base = base
        self.pieces = [named for piece in pieces for named in self._named(piece)]

    def _named(self, piece: Piece) -> Iterator[Piece]:
        """The piece with the function that it is a part of: where that is not said, the one that it fits best."""
        if piece.name or piece.before is None:
            yield piece
            return
        known = [place for place in self.base.procedures if place.file == piece.file]
        function = piece.before
        best = max(known, key=lambda place: (self._weight(place, function), place.function), default=None)
        found = best is not None and self._weight(best, function) >= CLEAR
        yield replace(piece, name=best.function if best is not None and found else "")

    def _weight(self, place: SourcePlace, function: CFunction) -> int:
        return sum(
            sight.needle.weight
            for placed in self._placed(place, function)
            for _, sight in placed.sights()
            if not sight.shared and sight.needle.kind == "code"
        )

    def _placed(self, place: SourcePlace, function: CFunction) -> list[PlacedProcedure]:
        whole_function = bool(function.parameters) or not function.broken

        def function_at(wanted: SourcePlace) -> CFunction | None:
            return function if wanted == place else None

        return [
            place_procedure(each, self.base.words, function_at, part=not whole_function or not function.parameters)
            for each in self.base.procedures.get(place, ())
        ]

    @property
    def fit(self) -> int:
        """How much of the base's steps stands in what is changed."""
        places = [SourcePlace(piece.file, piece.name) for piece in self.pieces]
        known = sum(place in self.base.procedures or place in self.base.primitives for place in places)
        found = sum(
            self._weight(place, piece.before)
            for place, piece in zip(places, self.pieces, strict=True)
            if piece.before is not None
        )
        return found + known

    def reaches(self, version: str) -> int:
        from encoder.program.kernels import is_reached

        return int(version == "" or is_reached(self.base.kernel.kernel, version))

    def reading(self, patch: Patch) -> Reading:
        drafter = Drafter(self.base.library, self.base.kernel, self.base.words)
        functions: list[TouchedFunction] = []
        others: list[str] = []
        drafts: list[Drafted] = []
        for piece in self.pieces:
            place = SourcePlace(piece.file, piece.name)
            procedures = self.base.procedures.get(place, ())
            primitives = self.base.primitives.get(place, ())
            if procedures or primitives:
                functions.append(
                    TouchedFunction(
                        place=place, procedures=tuple(each.name for each in procedures),
                        primitives=tuple(each.name for each in primitives),
                    )
                )  # fmt: skip
                drafts += self._drafts(drafter, piece, place)
            else:
                others.append(str(place) if piece.name else piece.file)
        modelled = {piece.file for piece in self.pieces}
        others += [file.path for file in patch.files if file.path not in modelled]
        return Reading(
            base=self.base,
            functions=tuple(dict.fromkeys(functions)),
            others=tuple(dict.fromkeys(others)),
            edits=tuple(edit for draft in drafts for edit in draft.edits),
            unclear=tuple(one for draft in drafts for one in draft.unclear),
            touched=tuple(dict.fromkeys((e.procedure, e.label) for draft in drafts for e in draft.edits)),
        )

    def _drafts(self, drafter: Drafter, piece: Piece, place: SourcePlace) -> Iterator[Drafted]:
        before, after = piece.before, piece.after
        if before is None or after is None:
            for procedure in self.base.procedures.get(place, ()):
                yield Drafted(unclear=(self._appeared(piece, place, procedure.name),))
            return
        sites = [StepSite(placed, place) for placed in self._placed(place, before)]
        most = max((len(site.sights) for site in sites), default=0)
        for site in sites:
            if site.sights:
                yield drafter.draft(site, before, after, home=len(site.sights) == most)
        for primitive in self.base.primitives.get(place, ()):
            if not self.base.procedures.get(place):
                yield from self._primitive(piece, place, primitive.name)

    def _appeared(self, piece: Piece, place: SourcePlace, procedure: str) -> Unclear:
        function = piece.before or piece.after
        assert function is not None
        return Unclear(
            place=place, line=function.line, was=(f"{place.function}()",) if piece.before else (),
            now=(f"{place.function}()",) if piece.after else (), procedure=procedure, labels=(),
            why=f"{place.function}() is {'gone or has another name' if piece.before else 'new'}",
        )  # fmt: skip

    def _primitive(self, piece: Piece, place: SourcePlace, name: str) -> Iterator[Drafted]:
        """A primitive is one thing for all steps: what becomes of it is for people to say, if what changes matters."""
        assert piece.before is not None and piece.after is not None
        known = self.base.words.meanings

        def matters(function: CFunction) -> list[str]:
            words = (word for line in lines_of(function.statements) for word in line.split())
            return [word for word in words if word.split("(")[0] in known]

        if matters(piece.before) != matters(piece.after):
            yield Drafted(
                unclear=(
                    Unclear(
                        place=place, line=piece.after.line, was=tuple(lines_of(piece.before.statements)),
                        now=tuple(lines_of(piece.after.statements)), procedure="", labels=(),
                        why=f"the primitive `{name}` changes, for all steps that call it",
                    ),
                )
            )  # fmt: skip


CLEAR = 80
"""What a part of a function must have of its steps to be taken for it."""


def steps_near(base: Base, files: Sequence[str], count: int = 5) -> Mapping[str, str]:
    """A few steps, PROCEDURE/LABEL, with their sources, that are nearest to these files: in the same one, or folder."""
    from encoder.kernel.sources import places_of
    from encoder.spec.walk import all_steps

    def distance(source: str) -> int:
        places = places_of(source)
        own = [place.file for place in places] or [""]
        return min((_apart(file, other) for file in files for other in own), default=9)

    steps = [(f"{p.name}/{s.label}", s.source) for p in base.kernel for s in all_steps(p.steps)]
    ordered = sorted(enumerate(steps), key=lambda each: (distance(each[1][1]), each[0]))
    first: dict[str, str] = {}
    for _, (name, source) in ordered:
        if source not in first.values():
            first[name] = source
    return dict([*first.items()][:count])


def _apart(one: str, other: str) -> int:
    """How many folders apart two files are, 0 if they are the same."""
    if one == other:
        return 0
    first, second = one.split("/")[:-1], other.split("/")[:-1]
    same = [a == b for a, b in zip(first, second, strict=False)]
    common = same.index(False) if False in same else len(same)
    return 1 + len(first) + len(second) - 2 * common
