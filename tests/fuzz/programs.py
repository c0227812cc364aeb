"""Random programs: the encoder against explicit-state search, brute force over the axioms, the replay, and the laws."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from encoder.memory import LKMM, MODELS, SC
from encoder.program.core import Program, Property
from tests.concrete.enumerate import Candidate, TooMany, allowed
from tests.fuzz.asked import Asker
from tests.fuzz.differ import Compared, compare, names_matter
from tests.fuzz.ends import End, completes, ends, prefixes
from tests.fuzz.maker import SHAPES, Limits, Maker
from tests.fuzz.shown import shown
from tests.fuzz.told import EXPLORED, Executions

SMALL = ((2, 2), (2, 3), (2, 3), (2, 4), (3, 2))
ASKED = 25  # ends of one program
TRIED = 40  # executions of one program, for one that is no interleaving
SHARES: Mapping[str, float] = {
    **{f"{model} {word}": share for model in MODELS for word, share in (("refuted", 15), ("proved", 5))},
    **{f"{model} vacuous": 10 for model in MODELS},
    **{f"{model} against the axioms": 20 for model in MODELS},
    **{f"{model} against the explorer": 60 for model in EXPLORED}, **{f"{model} agrees": 60 for model in EXPLORED},
    "sc refused": 0.5, "refuted, not under sc": 0.4, "refuted under lkmm alone": 0.2,
    "races": 0.3, "other names": 5, "ends allowed": 50, "ends forbidden": 50, "interleavings": 5,
}  # fmt: skip
"""What must have been compared, for each hundred programs: otherwise nothing is learned from no difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """`most` executions of one program are tried. `shapes` is how many threads of how many steps."""

    most: int = 300
    shapes: Sequence[tuple[int, int]] = SHAPES


def examined(seed: int, effort: Effort) -> Compared:
    """One program of a long run: every fourth by all its ends, the others by a property."""
    chance = random.Random(seed)
    if seed % 4:
        return by_property(chance, effort)
    return by_ends(chance, complete=seed % 8 == 0, effort=effort)


def by_property(chance: random.Random, effort: Effort) -> Compared:
    """A program asked whether a property holds, by whole answers."""
    made = Maker(chance, Limits(shapes=effort.shapes)).program()
    try:
        executions = Executions(made, effort.most) if effort.most else None
    except TooMany:
        executions = None
    asked, depth = property_of(chance, made, executions), chance.choice((None, None, None, None, 3, 5, 8))
    found = compare(made, asked, depth, executions)
    if chance.random() > 0.8:
        found.counts["other names"] += 1
        found.wrong += names_matter(made, asked, depth)
    found.wrong = [f"{wrong}\n{shown(made, asked, depth)}" for wrong in found.wrong]
    return found


def property_of(chance: random.Random, made: Program, executions: Executions | None) -> Property:
    """A property by chance, or about how an execution ends: one that a weak model alone allows, where one is met."""
    asker = Asker(chance)
    if executions is None or not executions.found or chance.random() > 0.75:
        return asker.anything(made)
    every = [each for _, each in executions.found]
    whole = [each for each in every if all(local.ended for local in each.end.locals)]
    for each in chance.sample(whole, min(TRIED, len(whole))):
        if allowed(made, LKMM, each) and not _interleaves(made, each, every):
            return asker.about(made, each.end, whole=True)
    return asker.about(made, chance.choice(every).end)


def _interleaves(made: Program, one: Candidate, every: Sequence[Candidate]) -> bool:
    """Whether some interleaving ends as this execution does."""
    end = _end(one)
    return any(allowed(made, SC, each) for each in every if _end(each) == end)


def _end(candidate: Candidate) -> tuple[object, ...]:
    return candidate.end.memory, *((local.place, local.values) for local in candidate.end.locals)


def by_ends(chance: random.Random, *, complete: bool, effort: Effort) -> Compared:
    """A program asked for all its ends, and for the model's flags if only `complete` executions count."""
    limits = Limits(closed=complete, wrong=not complete, symbols=False, shapes=effort.shapes)
    made, compared = Maker(chance, limits).program(), Compared()
    try:
        found = ends(made, effort.most, complete=complete, coherent=chance.random() < 0.75)
    except TooMany:
        compared.counts["too many"] += 1
        return compared
    for name, model in MODELS.items() if found else ():
        told = completes(made, model, found) if complete else prefixes(made, model, picked(chance, found))
        compared.counts["ends allowed"] += told.allowed
        compared.counts["ends forbidden"] += told.forbidden
        compared.counts["races"] += "data-race" in told.true
        for what, may in told.wrong:
            told_by = "allow" if may else "forbid"
            compared.wrong.append(f"{name}: the axioms {told_by} {what}, not so the encoder\n{shown(made, None, None)}")
    return compared


def picked(chance: random.Random, found: dict[End, list]) -> dict[End, list]:
    """Those ends in which most has happened, and a few others."""
    order = sorted(found, key=lambda what: (-max(len(c.found.done) for c in found[what]), chance.random()))
    return {what: found[what] for what in order[:ASKED] + chance.sample(order[ASKED:], min(10, len(order[ASKED:])))}


def missing(counts: Mapping[str, int], programs: int, shares: Mapping[str, float] = SHARES) -> list[str]:
    """What was compared too seldom."""
    return [
        f"too seldom: {what}, {counts.get(what, 0)} times in {programs} programs"
        for what, share in shares.items()
        if counts.get(what, 0) * 100 < share * programs
    ]
