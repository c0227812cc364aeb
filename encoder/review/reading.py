"""A patch read against the bases: which it is for, what of it is modelled, and which edits it means."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from encoder.kernel.align import spots_of
from encoder.kernel.c import CFunction
from encoder.kernel.claims import Claims
from encoder.kernel.placing import PlacedProcedure, place_procedure
from encoder.kernel.sources import SourcePlace
from encoder.kernel.tree import Tree
from encoder.program.kernels import is_reached
from encoder.review.apply import apply_patch
from encoder.review.base import Base
from encoder.review.definitions import functions_added
from encoder.review.draft import Drafted, DraftEdit, Drafter, Unclear
from encoder.review.fragments import fragments_of
from encoder.review.helpers import expanded
from encoder.review.patch import Patch
from encoder.review.site import StepSite
from encoder.review.statements import lines_of, whole
from encoder.review.unread import appeared, definitions_changed, nameless, primitive_changed, stepless


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
    added = {each.name: each.after for each in found if each.before is None and each.after is not None}
    return [each if each.after is None else replace(each, after=expanded(each.after, added)) for each in found]


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
    """The patch against the base that is the tree's kernel or, where none is, that fits it best: the one most of whose
    steps stand in the changed functions, of those alike the newest that is no newer than the tree."""
    own = [base for base in bases if tree is not None and f"{tree.version}.".startswith(f"{base.kernel.kernel}.")]
    readings = [_PatchReader(base, pieces, tree) for base in own or bases]
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
        drafter = Drafter(self.base.library, self.base.kernel, self.base.words, known, functions_added(patch))
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
                drafts.append(Drafted(unclear=tuple(self._nameless(piece))))
        modelled = {piece.file for piece in self.pieces}
        others += [file.path for file in patch.files if file.path not in modelled]
        return Reading(
            base=self.base,
            functions=tuple(dict.fromkeys(functions)),
            others=tuple(dict.fromkeys(others)),
            edits=tuple(edit for draft in drafts for edit in draft.edits),
            unclear=(
                *(one for draft in drafts for one in draft.unclear),
                *definitions_changed(self.base, patch, {piece.name for piece in self.pieces}),
            ),
            touched=tuple(dict.fromkeys((e.procedure, e.label) for draft in drafts for e in draft.edits)),
            passed=tuple(dict.fromkeys(line for draft in drafts for line in draft.passed)),
        )

    def _drafts(self, drafter: Drafter, piece: Piece, place: SourcePlace) -> Iterator[Drafted]:
        before, after = piece.before, piece.after
        procedures, primitives = self.base.procedures.get(place, ()), self.base.primitives.get(place, ())
        if before is None or after is None:
            function = before or after
            assert function is not None
            for procedure in procedures:
                yield Drafted(unclear=(appeared(place, function, procedure.name, gone=after is None),))
            return
        placed = self._placed(place, before)
        sites = [StepSite(each, place, part=self.tree is None) for each in placed]
        claims = Claims(place, spots_of(before), placed, self.base.words)
        drafts = [*drafter.drafts([site for site in sites if site.sights], before, after, claims)]
        if procedures and not drafts:
            drafts.append(Drafted(unclear=tuple(stepless(self.base, place, before, after))))
        if not any(draft.edits or draft.unclear for draft in drafts):
            found = (
                one for each in primitives for one in primitive_changed(self.base, place, each.name, before, after)
            )
            drafts.append(Drafted(unclear=tuple(found)))
        yield from drafts

    def _nameless(self, piece: Piece) -> Iterator[Unclear]:
        if not piece.name and piece.before is not None and piece.after is not None:
            yield from nameless(self.base, piece.file, piece.before, piece.after)

    def _known(self, function: CFunction) -> list[str]:
        """The calls that the model knows, in their order."""
        return [word for word in _calls(function) if word in self.base.words.meanings]


def _calls(function: CFunction) -> list[str]:
    """What a function calls, in the order of the text."""
    return [word for line in lines_of(function.statements) for word in C_WORD.findall(line)]


C_WORD = re.compile(r"[A-Za-z_]\w*(?=\()")
CLEAR = 80
"""What a part of a function must have of its steps to be taken for it."""
