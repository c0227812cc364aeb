"""Random programs: the encoder against explicit-state search, brute force over the axioms, the replay, and the laws."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from encoder.memory import LKMM, MODELS, SC
from encoder.memory.model import MemoryModel
from encoder.program.core import Program, Property
from tests.concrete.enumerate import Candidate, TooMany, allowed
from tests.fuzz.aimed import Aimed
from tests.fuzz.asked import Asker
from tests.fuzz.differ import Compared, agreement, compare, names_matter
from tests.fuzz.ends import End, completes, ends, prefixes
from tests.fuzz.features import features
from tests.fuzz.maker import SHAPES, Limits, Maker
from tests.fuzz.rewritten import the_same
from tests.fuzz.shown import shown
from tests.fuzz.told import EXPLORED, Executions
from tests.fuzz.twisted import SHAPES as TWISTED
from tests.fuzz.twisted import Twisted

SMALL = ((2, 2), (2, 3), (2, 3), (2, 4), (3, 2))
ASKED = 25  # ends of one program
TRIED = 40  # executions of one program, for one that is no interleaving
SHARES: Mapping[str, float] = {
    **{f"{model} {word}": share for model in MODELS for word, share in (("refuted", 15), ("proved", 5))},
    **{f"{model} vacuous": 6 for model in MODELS},
    **{f"{model} against the axioms": 30 for model in MODELS},
    **{f"{model} against the explorer": 50 for model in EXPLORED}, **{f"{model} agrees": 50 for model in EXPLORED},
    "sc refused": 0.4, "refuted, not under sc": 2, "refuted under lkmm alone": 2,
    "races": 2, "other names": 5, "with barriers": 6, "ends allowed": 100, "ends forbidden": 50, "interleavings": 5,
    "weak ends asked": 3, "forbidden ends asked": 0.7, "written otherwise": 8,
    **{f"set in one arm, used as {use}": share for use, share in (("value", 10), ("address", 3), ("condition", 8))},
    **{f"set in both arms, used as {use}": share for use, share in (("value", 3), ("address", 0.7), ("condition", 2))},
    "an arm sets what was there": 12, "nested ifs": 8, "a pointer chosen in an arm": 3, "a circle through a branch": 7,
    "a plain store in such a circle": 1, "three threads in such a circle": 0.4, **dict.fromkeys(TWISTED, 0.5),
}  # fmt: skip
"""What must have been compared, for each hundred programs: otherwise nothing is learned from no difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """`most` executions of one program are tried. `shapes` is how many threads of how many steps."""

    most: int = 300
    shapes: Sequence[tuple[int, int]] = SHAPES


def examined(seed: int, effort: Effort) -> Compared:
    """One program of a long run: every other one is aimed at weak ends, every eighth is asked for all its ends, the
    others whether a property holds; some are of little but sections and who waits for them, some of twisted shapes."""
    chance, waits = random.Random(seed), seed % 32 in (4, 12, 20, 24)
    if seed % 2:
        return by_aim(chance, effort)
    if seed % 32 in (2, 14, 22, 30):
        return by_shape(chance, effort)
    if seed % 8:
        return by_property(chance, effort, waits=waits)
    return by_ends(chance, complete=seed % 16 == 0, effort=effort, waits=waits)


def by_aim(chance: random.Random, effort: Effort) -> Compared:
    """A program aimed at weak ends: asked for all its ends, and by halves whether one of them can be reached."""
    made = Aimed(chance).program()
    try:
        executions = Executions(made, effort.most, complete=True)
    except TooMany:
        return Compared(counts=Counter(["too many"]))
    if not executions.found:
        return Compared(counts=Counter(["no end"]))
    models = {name: each for name, each in MODELS.items() if each.uses_dependencies or chance.random() > 0.9}
    found = all_ends(made, executions.by_end(), models, complete=True)
    if chance.random() > 0.5:
        asked, which = aimed_at(chance, made, executions)
        told = compare(made, asked, None, executions)
        if chance.random() > 0.5:
            found.counts["written otherwise"] += 1
            told.wrong += the_same(chance, made, asked, None)
        found.counts.update((which, *told.counts.elements()))
        found.wrong += [f"{wrong}\n{shown(made, asked, None)}" for wrong in told.wrong]
    found.counts.update(features(made))
    return found


def by_shape(chance: random.Random, effort: Effort) -> Compared:
    """A program of a twisted shape, asked for all its ends and whether one of them can be reached."""
    complete = chance.random() < 0.5
    maker = Twisted(chance, Limits(closed=complete))
    made = maker.program()
    try:
        executions = Executions(made, effort.most, complete=complete)
    except TooMany:
        executions = None
    found, asked = Compared(), Asker(chance).anything(made)
    if executions is not None and executions.found:
        pick = partial(picked, chance)
        found = all_ends(made, executions.by_end(), MODELS, complete=complete, pick=pick)
        asked = Asker(chance).about(made, chance.choice(executions.found)[1].end, whole=True)
    told = compare(made, asked, None, None if complete else executions)
    found.counts.update((maker.shape, *told.counts.elements()))
    found.wrong += [f"{wrong}\n{shown(made, asked, None)}" for wrong in told.wrong]
    return found


def aimed_at(chance: random.Random, made: Program, executions: Executions) -> tuple[Property, str]:
    """An end that the kernel's model alone allows, or one that even it forbids, where there are such."""
    kinds: dict[str, list[Candidate]] = {}
    for ways in executions.by_end().values():
        if not any(allowed(made, LKMM, each) for each in ways):
            kinds.setdefault("forbidden ends asked", []).append(ways[0])
        elif not any(allowed(made, SC, each) for each in ways):
            kinds.setdefault("weak ends asked", []).append(ways[0])
        else:
            kinds.setdefault("strong ends asked", []).append(ways[0])
    which = min(kinds, key=lambda kind: (kind.startswith("strong"), chance.random()))
    return Asker(chance).whole(made, chance.choice(kinds[which]).end), which


def by_property(chance: random.Random, effort: Effort, *, waits: bool = False) -> Compared:
    """A program asked whether a property holds, by whole answers."""
    made = Maker(chance, Limits(shapes=effort.shapes, waits=waits, plain=not waits)).program()
    try:
        executions = Executions(made, effort.most) if effort.most else None
    except TooMany:
        executions = None
    asked, depth = property_of(chance, made, executions), chance.choice((None, None, None, None, 3, 5, 8))
    found = compare(made, asked, depth, executions)
    if chance.random() > 0.8:
        found.counts["other names"] += 1
        found.wrong += names_matter(made, asked, depth)
    if waits:
        fenced = agreement(made, asked)
        found.counts.update(fenced.counts)
        found.wrong += fenced.wrong
    elif chance.random() > 0.85:
        found.counts["written otherwise"] += 1
        found.wrong += the_same(chance, made, asked, depth)
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


def by_ends(chance: random.Random, *, complete: bool, effort: Effort, waits: bool = False) -> Compared:
    """A program asked for all its ends, and for the model's flags if only `complete` executions count."""
    limits = Limits(closed=complete, wrong=not complete, symbols=False, shapes=effort.shapes, waits=waits)
    made, compared = Maker(chance, limits).program(), Compared()
    try:
        found = ends(made, effort.most, complete=complete, coherent=chance.random() < 0.75)
    except TooMany:
        compared.counts["too many"] += 1
        return compared
    if not found:
        return compared
    return all_ends(made, found, MODELS, complete=complete, pick=lambda every: picked(chance, every))


def all_ends(
    made: Program,
    found: dict[End, list[Candidate]],
    models: Mapping[str, MemoryModel],
    *,
    complete: bool,
    pick: Callable[[dict[End, list[Candidate]]], dict[End, list[Candidate]]] = dict,
) -> Compared:
    """Which of its ends a program has under these models, and if only `complete` executions count which flags; of the
    ends of others those that `pick` picks."""
    compared = Compared()
    for name, model in models.items():
        told = completes(made, model, found) if complete else prefixes(made, model, pick(found))
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


def missing(counts: Mapping[str, int], programs: int, shares: Mapping[str, float]) -> list[str]:
    """What was compared too seldom."""
    return [
        f"too seldom: {what}, {counts.get(what, 0)} times in {programs} programs"
        for what, share in shares.items()
        if counts.get(what, 0) * 100 < share * programs
    ]
