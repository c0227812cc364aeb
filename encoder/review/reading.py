"""A patch read against the bases: which it is for, what of it is modelled, and which edits it means."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from encoder.kernel.c import CFunction
from encoder.kernel.placing import PlacedProcedure, place_procedure
from encoder.kernel.sources import SourcePlace
from encoder.kernel.tree import Tree
from encoder.program.kernels import is_reached
from encoder.review.apply import apply_patch
from encoder.review.base import Base
from encoder.review.draft import Drafted, DraftEdit, Drafter, Unclear
from encoder.review.fragments import fragments_of
from encoder.review.patch import Patch
from encoder.review.site import StepSite
from encoder.review.statements import lines_of, whole


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
    passed: tuple[str, ...] = ()
    """Changed lines of modelled functions, with their signs, that no step stands for."""


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


def pieces_in_hunks(patch: Patch, wanted: frozenset[str], bases: Sequence[Base]) -> list[Piece]:
    """The parts of functions that the hunks show in these files; of functions that no base has only that they are
    changed."""
    known = {place.function for base in bases for place in (*base.procedures, *base.primitives)}
    return [
        Piece(file=each.file, name=each.name, before=each.before, after=each.after)
        for file in patch.files
        if file.path in wanted
        for each in fragments_of(file, known.__contains__)
    ]


def _text(function: CFunction | None) -> object:
    return None if function is None else tuple(whole(each) for each in function.statements)


def read(patch: Patch, bases: Sequence[Base], pieces: Sequence[Piece], tree: Tree | None) -> Reading:
    """The patch against the base that fits it best: the one most of whose steps stand in the changed functions, of
    those alike the newest that is no newer than the tree."""
    readings = [_PatchReader(base, pieces, tree) for base in bases]
    best = max(readings, key=lambda each: (each.fit, each.reached))
    return best.reading(patch)


class _PatchReader:
    def __init__(self, base: Base, pieces: Sequence[Piece], tree: Tree | None) -> None:
        self.base = base
        self.tree = tree
        self.pieces = [named for piece in pieces for named in self._named(piece)]

    def _named(self, piece: Piece) -> Iterator[Piece]:
        """The piece with the function that it is a part of: where that is not said, the one that it fits best."""
        if piece.name or piece.before is None or not self._known(piece.before):
            yield piece
            return
        known = [place for place in self.base.procedures if place.file == piece.file]
        function = piece.before
        weights = sorted(((self._weight(place, function), place.function) for place in known), reverse=True)
        (best, name), (second, _) = (*weights, (0, ""), (0, ""))[:2]
        yield replace(piece, name=name if best >= CLEAR and second <= best // 2 else "")

    def _weight(self, place: SourcePlace, function: CFunction) -> int:
        return sum(
            sight.needle.weight
            for placed in self._placed(place, function)
            for _, sight in placed.sights()
            if sight.place == place and not sight.shared and sight.needle.kind == "code"
        )

    def _placed(self, place: SourcePlace, function: CFunction) -> list[PlacedProcedure]:
        def function_at(wanted: SourcePlace) -> CFunction | None:
            if wanted == place:
                return function
            return None if self.tree is None else self.tree.function(wanted.file, wanted.function)

        return [
            place_procedure(each, self.base.words, function_at, part=self.tree is None)
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

    @property
    def reached(self) -> bool:
        """Whether the tree is as new as the base."""
        return self.tree is None or is_reached(self.base.kernel.kernel, self.tree.version)

    def reading(self, patch: Patch) -> Reading:
        known = frozenset(place.function for place in self.base.procedures)
        drafter = Drafter(self.base.library, self.base.kernel, self.base.words, known)
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
                drafts += self._nameless(piece)
        modelled = {piece.file for piece in self.pieces}
        others += [file.path for file in patch.files if file.path not in modelled]
        return Reading(
            base=self.base,
            functions=tuple(dict.fromkeys(functions)),
            others=tuple(dict.fromkeys(others)),
            edits=tuple(edit for draft in drafts for edit in draft.edits),
            unclear=tuple(one for draft in drafts for one in draft.unclear),
            touched=tuple(dict.fromkeys((e.procedure, e.label) for draft in drafts for e in draft.edits)),
            passed=tuple(dict.fromkeys(line for draft in drafts for line in draft.passed)),
        )

    def _drafts(self, drafter: Drafter, piece: Piece, place: SourcePlace) -> Iterator[Drafted]:
        before, after = piece.before, piece.after
        if before is None or after is None:
            for procedure in self.base.procedures.get(place, ()):
                yield Drafted(unclear=(self._appeared(piece, place, procedure.name),))
            return
        sites = [StepSite(placed, place, part=self.tree is None) for placed in self._placed(place, before)]
        most = max((len(site.sights) for site in sites), default=0)
        in_full = False
        for site in (each for each in sites if each.sights):
            draft = drafter.draft(site, before, after, home=len(site.sights) == most)
            abridged = bool(site.placed.procedure.abridges)
            if abridged and in_full and draft.unclear:
                continue  # what is read in full says what the patch does
            in_full = in_full or (not abridged and bool(draft.edits or draft.unclear))
            yield draft
        for primitive in self.base.primitives.get(place, ()):
            if not self.base.procedures.get(place):
                yield from self._primitive(piece, place, primitive.name)

    def _nameless(self, piece: Piece) -> Iterator[Drafted]:
        """A hunk of a file with steps that does not say in which function it is, and changes what is called."""
        before, after = piece.before, piece.after
        if piece.name or before is None or after is None or piece.file not in self.base.files:
            return
        if _calls(before) != _calls(after):
            yield Drafted(
                unclear=(
                    Unclear(
                        place=SourcePlace(piece.file, "?"), line=after.line, was=tuple(lines_of(before.statements)),
                        now=tuple(lines_of(after.statements)), procedure="", labels=(),
                        why="the hunk does not say in which function it is: --kernel DIR does",
                    ),
                )
            )  # fmt: skip

    def _known(self, function: CFunction) -> list[str]:
        """The calls that the model knows, in their order."""
        return [word for word in _calls(function) if word in self.base.words.meanings]

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
        if self._known(piece.before) != self._known(piece.after):
            yield Drafted(
                unclear=(
                    Unclear(
                        place=place, line=piece.after.line, was=tuple(lines_of(piece.before.statements)),
                        now=tuple(lines_of(piece.after.statements)), procedure="", labels=(),
                        why=f"the primitive `{name}` changes, for all steps that call it",
                    ),
                )
            )  # fmt: skip


def _calls(function: CFunction) -> list[str]:
    """What a function calls, in the order of the text."""
    return [word for line in lines_of(function.statements) for word in C_WORD.findall(line)]


C_WORD = re.compile(r"[A-Za-z_]\w*(?=\()")
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
