"""A patch applied to the files of a tree, in memory."""

from collections.abc import Callable, Sequence

from encoder.base.errors import InputError, Problem
from encoder.base.source import Span
from encoder.review.patch import FilePatch, Hunk, Patch

TextAt = Callable[[str], str | None]


def apply_patch(patch: Patch, text_at: TextAt, tree: str, wanted: Callable[[str], bool]) -> dict[str, str]:
    """The files that are `wanted` as the patch leaves them, by path. Hunks may have moved.

    `tree` is what people call it. Raises InputError where a hunk does not fit: a wrong tree, or a reversed patch.
    """
    result: dict[str, str] = {}
    for file in patch.files:
        if not wanted(file.path):
            continue
        before = result.get(file.path, text_at(file.path))
        if before is None and not file.added:
            raise _misfit(
                patch, file, None, f"there is no file {file.path} in {tree}", "the tree that the patch is for"
            )
        lines = (before or "").split("\n")
        for hunk in file.hunks:
            lines = _applied(patch, file, hunk, lines, tree)
        result[file.path] = "\n".join(lines)
    return result


def _applied(patch: Patch, file: FilePatch, hunk: Hunk, lines: Sequence[str], tree: str) -> list[str]:
    old, new = hunk.side("-"), hunk.side("+")
    at = find(lines, old, hunk.start - 1)
    if at is None:
        if new and find(lines, new, hunk.start - 1) is not None:
            message = f"{file.path} in {tree} is as this hunk leaves it: the patch is in already, or reversed"
            raise _misfit(patch, file, hunk, message, "the tree without it, or the patch the other way round")
        raise _misfit(
            patch, file, hunk, f"this hunk does not fit {file.path} in {tree}", "the tree that the patch is for"
        )
    return [*lines[:at], *new, *lines[at + len(old) :]]


def find(lines: Sequence[str], wanted: Sequence[str], near: int) -> int | None:
    """Where these lines stand one behind the other, as near as can be; None if nowhere."""
    rows = [line.rstrip() for line in wanted]
    places = [
        at
        for at in range(len(lines) - len(rows) + 1)
        if (not rows or lines[at].rstrip() == rows[0])
        and [each.rstrip() for each in lines[at : at + len(rows)]] == rows
    ]
    return min(places, key=lambda at: abs(at - near), default=None)


def _misfit(patch: Patch, file: FilePatch, hunk: Hunk | None, message: str, expected: str) -> InputError:
    lines = hunk.lines if hunk is not None else file.hunks[0].lines if file.hunks else ()
    number = lines[0].number if lines else 1
    problem = Problem(code="R102", message=message, span=Span(patch.name, number, 1, 2), expected=expected)
    return InputError([problem])
