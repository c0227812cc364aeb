"""Steps held against the tokens of a function: as many as can be found in their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from encoder.kernel.c import CFunction, CStatement, Token
from encoder.kernel.vocabulary import Needle

DEPTH = 2
"""What it costs to be found one block deeper, or less deep, than the step is."""
SKIPPED = 4
"""The part of its weight that it costs to leave a needle out in the middle of a part of a function."""
TESTS = ("if", "case")


@dataclass(frozen=True, slots=True)
class Spot:
    """A token of a function, the statement whose head it is in, and the number of tests that it is under."""

    token: Token
    statement: CStatement
    depth: int


def spots_of(function: CFunction) -> tuple[Spot, ...]:
    """The tokens of a function in their order."""
    return tuple(_spots(function.statements, 0))


def _spots(statements: Sequence[CStatement], depth: int) -> Iterator[Spot]:
    for each in statements:
        for token in each.tokens:
            yield Spot(token, each, depth)
        below = depth + (each.kind in TESTS)
        yield from _spots(each.then, below)
        yield from _spots(each.otherwise, below - _is_else_if(each))


def _is_else_if(statement: CStatement) -> bool:
    return len(statement.otherwise) == 1 and statement.otherwise[0].kind == "if"


@dataclass(frozen=True, slots=True)
class Placeable:
    """A needle with the number of tests that its step is under."""

    needle: Needle
    depth: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """By the number of a needle the number of the token at which it is found, and what all of them weigh."""

    numbers: dict[int, int]
    weight: int


def align(
    wanted: Sequence[Placeable], spots: Sequence[Spot], *, part: bool = False, without: tuple[int, int] | None = None
) -> Alignment:
    """The heaviest choice of needles that are found one behind the other. In a `part` of a function it costs to leave
    some out between two that are found, and their depths say nothing. `without` is a needle and a token that it is not
    found at."""
    words = by_word(spots)
    candidates: list[tuple[int, int, int]] = []  # the needle, the token, the candidate before
    best = NONE
    prefix = _Maxima(len(spots) + 1)
    passed = 0  # what the needles so far cost that are left out
    for number, each in enumerate(wanted):
        cost = each.needle.weight // SKIPPED if part else 0
        found = []
        for start, end in occurrences(each.needle, spots, words):
            if (number, start) == without:
                continue
            weight, _, before = prefix.until(start)
            weight -= passed
            if weight < 0:
                weight, before = 0, -1
            deeper = 0 if part else DEPTH * abs(spots[start].depth - each.depth)
            found.append((max(1, each.needle.weight - deeper) + weight, start, end, before))
        passed += cost
        for weight, start, end, before in found:
            candidates.append((number, start, before))
            prefix.put(end, (weight + passed, -start, len(candidates) - 1))
            best = max(best, (weight, -start, len(candidates) - 1))
    chosen, index = {}, best[-1]
    while index >= 0:
        number, start, index = candidates[index]
        chosen[number] = start
    return Alignment(chosen, best[0])


def unsure(wanted: Sequence[Placeable], spots: Sequence[Spot], found: Alignment) -> frozenset[int]:
    """Of the needles that are found in a part of a function those that another choice of the same weight has
    elsewhere, or leaves out."""
    return frozenset(
        number
        for number, start in found.numbers.items()
        if align(wanted, spots, part=True, without=(number, start)).weight >= found.weight
    )


def occurrences(
    needle: Needle, spots: Sequence[Spot], words: Mapping[str, list[int]] | None = None
) -> list[tuple[int, int]]:
    """Where one of a needle's rows stands: the number of its first token, and of that behind its last."""
    known = by_word(spots) if words is None else words
    found = set()
    for row in needle.rows:
        for start in known.get(row[0], ()):
            end = start + len(row)
            if end <= len(spots) and all(spots[start + n].token.text == row[n] for n in range(1, len(row))):
                found.add((start, end))
    return sorted(found)


def length_at(needle: Needle, spots: Sequence[Spot], start: int) -> int:
    """How many tokens of a needle stand at a place; one where another like it is found there."""
    return next((end - at for at, end in occurrences(needle, spots, {spots[start].token.text: [start]})), 1)


def by_word(spots: Sequence[Spot]) -> dict[str, list[int]]:
    """The numbers of the tokens that are this word."""
    words: dict[str, list[int]] = {}
    for number, spot in enumerate(spots):
        words.setdefault(spot.token.text, []).append(number)
    return words


Best = tuple[int, int, int]
"""What a choice weighs, minus the number of its last token, and its last candidate."""
NONE: Best = (0, 0, -1)


class _Maxima:
    """The heaviest of what ends at or before a place, of the same weight the first: a Fenwick tree."""

    def __init__(self, size: int) -> None:
        self._tree = [NONE] * (size + 1)

    def put(self, place: int, value: Best) -> None:
        at = place + 1
        while at < len(self._tree):
            self._tree[at] = max(self._tree[at], value)
            at += at & -at

    def until(self, place: int) -> Best:
        """Of all put at `place` or before."""
        best, at = NONE, place + 1
        while at > 0:
            best = max(best, self._tree[at])
            at -= at & -at
        return best
