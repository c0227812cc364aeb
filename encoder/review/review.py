"""What a patch is: outside the model, beside its steps, a variant, or something for people to say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from encoder.base.errors import InputError, Problem
from encoder.program.resolve import resolve
from encoder.review.asking import Compared, running_scenarios
from encoder.review.base import all_bases, touched_files
from encoder.review.nearest import steps_near
from encoder.review.patch import Patch
from encoder.review.reading import Piece, Reading, pieces_in_hunks, pieces_in_tree, read
from encoder.review.revisions import Source
from encoder.review.variant_text import variant_name, variant_text
from encoder.spec.load import read_variant
from encoder.spec.model import Library, Variant

ReviewAnswer = Literal["outside the model", "beside the steps", "a variant", "needs you"]


@dataclass(frozen=True, kw_only=True)
class Review:
    """A patch with what it was read as. `draft` is the YAML of the variant, or of its skeleton, "" if there is nothing
    to write; `problems` say why a draft is no variant after all. `nearest` are steps, with their sources, where none is
    touched. `where` says what the base was chosen by."""

    patch: Patch
    reading: Reading
    name: str
    draft: str
    variant: Variant | None
    problems: tuple[Problem, ...]
    nearest: Mapping[str, str]
    where: str

    @cached_property
    def answer(self) -> ReviewAnswer:
        if self.reading.unclear or self.problems:
            return "needs you"
        if not self.reading.functions:
            return "outside the model"
        return "a variant" if self.reading.edits else "beside the steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a variant's questions; `late` are scenarios for which there was not time enough."""

    compared: tuple[Compared, ...] = ()
    late: tuple[str, ...] = ()

    def of(self, outcome: str) -> tuple[Compared, ...]:
        return tuple(each for each in self.compared if each.outcome == outcome)


def review(library: Library, patch: Patch, source: Source | None, base: str | None, output: Path | None) -> Review:
    """Read a patch, of a tree if there is one. Raises InputError where it does not fit the tree."""
    bases = [each for each in all_bases(library) if base is None or each.name == base]
    wanted = touched_files([file.path for file in patch.files], bases)
    tree = None if source is None else source.tree
    pieces: list[Piece] = []
    if wanted:
        pieces = pieces_in_hunks(patch, wanted, bases) if tree is None else pieces_in_tree(patch, tree, wanted)
    version = "" if tree is None else tree.version
    reading = read(patch, bases, pieces, tree)
    name = _name(library, patch, output)
    text = variant_text(patch, reading, name) if reading.edits or reading.unclear else ""
    path = output.as_posix() if output is not None else f"{name}.yaml"
    variant, problems = _variant(library, text, path) if reading.edits and not reading.unclear else (None, ())
    files = [file.path for file in patch.files]
    return Review(
        patch=patch, reading=reading, name=name, draft=text, variant=variant, problems=problems,
        nearest=steps_near(reading.base, files) if not reading.functions else {},
        where=_where(version, base, reading),
    )  # fmt: skip


def _where(version: str, base: str | None, reading: Reading) -> str:
    """What the base was chosen by, and whether the tree is another kernel."""
    kernel = reading.base.kernel.kernel
    tree = f"the tree is {version}" if version else ""
    if version and version != kernel and not version.startswith(f"{kernel}."):
        tree += f", and its steps are those of {kernel}: `pinproof drift` says what differs"
    if base is not None:
        return f"as asked for; {tree}" if tree else "as asked for"
    if version.startswith(f"{kernel}."):
        return f"it is the kernel of the tree; {tree}"
    fits = "its steps fit best what the patch changes" if reading.functions else "the newest"
    return f"{fits}; {tree}" if tree else fits


def _name(library: Library, patch: Patch, output: Path | None) -> str:
    """A name that no variant has."""
    known = {each.name for each in library.variants}
    name = variant_name(output.stem if output is not None else Path(patch.name).stem)
    return name if name not in known else f"draft-{name}"


def _variant(library: Library, text: str, path: str) -> tuple[Variant | None, tuple[Problem, ...]]:
    """The draft as it is read again, or what is wrong with it in some scenario that runs it."""
    try:
        draft = read_variant(text, path)
        _try_out(library, draft)
    except InputError as error:
        return None, error.problems
    return draft, ()


def _try_out(library: Library, draft: Variant) -> None:
    """Raises InputError for edits that do not fit, or steps that do not resolve."""
    both = replace(library, variants=(*library.variants, draft))
    assert draft.base is not None
    for scenario in running_scenarios(both, draft):
        try:
            resolve(library, scenario.name, draft.base)
        except InputError:  # the scenario is none of this kernel
            continue
        resolve(both, scenario.name, draft.name)
        return
