"""What the encoder, the explorer and brute force say of a property: the same three words and numbers from each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import Literal
from unittest.mock import patch

from encoder.base.errors import InputError
from encoder.base.result import Opinion, Proved, Question, Refuted, Unknown, Vacuous, Verdict
from encoder.concrete.explorer.compare_verdicts import SearchLimits, compare_verdicts
from encoder.concrete.explorer.explore import explore
from encoder.concrete.interleaving.judgement import PropertyJudge
from encoder.concrete.interleaving.machine import Machine
from encoder.memory import MODELS
from encoder.memory.model import MemoryModel, StateMachine
from encoder.program.core import BOOL, Const, Program, Property
from encoder.verify.counterexample import INTERLEAVING
from encoder.verify.engine import answer
from tests.arm64 import compiled
from tests.concrete.build import never
from tests.concrete.enumerate import LOOPS, Candidate, TooMany, allowed, executions
from tests.fuzz.ends import End, end
from tests.opponent.grounded import grounded

MOST_STATES = 20_000
MOST_TRIED = 400  # executions of one question
NOTHING = never(Const(0, BOOL))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`steps` are those of a shortest schedule that breaks the property, `beyond` says that a loop goes on, `refused`
    is the code of a problem of the program, `interleaving` that shorter executions which are none were not looked
    for. None: not told. "nothing" is said where only values from thin air break the property, and where SC and TSO do
    not tell which section ends. `verdict` has all that the encoder says."""

    word: Literal["proved", "refuted", "vacuous", "refused", "nothing"]
    steps: int | None = None
    beyond: bool | None = None
    refused: str | None = None
    interleaving: bool = False
    verdict: Verdict | None = field(default=None, compare=False, repr=False)


Opponent = Callable[[Program, Property, int | None], Told | None]
"""Somebody who decides the same: a program, a property and the most steps of a schedule; None where it gives up."""


def encoder(made: Program, asked: Property, model: str, depth: int | None = None) -> Told:
    """What people are told: every witness has been replayed. Raises SelfCheckError where the replay disagrees."""
    question = Question(scenario="s", variant="v", property="p", model=model, depth=depth, loops=LOOPS)
    try:
        with patch("encoder.verify.close_loops.STATES", MOST_STATES):
            report = answer(compiled(replace(made, properties=(asked,))), question)
    except InputError as error:
        return Told(word="refused", refused=error.problems[0].code)
    verdict = report.verdict
    match verdict:
        case Proved(open_loops=loops, idle_loops=idle, searched_loops=searched):
            return Told(word="proved", beyond=bool(loops or idle or searched), verdict=verdict)
        case Vacuous(complete=complete, idle_loops=idle):
            beyond = None if depth is not None else not complete or bool(idle)
            return Told(word="vacuous", beyond=beyond, verdict=verdict)
        case Refuted(witness=witness):
            interleaving = INTERLEAVING in report.flags
            return Told(word="refuted", steps=len(witness.schedule), interleaving=interleaving, verdict=verdict)
        case Unknown(reason=reason) if "thin air" in reason or "which SRCU section ends" in reason:
            return Told(word="nothing", verdict=verdict)
        case Unknown(reason=reason):
            raise AssertionError(f"unknown: {reason}")


def explorer(made: Program, asked: Property, depth: int | None = None, *, model: str = "sc") -> Told | None:
    """Every interleaving, of stores that wait in buffers too where the model has them, one state after the other."""
    try:
        found = explore(made, asked, loops=LOOPS, max_states=MOST_STATES, depth=depth, machine=MACHINES[model])
    except ValueError:
        return Told(word="refused", refused="Q103")
    if found.outcome == "gave up":
        return None
    if found.outcome == "violated":
        return Told(word="refuted", steps=len(found.schedule))
    return Told(word="proved" if found.situation else "vacuous", beyond=bool(found.beyond))


def opinion(made: Program, asked: Property, depth: int | None, model: str, verdict: Verdict) -> Opinion:
    """What a reduced search says of everything in a verdict."""
    limits = SearchLimits(states=MOST_STATES, seconds=60)
    machine = MACHINES[model]
    (found,) = compare_verdicts(made, [(asked, verdict)], machine=machine, loops=LOOPS, depth=depth, limits=limits)
    return found


def faulty(made: Program, depth: int | None, model: str) -> bool | None:
    """Whether a schedule follows a pointer to nowhere, or releases what it does not hold; None: not known."""
    deeper = None if depth is None else depth + 1
    found = explore(made, NOTHING, loops=LOOPS, max_states=MOST_STATES, depth=deeper, machine=MACHINES[model])
    return None if found.outcome == "gave up" else found.fault is not None


class Executions:
    """All executions of a program before a model has judged them; `complete`: only those in which every thread has
    ended. Raises TooMany where there are more than `most`."""

    def __init__(self, made: Program, most: int, *, complete: bool = False) -> None:
        self.made = made = compiled(made)
        self.complete = complete
        self.found: list[tuple[dict[str, int], Candidate]] = []
        for symbols in starts(made):
            for candidate in executions(made, symbols, complete=complete, coherent=True, most=10 * most):
                self.found.append((symbols, candidate))
                if len(self.found) > most:
                    raise TooMany

    def by_end(self) -> dict[End, list[Candidate]]:
        """The executions by all that a property can tell of their ends."""
        found: dict[End, list[Candidate]] = {}
        for _, candidate in self.found:
            found.setdefault(end(self.made, candidate.end), []).append(candidate)
        return found

    def told(self, asked: Property, model: str, depth: int | None = None) -> Told:
        """The verdict under a model, by trying the executions one by one, the shortest first. Raises TooMany."""
        judge = PropertyJudge(Machine(self.made, LOOPS), asked)
        near = [c for _, c in self.found if depth is None or len(c.found.done) <= depth]
        near.sort(key=lambda c: len(c.found.done))
        broken = [c for c in near if judge.violations(c.end)]
        found = self._first(MODELS[model], (c for c in broken if grounded(c.found)))
        if found is not None:
            return Told(word="refuted", steps=len(found.found.done))
        if self._first(MODELS[model], (c for c in broken if not grounded(c.found))) is not None:
            return Told(word="nothing")
        reached = self._first(MODELS[model], (c for c in near if judge.situations(c.end)))
        stopped = self._first(MODELS[model], (c for c in near if any(walk.stopped for walk in c.found.runs)))
        beyond = None if self.complete else stopped is not None
        return Told(word="vacuous" if reached is None else "proved", beyond=beyond)

    def _first(self, model: MemoryModel, candidates: Iterator[Candidate]) -> Candidate | None:
        for tried, candidate in enumerate(candidates):
            if tried == MOST_TRIED:
                raise TooMany
            if allowed(self.made, model, candidate):
                return candidate
        return None


def starts(made: Program) -> Sequence[dict[str, int]]:
    """The symbols that the assumptions admit."""
    machine = Machine(made, LOOPS)
    values = product(*(range(symbol.first, symbol.last + 1) for symbol in made.symbols))
    names = [symbol.name for symbol in made.symbols]
    every = (dict(zip(names, numbers, strict=True)) for numbers in values)
    return [chosen for chosen in every if not machine.contradictions(chosen)]


MACHINES: dict[str, StateMachine] = {name: each.explorable for name, each in MODELS.items() if each.explorable}
EXPLORED = tuple(MACHINES)
OPPONENTS: Mapping[str, Mapping[str, Opponent]] = {
    model: {"the explorer": partial(explorer, model=model)} if model in EXPLORED else {} for model in MODELS
}  # fmt: skip
"""Those that know the models' executions by another way than their axioms."""
