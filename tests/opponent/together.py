"""Ways of the threads that go together: each word that one reads is the start's, or somebody has written it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from encoder.program.core import CellName
from tests.opponent.run import Trace, Word
from tests.opponent.values import Effort

Words = frozenset[tuple[CellName, Word]]
Kind = tuple[Words, Words]
"""What a trace reads that is not the start's, and what it writes: those of one kind go with the same others."""


def together(
    every: Sequence[Sequence[Trace]], start: Mapping[CellName, Word], effort: Effort
) -> Iterator[tuple[Trace, ...]]:
    """One trace of each thread, wherever they may go together. Raises TooMany."""
    kinds = [_kinds(own, start) for own in every]
    for chosen in _chosen([list(own) for own in kinds], effort):
        yield from product(*(own[kind] for own, kind in zip(kinds, chosen, strict=True)))


def _kinds(every: Sequence[Trace], start: Mapping[CellName, Word]) -> dict[Kind, list[Trace]]:
    found: dict[Kind, list[Trace]] = {}
    for trace in every:
        located = [deed for deed in trace.deeds if deed.cell is not None]
        needed = frozenset((d.cell, d.read) for d in located if d.reading and d.read != start[d.cell])
        written = frozenset((d.cell, d.written) for d in located if d.wrote)
        found.setdefault((needed, written), []).append(trace)
    return found


def _chosen(kinds: list[list[Kind]], effort: Effort) -> Iterator[tuple[Kind, ...]]:
    """One kind of each thread, such that nothing is needed that none of them writes."""
    later: list[Words] = [frozenset()]
    for own in reversed(kinds):
        later.append(later[-1].union(*(written for _, written in own)))
    later.reverse()

    def more(number: int, needed: Words, written: Words) -> Iterator[tuple[Kind, ...]]:
        if number == len(kinds):
            yield ()
            return
        for kind in kinds[number]:
            effort.spend(1)
            wanted, known = needed | kind[0], written | kind[1]
            if wanted - known <= later[number + 1]:
                for others in more(number + 1, wanted, known):
                    yield (kind, *others)

    return more(0, frozenset(), frozenset())
