"""What a patch defines, by its lines alone: functions, macros and constants."""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass

from encoder.review.fragments import function_in
from encoder.review.patch import Patch, PatchLine

MACRO = re.compile(r"\s*#\s*define\s+(\w+)")
MEMBER = re.compile(r"\s+(\w+)\s*=[^=].*,\s*(/\*.*)?")
"""Of an enumeration."""


@dataclass(frozen=True, slots=True)
class DefiningLine:
    """`name` is defined on a line of a file, which a patch adds or removes."""

    file: str
    name: str
    line: PatchLine


def functions_added(patch: Patch) -> frozenset[str]:
    """The functions and macros that a patch brings: not those that it only changes."""
    found = [*_definitions(patch, functions=True)]
    there = {each.name for each in found if each.line.kind != "+"}
    return frozenset(each.name for each in found if each.line.kind == "+") - there


def redefined(patch: Patch, names: Set[str]) -> Iterator[tuple[str, tuple[DefiningLine, ...]]]:
    """Of these names, which are macros or constants, those whose definition changes, with its lines."""
    changed = [each for each in _definitions(patch) if each.name in names and each.line.kind != " "]
    for name in dict.fromkeys(each.name for each in changed):
        lines = tuple(each for each in changed if each.name == name)
        if not _same(lines):
            yield name, lines


def _same(lines: tuple[DefiningLine, ...]) -> bool:
    """Whether as many are removed as are added, and these are the same but for spaces."""
    sides = [sorted(" ".join(each.line.text.split()) for each in lines if each.line.kind == kind) for kind in "-+"]
    return sides[0] == sides[1]


def _definitions(patch: Patch, *, functions: bool = False) -> Iterator[DefiningLine]:
    """Of macros and constants, and of functions too."""
    for file in patch.files:
        for line in (line for hunk in file.hunks for line in hunk.lines):
            match = MACRO.match(line.text) or MEMBER.fullmatch(line.text)
            name = match[1] if match else function_in(line.text) if functions else None
            if name:
                yield DefiningLine(file.path, name, line)
