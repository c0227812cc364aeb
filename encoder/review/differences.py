"""What a patch does to the statements of a function."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from encoder.kernel.c import CStatement
from encoder.review.statements import whole


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeChange:
    """In one block, `removed` statements give way to `added` ones; `before` and `behind` are the statements of the old
    block around them, nearest first. `inside` are the statements of the old function that the block is under, outermost
    first, each with whether it is under its `else`."""

    removed: tuple[CStatement, ...]
    added: tuple[CStatement, ...]
    before: tuple[CStatement, ...]
    behind: tuple[CStatement, ...]
    inside: tuple[tuple[CStatement, bool], ...]


def differences(
    before: Sequence[CStatement], after: Sequence[CStatement], inside: tuple[tuple[CStatement, bool], ...] = ()
) -> Iterator[CodeChange]:
    """The changes that make one block the other; where only what is in a block below has changed, those in it."""
    matcher = SequenceMatcher(None, [whole(each) for each in before], [whole(each) for each in after], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            yield from _changed(before, after, (a, b), (c, d), inside)


def _changed(
    before: Sequence[CStatement], after: Sequence[CStatement], old: tuple[int, int], new: tuple[int, int],
    inside: tuple[tuple[CStatement, bool], ...],
) -> Iterator[CodeChange]:  # fmt: skip
    """The change, cut where a statement on both sides has the same head and other blocks."""
    (a, b), (c, d) = old, new
    pair = next(((i, j) for i in range(a, b) for j in range(c, d) if _same_compound(before[i], after[j])), None)
    if pair is None:
        yield CodeChange(
            removed=tuple(before[a:b]), added=tuple(after[c:d]), before=tuple(reversed(before[:a])),
            behind=tuple(before[b:]), inside=inside,
        )  # fmt: skip
        return
    i, j = pair
    if i > a or j > c:
        yield from _changed(before, after, (a, i), (c, j), inside)
    yield from differences(before[i].then, after[j].then, (*inside, (before[i], False)))
    yield from differences(before[i].otherwise, after[j].otherwise, (*inside, (before[i], True)))
    if i + 1 < b or j + 1 < d:
        yield from _changed(before, after, (i + 1, b), (j + 1, d), inside)


def _same_compound(one: CStatement, other: CStatement) -> bool:
    return bool(one.then or one.otherwise) and (one.kind, one.head) == (other.kind, other.head)
