"""What a patch changes that is for people to say, as no step of a procedure is drafted from it."""

import re
from collections.abc import Iterator, Sequence

from encoder.kernel.c import CFunction, CStatement, walk
from encoder.kernel.sources import SourcePlace
from encoder.review.base import Base
from encoder.review.definitions import redefined
from encoder.review.differences import differences
from encoder.review.draft import Unclear
from encoder.review.patch import Patch
from encoder.review.statements import is_renaming, lines_of
from encoder.review.steps import NO_EFFECT
from encoder.review.words import ORDERING

CALL = re.compile(r"[A-Za-z_]\w*(?= \()")
SMALL = 8
"""Statements of a function that is as a whole what a primitive does."""


def appeared(place: SourcePlace, function: CFunction, procedure: str, *, gone: bool) -> Unclear:
    """A function with steps that is new, or gone."""
    name = f"{place.function}()"
    return Unclear(
        place=place, line=function.line, was=(name,) if gone else (), now=() if gone else (name,),
        procedure=procedure, labels=(), why=f"{name} is {'gone or has another name' if gone else 'new'}",
    )  # fmt: skip


def nameless(base: Base, file: str, before: CFunction, after: CFunction) -> Iterator[Unclear]:
    """A hunk of a file with steps that does not say in which function it is, and changes what is called."""
    if file in base.files and _calls(before.statements) != _calls(after.statements):
        yield _changed(
            SourcePlace(file, "?"), before, after, "the hunk does not say in which function it is: --kernel DIR does"
        )


def stepless(base: Base, place: SourcePlace, before: CFunction, after: CFunction) -> Iterator[Unclear]:
    """A function with steps, of which the patch shows none, and changes what the model knows."""
    if _mattering(base, before.statements) != _mattering(base, after.statements):
        yield _changed(place, before, after, "none of its steps stands where it changes")


def primitive_changed(
    base: Base, place: SourcePlace, name: str, before: CFunction, after: CFunction
) -> Iterator[Unclear]:
    """A primitive is one thing for all steps: what becomes of it is for people to say, if what changes matters."""
    if not is_renaming(before.statements, after.statements, base.words.meanings.__contains__):
        constants = {word for word, _ in base.library.types.constants}
        small = len([*walk(before.statements)]) <= SMALL
        changes = [*differences(before.statements, after.statements)]
        lines = [each for change in changes for each in walk((*change.removed, *change.added))]
        if any(_matters(base, constants, each, small) for each in lines):
            yield _changed(place, before, after, f"the primitive `{name}` changes, for all steps that call it")


def _matters(base: Base, constants: set[str], each: CStatement, small: bool) -> bool:
    """Whether a changed statement of a primitive may be of interest."""
    if NO_EFFECT.match(each.head):
        return False
    said = {token.text for token in each.tokens}
    return small or bool(_mattering(base, (each,)) or said & constants)


def definitions_changed(base: Base, patch: Patch, read: set[str]) -> Iterator[Unclear]:
    """Constants that the steps have, and macros that are what they call, which are not `read` as functions."""
    constants = {name for name, _ in base.library.types.constants}
    for name, lines in redefined(patch, constants | base.words.meanings.keys() - read):
        was, now = (tuple(each.line.text.strip() for each in lines if each.line.kind == kind) for kind in "-+")
        yield Unclear(
            place=SourcePlace(lines[0].file, name), line=lines[0].line.number, was=was, now=now, procedure="",
            labels=(), why=f"`{name}` changes, for all steps that have it",
        )  # fmt: skip


def _changed(place: SourcePlace, before: CFunction, after: CFunction, why: str) -> Unclear:
    was, now = tuple(lines_of(before.statements)), tuple(lines_of(after.statements))
    return Unclear(place=place, line=after.line, was=was, now=now, procedure="", labels=(), why=why)


def _calls(statements: Sequence[CStatement]) -> list[str]:
    """What is called, in the order of the text."""
    return [word for each in walk(statements) for word in CALL.findall(each.head)]


def _mattering(base: Base, statements: Sequence[CStatement]) -> list[str]:
    """Of these those that the model knows, or that order what others see."""
    known = base.words.known | base.words.meanings.keys()
    return [word for word in _calls(statements) if word in known or ORDERING.fullmatch(word)]
