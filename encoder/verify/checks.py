"""What a verdict takes for granted, asked of all executions of a program under a model.

Each goal is put to executions of which less is asked first: to those without any order (`smt.relaxation`), which
exclude it under every model; to interleavings, where every model has them; and only then to the model's own. Nothing is
said not to happen unless the solver said `unsat` of executions among which the model's are.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from encoder.base.result import Check, Checks, Question, Unreached, Witness
from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.graph.value_cycles import circles
from encoder.memory import MODELS
from encoder.program.checks import deadlock, held
from encoder.program.core import Edited, Program, Property
from encoder.program.simplify import site_of
from encoder.program.traverse import statements
from encoder.smt.axiomatic import encode as axiomatic
from encoder.smt.encode import graph_for
from encoder.smt.encoding import goals_of
from encoder.smt.end_state import EndState
from encoder.smt.idle_loops import idle_loops
from encoder.smt.interleaving import encode as interleaving
from encoder.smt.progress import done, reach
from encoder.smt.relaxation import encode_relaxation
from encoder.smt.solvers.z3_solver import Answer, Goals, Session, SolverModel
from encoder.smt.text.script import FALSE
from encoder.smt.valuation import Valuation
from encoder.verify.counterexample import Counterexample

LATE = "not decided in time"
FLUSHED = (
    "not decided: it depends on whether an irq region or the flush that waits for it begins first, which this model "
    "does not say"
)
FROM_NOWHERE = "not decided: plain accesses may copy a value from thin air"
SURELY = "deadlock, whether or not flushes wait"
GoalWitness = Callable[[str, SolverModel], Witness]
"""The schedule in which this goal is reached, replayed."""


def ask_checks(program: Program, question: Question, graph: Graph, *, unclear: str, seconds: float) -> Checks:
    """The checks of the question's program under its model, in so many seconds. `graph` is the program's; `unclear`
    says why a model without dependencies cannot be asked, "" where it can (see `program.indices`).

    Raises SelfCheckError where a replay disagrees with the solver.
    """
    asker = _Asker(program, question, graph, time.monotonic() + seconds, unclear)
    asker.loosely()
    model = MODELS[question.model]
    if model.interleaves and not unclear:
        asker.interleaved()
    if not model.total and (model.dependent or not unclear):
        asker.weakly()
    return asker.checks()


class _Asker:
    """`open` are the goals that are not decided yet, `found` those that are reached (with a schedule, where it is to be
    shown), `why` says why some were never decided. `beyond`: loops may go on beyond their bounds, as far as is known.
    """

    def __init__(self, program: Program, question: Question, graph: Graph, deadline: float, unclear: str) -> None:
        self.program = program
        self.question = question
        self.graph = graph
        self.full_graph = graph_for(graph, MODELS[question.model], question.loops)
        self.deadline = deadline
        self.unclear = unclear
        self.properties: Mapping[str, Property] = {p.name: p for p in (deadlock(program), held(program))}
        self.steps = {f"{each.procedure}/{each.label}": each for each in program.edits if _is_asked(program, each)}
        self.open: list[str] = [*self.properties, *self.steps, "bound"]
        self.found: dict[str, Witness | None] = {}
        self.why: dict[str, str] = {}
        self.beyond = False

    # The goals

    def goals(self, state: EndState) -> dict[str, Term]:
        """The goals that are still open, of the state that an execution ends in."""
        return {name: self._goal(name, state) for name in self.open}

    def _goal(self, name: str, state: EndState) -> Term:
        if name in self.properties:
            return goals_of(state.graph, state, self.properties[name])["violation"]
        if name in self.steps:
            return _come_to(state.graph, self.steps[name])
        return state.goes_on()

    # The executions that they are put to

    def loosely(self) -> None:
        """Of executions without any order: what they do not reach no model does."""
        state = EndState(self.full_graph)
        problem = encode_relaxation(self.full_graph, state, self.goals(state))
        solver = Goals(problem.text, self.deadline, alone=True)
        for name in list(self.open):
            if self._decide(solver, problem.goals[name]).word == "unsat":
                self.open.remove(name)
        self.beyond = "bound" in self.open
        self.open = [name for name in self.open if name != "bound"]

    def interleaved(self) -> None:
        """Of interleavings: under a weaker model they only show what is reached."""
        if not self.open:
            return
        state = EndState(self.graph, "ordered")
        problem = interleaving.encode_goals(self.graph, state, self.goals(state), None)
        solver = Goals(problem.text, self.deadline, alone=True)
        last = MODELS[self.question.model].total

        def draw(name: str, model: SolverModel) -> Witness:
            """From a problem of its own: what is looked for in it adds to its text."""
            own = EndState(self.graph, "ordered")
            alone = interleaving.encode_goals(self.graph, own, {"violation": self._goal(name, own)}, None)
            return self._refutation(name).interleaved(alone, Session(alone.text, self.deadline), model)[0]

        for name in list(self.open):
            if name in self.open:
                answer = self._decide(solver, problem.goals[name])
                self._settle(name, answer, draw, last=last)
                self._pass_by(self.graph, answer)

    def weakly(self) -> None:
        """Of the executions of a weak model."""
        if not self.open:
            return
        model, graph = MODELS[self.question.model], self.full_graph
        state = EndState(graph)
        goals = self.goals(state)
        if "deadlock" in goals:
            state.flushes = "go on"
            goals[SURELY] = self._goal("deadlock", state)
        try:
            problem = axiomatic.encode_goals(graph, model, state, goals, None, self.deadline)
        except TimeoutError:
            return
        relaxed, solver = (Goals(text, self.deadline, alone=True) for text in (problem.relaxed, problem.text))

        def draw(name: str, found: SolverModel) -> Witness:
            alone = replace(problem, goals={"violation": problem.goals[name]})
            return self._refutation(name).weak(alone, graph, Session(problem.text, self.deadline), found)[0]

        for name in list(self.open):
            if self._decide(relaxed, problem.goals[name]).word == "unsat":
                self.open.remove(name)
                continue
            answer = self._decide(solver, problem.goals[name])
            if name == "deadlock" and answer.word == "sat":
                answer = self._decide(solver, problem.goals[SURELY])
                if answer.word == "unsat":
                    self.why[name] = FLUSHED
                    continue
            if name in self.properties and answer.model is not None and circles(graph.threads):
                self.why[name] = FROM_NOWHERE
                continue
            self._settle(name, answer, draw, last=True)

    def _pass_by(self, graph: Graph, answer: Answer) -> None:
        """Take note of the steps that are reached by the way."""
        if answer.model is None:
            return
        values = Valuation(graph, answer.model, complete=False)
        for name in [each for each in self.open if each in self.steps]:
            if any(_came_to(graph, values, place) for place in _places(graph, self.steps[name])):
                self.open.remove(name)
                self.found[name] = None

    def _refutation(self, name: str) -> Counterexample:
        return Counterexample(self.program, self.properties[name], self.question)

    def _decide(self, solver: Goals, literal: str) -> Answer:
        return Answer(word="unsat", reason="", model=None) if literal == FALSE else solver.decide(literal)

    def _settle(self, name: str, answer: Answer, draw: GoalWitness, *, last: bool) -> None:
        """Take note of an answer; `last`: nobody else is asked."""
        if answer.model is not None:
            try:
                self.found[name] = draw(name, answer.model) if name in self.properties else None
            except TimeoutError:
                self.why[name] = "found, but its schedule was not drawn in time"
                return
            self.open.remove(name)
        elif answer.word == "unsat" and last:
            self.open.remove(name)

    # What came of it

    def checks(self) -> Checks:
        return Checks(
            deadlock=self._check("deadlock"), held=self._check("held"), unreached=self._unreached(),
            open_loops=self._loops(),
        )  # fmt: skip

    def _check(self, name: str) -> Check:
        if name in self.found:
            return Check(status="found", witness=self.found[name])
        if name in self.open:
            return Check(status="undecided", reason=self.why.get(name, self.unclear or LATE))
        return Check(status="none")

    def _unreached(self) -> Unreached:
        edits = self.program.edits
        dead = [f"{each.procedure}/{each.label}" for each in edits if each.dead]
        steps = [name for name in self.steps if name not in self.found and name not in self.open]
        order = [f"{each.procedure}/{each.label}" for each in edits]
        undecided = tuple(name for name in self.steps if name in self.open)
        return Unreached(
            steps=tuple(sorted({*dead, *steps}, key=order.index)), undecided=undecided,
            reason=(self.unclear or LATE) if undecided else "",
            elsewhere=bool(edits) and not any(each.runs for each in edits),
        )  # fmt: skip

    def _loops(self) -> tuple[str, ...]:
        """The loops of which rounds beyond their bounds were not looked at and might matter."""
        if not self.beyond:
            return ()
        return tuple(sorted(self.full_graph.open_loops - idle_loops(self.full_graph, self.deadline)))


def _is_asked(program: Program, edited: Edited) -> bool:
    """Whether something stands for the step where some thread may come."""
    bodies = {thread.name: thread.body for thread in program.threads}
    return any(
        site.path[: len(path)] == path
        for thread, path in edited.paths
        for statement in statements(bodies[thread])
        if (site := site_of(statement)) is not None
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A thread comes here, after its first `after` steps, where `guard` holds."""

    thread: int
    guard: Term
    after: int


def _places(graph: Graph, edited: Edited) -> list[_Place]:
    """Where threads come to the step: before each of its events, tests and local computations."""
    numbers = {thread.name: number for number, thread in enumerate(graph.program.threads)}
    found = []
    for thread, path in edited.paths:
        number = numbers[thread]
        own = graph.threads[number]
        every = [(step.guard, step.index, step.site.path) for step in own.steps]
        every += [(each.guard, each.after, each.path) for each in own.passages]
        found += [_Place(number, guard, after) for guard, after, labels in every if labels[: len(path)] == path]
    return found


def _come_to(graph: Graph, edited: Edited) -> Term:
    """Some thread comes to the step."""
    terms = graph.terms
    return terms.or_(*(terms.and_(p.guard, reach(terms, p.thread, p.after)) for p in _places(graph, edited)))


def _came_to(graph: Graph, values: Valuation, place: _Place) -> bool:
    """Whether the thread comes there in an execution that was found."""
    before = graph.threads[place.thread].steps[: place.after]
    done_ = all(values.value(done(graph.terms, step)) or not values.value(step.guard) for step in before)
    return done_ and bool(values.value(place.guard))
