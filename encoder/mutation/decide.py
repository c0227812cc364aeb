"""A mutant decided under one memory model: which of the properties that held still hold."""

import time
from dataclasses import dataclass, field
from functools import cached_property

from encoder.concrete.explore import Exploration, explore
from encoder.concrete.replay import replay
from encoder.errors import SelfCheckError
from encoder.graph.build import build, with_dependencies
from encoder.graph.events import Graph
from encoder.memory import MODELS
from encoder.memory.relation import has_dependencies, is_total
from encoder.mutation.outcome import Outcome
from encoder.program.core import Program, Property
from encoder.result import ScheduleStep
from encoder.smt.script import FALSE, bits
from encoder.smt.several import Several, several
from encoder.smt.solver import Answer, Goals, Model

FEW_STATES, MANY_STATES = 20_000, 400_000
"""How far is searched for whatever breaks, and for what the solver says breaks."""
FAILURES = {
    "fault": "a pointer that is followed may be NULL",
    "unheld": "a lock may be released by who does not hold it",
    "bound": "a loop may go on beyond its bound",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms mutants are asked: seconds for each, rounds of loops without a bound, steps of a schedule."""

    model: str
    timeout: float = 20.0
    loops: int = 4
    depth: int | None = None


@dataclass
class Trial:
    """A program, and those of its properties that are asked; `found` is what is known of them,
    `reached` those whose situation is known to be reached."""

    program: Program
    asked: tuple[Property, ...]
    terms: Terms
    reached: frozenset[str] = frozenset()
    found: dict[str, Outcome] = field(default_factory=dict)

    def run(self) -> dict[str, Outcome]:
        """The outcome for each property. Raises SelfCheckError where a schedule does not break what it should."""
        self.deadline = time.monotonic() + self.terms.timeout
        try:
            while self.left and self._breaks():
                pass
            if self.left and (fails := self._fails()):
                self._all(fails)
            for each in self.left:
                self.found[each.name] = self._stands(each)
        except TimeoutError:
            self._all(Outcome(word="undecided", detail=f"no answer in {self.terms.timeout:g} s"))
        return self.found

    @property
    def left(self) -> tuple[Property, ...]:
        return tuple(each for each in self.asked if each.name not in self.found)

    def _all(self, outcome: Outcome) -> None:
        self.found |= {each.name: outcome for each in self.left}

    @cached_property
    def graph(self) -> Graph:
        graph = build(self.program, self.terms.loops)
        return with_dependencies(graph, self.terms.loops) if has_dependencies(MODELS[self.terms.model]) else graph

    @cached_property
    def problem(self) -> Several:
        return several(self.graph, MODELS[self.terms.model], self.asked, self.terms.depth, self.deadline)

    @cached_property
    def solver(self) -> Goals:
        return Goals(self.problem.text, self.deadline, alone=True)

    @cached_property
    def lax(self) -> Goals:
        return Goals(self.problem.lax, self.deadline, alone=True)

    def _check(self, goals: list[str]) -> Answer:
        """Whether one of the goals is reached. Raises TimeoutError where that is not decided."""
        wanted = [goal for name in goals if (goal := self.problem.goals.get(name, FALSE)) != FALSE]
        if not wanted:
            return Answer(word="unsat", reason="", model=None)
        answer = self.solver.decide(f"(or {' '.join(wanted)})")
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        return answer

    def _unreached(self, goal: str) -> bool:
        """Whether a goal that is hardly ever reached is not; the axioms are looked at where they matter."""
        literal = self.problem.goals.get(goal, FALSE)
        if literal != FALSE and self.problem.lax and self.lax.decide(literal).word == "unsat":
            return True
        return self._check([goal]).word == "unsat"

    def _breaks(self) -> bool:
        """Look for a schedule that breaks a property that is left, and note what it breaks."""
        answer = self._check([f"violation.{each.name}" for each in self.left])
        if answer.model is None:
            return False
        broken = [each for each in self.left if answer.model.true(self._literal(f"violation.{each.name}"))]
        if not broken:
            raise SelfCheckError(f"{self.program.scenario}: the solver names no property that its schedule breaks")
        if is_total(MODELS[self.terms.model]):
            self._interleaved(answer.model, broken[0])
        else:
            steps = sum(answer.model.true(f"done.{s.thread}.{s.index}") for s in self.graph.steps)
            self.found |= {
                each.name: Outcome(word="killed", detail=f"an execution of {steps} steps", steps=steps)
                for each in broken
            }
        return True

    def _literal(self, goal: str) -> str:
        return self.problem.goals[goal].strip("|")

    def _interleaved(self, model: Model, sure: Property) -> None:
        """Search from the start that the solver chose: the property that it says can break, must; others may too.

        Raises SelfCheckError.
        """
        symbols = {s.name: self._symbol(model, s.name) for s in self.program.symbols}
        while self.left:
            exploration = self._explored(self.left, symbols, FEW_STATES)
            if exploration.violated is None:
                break
            self._note(exploration)
        if sure.name in self.found:
            return
        exploration = self._explored((sure,), symbols, MANY_STATES)
        if exploration.violated is not None:
            self._note(exploration)
        elif exploration.outcome == "gave up":
            self.found[sure.name] = Outcome(word="killed", detail=f"by a schedule among more than {MANY_STATES} states")
        else:
            raise SelfCheckError(
                f"{self.program.scenario}: from {symbols} the solver breaks {sure.name}, and the explorer does not"
            )

    def _symbol(self, model: Model, name: str) -> int:
        term = self.graph.symbols[name]
        return term.low if term.value is not None else model.number(term.name, bits(term))

    def _explored(self, asked: tuple[Property, ...], symbols: dict[str, int], limit: int) -> Exploration:
        union = Property(name="", title="", text="", instances=tuple(i for each in asked for i in each.instances))
        return explore(
            self.program, union, loops=self.terms.loops, max_states=limit, depth=self.terms.depth, choices=[symbols]
        )

    def _note(self, exploration: Exploration) -> None:
        """What breaks at the end of a schedule, and how."""
        broken = next(each for each in self.left if exploration.violated in each.instances)
        told = replay(self.program, broken, dict(exploration.symbols), exploration.schedule, self.terms.loops)
        racing = [step for step in told.steps if step.racing]
        steps = len(told.steps)
        self.found[broken.name] = Outcome(
            word="killed",
            detail=f"{steps} steps: {', then '.join(map(_place, racing))}",
            steps=steps,
            violated=told.violated.text,
        )

    def _fails(self) -> Outcome | None:
        """Why there is no proof though nothing breaks, if so."""
        for goal, reason in FAILURES.items():
            if (goal != "bound" or self.terms.depth is None) and not self._unreached(goal):
                return Outcome(word="fails", detail=reason)
        return None

    def _stands(self, asked: Property) -> Outcome:
        """The outcome for a property that no schedule breaks."""
        if asked.name in self.reached or not self._unreached(f"situation.{asked.name}"):
            return Outcome(word="survived")
        return Outcome(word="vacuous", detail="its situation is no longer reached")


def _place(step: ScheduleStep) -> str:
    """`cpu0 at gup_fast/grab`."""
    return f"{step.thread} at {step.procedure}/{step.label}" if step.procedure else f"{step.thread} at {step.label}"
