"""Decides a mutant under one memory model: which of the properties proved for the original still hold."""

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
from encoder.mutation.search import search_schedules
from encoder.program.core import Program, Property
from encoder.program.indices import unclear_srcu_end
from encoder.smt.encode import encode_properties, graph_for
from encoder.smt.encoding import Encoding
from encoder.smt.solvers.z3_solver import TRIVIALLY_UNSAT, Answer, GoalSolver, SolverModel
from encoder.smt.text.script import FALSE, bit_width

FEW_STATES, MANY_STATES = 20_000, 400_000
"""Limits of the search: for any violation, and for one that the solver says exists."""
FAULT_DETAILS = {
    "fault": "a pointer that is dereferenced may be NULL",
    "unheld": "a thread may release a lock, or end a section, that it does not hold",
    "bound": "a loop may go on beyond its bound",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How mutants are judged: memory model, seconds for each, bound of loops without one, steps of a schedule (None:
    any)."""

    model: str
    timeout: float = 20.0
    loops: int = 4
    depth: int | None = None


@dataclass
class MutantDecision:
    """Decides the properties `props` of a program.

    `reached` are those whose situation is known to be reached, `found` has the outcomes known so far, `fault` says why
    properties that no schedule breaks are not proved all the same. Under sequential consistency, schedules from a few
    initial states are searched first; the solver decides what these leave, and a violation that it finds is searched
    for from the initial state that it chose.
    """

    program: Program
    props: tuple[Property, ...]
    options: Options
    reached: set[str] = field(default_factory=set)
    found: dict[str, MutantOutcome] = field(default_factory=dict)
    fault: str = ""

    def decide(self) -> dict[str, MutantOutcome]:
        """The outcome for each property. Raises SelfCheckError where the search does not confirm the solver's
        violation."""
        self.deadline = time.monotonic() + self.options.timeout
        self.total = MODELS[self.options.model].total
        if self.total and unclear_srcu_end(self.program):
            self._settle_all(MutantOutcome(word="undecided", detail="it is not known which SRCU section ends"))
            return self.found
        try:
            for symbols in initial_choices(self.program) if self.total else ():
                self._search(symbols, FEW_STATES)
            while self.undecided and self._find_violation():
                pass
            if self.fault:
                self._settle_all(MutantOutcome(word="fails", detail=self.fault))
            for each in self.undecided:
                self.found[each.name] = self._outcome_without_violation(each)
        except TimeoutError:
            self._settle_all(MutantOutcome(word="undecided", detail=f"no answer in {self.options.timeout:g} s"))
        return self.found

    @property
    def undecided(self) -> tuple[Property, ...]:
        return tuple(each for each in self.props if each.name not in self.found)

    def _settle_all(self, outcome: MutantOutcome) -> None:
        self.found |= {each.name: outcome for each in self.undecided}

    def _search(self, symbols: dict[str, int], limit: int) -> bool:
        """Note what schedules from this initial state break, and their faults; returns whether every state was
        visited."""
        if not self.undecided:
            return False
        seen = search_schedules(
            self.program, self.undecided, symbols, loops=self.options.loops, depth=self.options.depth, max_states=limit
        )
        for each in self.undecided:
            if each.name in seen.broken:
                self.found[each.name] = self._killed_outcome(each, symbols, seen.broken[each.name])
        self.reached |= seen.reached
        for fault in sorted(seen.faults):
            self.fault = self.fault or FAULT_DETAILS[fault]
        return seen.complete

    def _killed_outcome(self, broken: Property, symbols: dict[str, int], schedule: tuple[str, ...]) -> MutantOutcome:
        """The outcome for a property that a schedule breaks; the schedule is replayed."""
        replayed = replay(self.program, broken, symbols, schedule, self.options.loops)
        racing = [step for step in replayed.steps if step.racing]
        return MutantOutcome(
            word="killed",
            detail=f"{len(schedule)} steps: {', then '.join(map(_place, racing))}",
            steps=len(schedule),
            violated=replayed.violated.text,
        )

    @cached_property
    def graph(self) -> Graph:
        return graph_for(build(self.program, self.options.loops), MODELS[self.options.model], self.options.loops)

    @cached_property
    def encoding(self) -> Encoding:
        return encode_properties(
            self.graph, MODELS[self.options.model], self.undecided, self.options.depth, self.deadline
        )

    @cached_property
    def solver(self) -> GoalSolver:
        return GoalSolver(self.encoding.formula, self.deadline, fresh_context=True)

    def _reach_any(self, *goals: str) -> Answer:
        """Whether one of the goals can be reached. Raises TimeoutError where that is not decided."""
        wanted = [goal for name in goals if (goal := self.encoding.goals.get(name, FALSE)) != FALSE]
        if not wanted:
            return TRIVIALLY_UNSAT
        answer = self.solver.decide(f"(or {' '.join(wanted)})")
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        return answer

    def _find_violation(self) -> bool:
        """Find a violation of an undecided property, or a fault, and note it. Returns False if there is none."""
        violations = [f"violation.{each.name}" for each in self.undecided]
        failures = (
            [] if self.fault else [name for name in FAULT_DETAILS if name != "bound" or self.options.depth is None]
        )
        found = self._reach_any(*violations, *failures).model
        if found is None:
            return False
        broken = self._broken_properties(found)
        if not broken:
            self.fault = next(FAULT_DETAILS[name] for name in failures if self._holds(found, name))
            return True
        if self.total:
            self._confirm_by_search(found, broken[0])
        else:
            steps = sum(found.true(f"done.{s.thread}.{s.index}") for s in self.graph.steps)
            outcome = MutantOutcome(word="killed", detail=f"an execution of {steps} steps", steps=steps)
            self.found |= {each.name: outcome for each in broken}
        return True

    def _broken_properties(self, model: SolverModel) -> list[Property]:
        return [each for each in self.undecided if self._holds(model, f"violation.{each.name}")]

    def _holds(self, model: SolverModel, goal: str) -> bool:
        literal = self.encoding.goals.get(goal, FALSE)
        return literal != FALSE and model.true(literal.strip("|"))

    def _confirm_by_search(self, model: SolverModel, sure: Property) -> None:
        """Search for the solver's violation from the initial state that it chose. Raises SelfCheckError where every
        state was visited and none breaks the property."""
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
        return term.low if term.value is not None else model.number(term.name, bit_width(term))

    def _outcome_without_violation(self, prop: Property) -> MutantOutcome:
        """The outcome for a property that no schedule breaks."""
        if prop.name in self.reached or self._reach_any(f"situation.{prop.name}").word == "sat":
            return MutantOutcome(word="survived")
        return MutantOutcome(word="vacuous", detail="its situation is no longer reached")


def initial_choices(program: Program) -> Iterator[dict[str, int]]:
    """Values of the symbols: all at their first values, and all flags at 1; those that contradict the assumptions are
    left out."""
    machine = Machine(program)
    first = {symbol.name: symbol.first for symbol in program.symbols}
    flags = {symbol.name: symbol.last for symbol in program.symbols if symbol.last == 1}
    for symbols in [first, first | flags] if flags else [first]:
        if not machine.contradictions(symbols):
            yield symbols


def _place(step: ScheduleStep) -> str:
    """A step as `cpu0 at gup_fast/grab`."""
    return f"{step.thread} at {step.procedure}/{step.label}" if step.procedure else f"{step.thread} at {step.label}"
