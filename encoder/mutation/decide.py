"""A mutant decided under one memory model: which of the properties that held still hold."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from encoder.base.errors import SelfCheckError
from encoder.base.result import ScheduleStep
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.replay import replay
from encoder.graph.build import build
from encoder.graph.events import Graph
from encoder.memory import MODELS
from encoder.mutation.outcome import MutantOutcome
from encoder.mutation.search import search
from encoder.program.core import Program, Property
from encoder.program.indices import unclear_srcu_end
from encoder.smt.encode import encode_properties, graph_for
from encoder.smt.encoding import Encoding
from encoder.smt.solvers.z3_solver import Answer, Goals, SolverModel
from encoder.smt.text.script import FALSE, bits

FEW_STATES, MANY_STATES = 20_000, 400_000
"""How far is searched for whatever breaks, and for what the solver says breaks."""
FAILURES = {
    "fault": "a pointer that is dereferenced may be NULL",
    "unheld": "a thread may release a lock, or end a section, that it does not hold",
    "bound": "a loop may go on beyond its bound",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """On what terms mutants are asked: seconds for each, rounds of loops without a bound, steps of a schedule."""

    model: str
    timeout: float = 20.0
    loops: int = 4
    depth: int | None = None


@dataclass
class Trial:
    """A program, and those of its properties that are asked; `reached` are those whose situation is known to be
    reached, `found` is what is known of them, `failure` why there is no proof of those that nothing breaks.

    Under sequential consistency schedules from a few starts are searched first; the solver decides what they leave, and
    what it says breaks is searched for from the start that it chose.
    """

    program: Program
    asked: tuple[Property, ...]
    terms: Options
    reached: set[str] = field(default_factory=set)
    found: dict[str, MutantOutcome] = field(default_factory=dict)
    failure: str = ""

    def run(self) -> dict[str, MutantOutcome]:
        """The outcome for each property. Raises SelfCheckError where a schedule does not break what it should."""
        self.deadline = time.monotonic() + self.terms.timeout
        self.total = MODELS[self.terms.model].total
        if self.total and unclear_srcu_end(self.program):
            self._all(MutantOutcome(word="undecided", detail="it is not known which SRCU section ends"))
            return self.found
        try:
            for symbols in starts(self.program) if self.total else ():
                self._search(symbols, FEW_STATES)
            while self.left and self._breaks():
                pass
            if self.failure:
                self._all(MutantOutcome(word="fails", detail=self.failure))
            for each in self.left:
                self.found[each.name] = self._stands(each)
        except TimeoutError:
            self._all(MutantOutcome(word="undecided", detail=f"no answer in {self.terms.timeout:g} s"))
        return self.found

    @property
    def left(self) -> tuple[Property, ...]:
        return tuple(each for each in self.asked if each.name not in self.found)

    def _all(self, outcome: MutantOutcome) -> None:
        self.found |= {each.name: outcome for each in self.left}

    def _search(self, symbols: dict[str, int], limit: int) -> bool:
        """Note what schedules from this start break or fail; whether every state was seen."""
        if not self.left:
            return False
        seen = search(
            self.program, self.left, symbols, loops=self.terms.loops, depth=self.terms.depth, max_states=limit
        )
        for each in self.left:
            if each.name in seen.broken:
                self.found[each.name] = self._killed(each, symbols, seen.broken[each.name])
        self.reached |= seen.reached
        for fault in sorted(seen.faults):
            self.failure = self.failure or FAILURES[fault]
        return seen.complete

    def _killed(self, broken: Property, symbols: dict[str, int], schedule: tuple[str, ...]) -> MutantOutcome:
        """The outcome for a property that a schedule breaks, which is run once more by the replay."""
        told = replay(self.program, broken, symbols, schedule, self.terms.loops)
        racing = [step for step in told.steps if step.racing]
        return MutantOutcome(
            word="killed",
            detail=f"{len(schedule)} steps: {', then '.join(map(_place, racing))}",
            steps=len(schedule),
            violated=told.violated.text,
        )

    @cached_property
    def graph(self) -> Graph:
        return graph_for(build(self.program, self.terms.loops), MODELS[self.terms.model], self.terms.loops)

    @cached_property
    def problem(self) -> Encoding:
        return encode_properties(self.graph, MODELS[self.terms.model], self.left, self.terms.depth, self.deadline)

    @cached_property
    def solver(self) -> Goals:
        return Goals(self.problem.text, self.deadline, alone=True)

    def _check(self, *goals: str) -> Answer:
        """Whether one of the goals is reached. Raises TimeoutError where that is not decided."""
        wanted = [goal for name in goals if (goal := self.problem.goals.get(name, FALSE)) != FALSE]
        if not wanted:
            return Answer(word="unsat", reason="", model=None)
        answer = self.solver.decide(f"(or {' '.join(wanted)})")
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        return answer

    def _breaks(self) -> bool:
        """Ask for what breaks a property that is left, or fails; note it. False if there is nothing."""
        violations = [f"violation.{each.name}" for each in self.left]
        failures = [] if self.failure else [name for name in FAILURES if name != "bound" or self.terms.depth is None]
        found = self._check(*violations, *failures).model
        if found is None:
            return False
        broken = self._broken(found)
        if not broken:
            self.failure = next(FAILURES[name] for name in failures if self._holds(found, name))
            return True
        if self.total:
            self._confirm(found, broken[0])
        else:
            steps = sum(found.true(f"done.{s.thread}.{s.index}") for s in self.graph.steps)
            outcome = MutantOutcome(word="killed", detail=f"an execution of {steps} steps", steps=steps)
            self.found |= {each.name: outcome for each in broken}
        return True

    def _broken(self, model: SolverModel) -> list[Property]:
        return [each for each in self.left if self._holds(model, f"violation.{each.name}")]

    def _holds(self, model: SolverModel, goal: str) -> bool:
        literal = self.problem.goals.get(goal, FALSE)
        return literal != FALSE and model.true(literal.strip("|"))

    def _confirm(self, model: SolverModel, sure: Property) -> None:
        """Search from the start that the solver chose for what it says breaks there. Raises SelfCheckError."""
        symbols = {s.name: self._symbol(model, s.name) for s in self.program.symbols}
        if self._search(symbols, FEW_STATES) or sure.name in self.found or self._search(symbols, MANY_STATES):
            if sure.name not in self.found:
                raise SelfCheckError(
                    f"{self.program.scenario}: from {symbols} the solver breaks {sure.name}, the search does not"
                )
        elif sure.name not in self.found:
            self.found[sure.name] = MutantOutcome(
                word="killed", detail=f"by a schedule among over {MANY_STATES} states"
            )

    def _symbol(self, model: SolverModel, name: str) -> int:
        term = self.graph.symbols[name]
        return term.low if term.value is not None else model.number(term.name, bits(term))

    def _stands(self, asked: Property) -> MutantOutcome:
        """The outcome for a property that no schedule breaks."""
        if asked.name in self.reached or self._check(f"situation.{asked.name}").word == "sat":
            return MutantOutcome(word="survived")
        return MutantOutcome(word="vacuous", detail="its situation is no longer reached")


def starts(program: Program) -> Iterator[dict[str, int]]:
    """The symbols' first values, and those with every flag set; none where they contradict what is assumed."""
    machine = Machine(program)
    first = {symbol.name: symbol.first for symbol in program.symbols}
    flags = {symbol.name: symbol.last for symbol in program.symbols if symbol.last == 1}
    for symbols in [first, first | flags] if flags else [first]:
        if not machine.contradicted(symbols):
            yield symbols


def _place(step: ScheduleStep) -> str:
    """`cpu0 at gup_fast/grab`."""
    return f"{step.thread} at {step.procedure}/{step.label}" if step.procedure else f"{step.thread} at {step.label}"
