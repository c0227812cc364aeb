"""What stands in a function that the model knows: whether a step stands for it, or it is left out on purpose."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from encoder.kernel.align import Spot
from encoder.kernel.placing import PlacedProcedure
from encoder.kernel.sources import SourcePlace
from encoder.kernel.vocabulary import KernelWords, tokens_in

ASSERTION = re.compile(r"(VM_)?(BUG|WARN)_ON|trace_")


@dataclass(frozen=True)
class Claims:
    """The tokens, by their numbers, of the function at a place that these procedures have steps in."""

    place: SourcePlace
    spots: Sequence[Spot]
    placed: Sequence[PlacedProcedure]
    words: KernelWords

    @cached_property
    def by_steps(self) -> frozenset[int]:
        """Those that steps stand for."""
        return frozenset(
            number
            for each in self.placed
            for _, sight in each.sights()
            if sight.place == self.place
            for number in range(sight.number, sight.number + len(sight.spots))
        )

    @cached_property
    def reasons(self) -> dict[int, str]:
        """Why those are left out that the procedures leave out on purpose."""
        pairs = [pair for each in self.placed for pair in each.procedure.left_out]
        return {number: why for text, why in pairs for number in self._occurring(tokens_in(text))}

    @cached_property
    def left_out(self) -> frozenset[int]:
        return frozenset(self.reasons)

    def _occurring(self, row: Sequence[str]) -> Iterator[int]:
        for start in range(len(self.spots) - len(row) + 1):
            if all(self.spots[start + n].token.text == row[n] for n in range(len(row))):
                yield from range(start, start + len(row))

    @cached_property
    def calls(self) -> tuple[int, ...]:
        """The names of what is called that the model knows; those in assertions and for tracing aside."""
        return tuple(
            number
            for number, (spot, behind) in enumerate(zip(self.spots, self.spots[1:], strict=False))
            if behind.token.text == "("
            and spot.token.text in self.words.known
            and not ASSERTION.match(spot.statement.tokens[0].text)
        )

    @cached_property
    def unclaimed(self) -> tuple[int, ...]:
        """Of the calls those that are neither."""
        return tuple(number for number in self.calls if number not in self.by_steps | self.left_out)
