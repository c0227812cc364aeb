"""Outcomes of mutants, and mutation scores."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from encoder.mutation.mutant import MutantKind

MutantWord = Literal["killed", "fails", "vacuous", "undecided", "survived", "equivalent", "no program"]
"""killed: a schedule breaks the property. fails: there is no proof for another reason (a lock is released that is not
held, NULL is dereferenced, a loop exceeds its bound). vacuous: its situation is no longer reached. survived: it is
still proved. equivalent: it is proved, and nothing that a property reads can differ. no program: the specs do not
resolve."""
WORST = get_args(MutantWord)


@dataclass(frozen=True, slots=True, kw_only=True)
class MutantOutcome:
    """`detail` is the counterexample, or the reason, in one line; `steps` the length of the schedule that was found;
    `violated` what it breaks in the property's own words."""

    word: MutantWord
    detail: str = ""
    steps: int | None = None
    violated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MutantResult:
    """A mutant's outcome for each property, in the order of the scenario."""

    name: str
    kind: MutantKind
    outcomes: tuple[tuple[str, MutantOutcome], ...]

    @property
    def overall(self) -> MutantOutcome:
        """The outcome for the property that notices it most clearly, in the order of `MutantWord`."""
        return min((outcome for _, outcome in self.outcomes), key=lambda each: WORST.index(each.word))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The number of mutants with each outcome. Equivalent ones, and those without a program, do not count."""

    counts: tuple[tuple[MutantWord, int], ...]

    def of(self, *words: MutantWord) -> int:
        return sum(count for word, count in self.counts if word in words)

    @property
    def noticed(self) -> int:
        return self.of("killed", "fails", "vacuous")

    @property
    def total(self) -> int:
        return self.noticed + self.of("survived", "undecided")

    @property
    def suspect(self) -> bool:
        """Whether no mutant breaks the property, and none is undecided. Mutants noticed otherwise may have little to do
        with it."""
        return not self.of("killed", "undecided")

    @property
    def zero(self) -> bool:
        """Whether no mutant is noticed in any way, and none is undecided."""
        return not self.noticed and not self.of("undecided")


def score(outcomes: Iterable[MutantOutcome]) -> Score:
    """The score of these outcomes."""
    counts = Counter(each.word for each in outcomes)
    return Score(counts=tuple((word, counts[word]) for word in WORST))
