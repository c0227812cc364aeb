"""Checks what a verdict takes for granted, over all executions of a program under a model.

Each goal is first asked of supersets or subsets of the executions that are cheaper to encode: executions without an
order (`smt.relaxation`), which exclude it under every model; interleavings, if the model allows them; and only then the
model's own executions. A goal is reported as unreachable only if the solver answered `unsat` for a set of executions
that contains the model's.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from encoder.base.result import Check, Checks, Question, Unreached, Witness
from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.graph.value_cycles import value_cycles
from encoder.memory import MODELS
from encoder.program.checks import deadlock, held
from encoder.program.core import EditedStep, Program, Property
from encoder.program.simplify import site_of
from encoder.program.traverse import statements
from encoder.smt.axiomatic import encode as axiomatic
from encoder.smt.encoding import goals_of
from encoder.smt.end_state import EndState
from encoder.smt.formula import Formula
from encoder.smt.idle_loops import idle_loops
from encoder.smt.interleaving import encode as interleaving
from encoder.smt.progress import done, prefix_done
from encoder.smt.relaxation import encode_relaxation
from encoder.smt.solvers.z3_solver import Answer, GoalSolver, Session, SolverModel
from encoder.smt.valuation import Valuation
from encoder.verify.counterexample import WitnessBuilder, shortest_interleaving
from encoder.verify.knowledge import Knowledge

NOT_IN_TIME = "not decided in time"
DEPENDS_ON_WAIT_ORDER = (
    "not decided: it depends on whether an irq region or the flush that waits for it begins first, which this model "
    "does not say"
)
THIN_AIR_VALUES = "not decided: plain accesses may copy a value from thin air"
CERTAIN_DEADLOCK = "deadlock, whether or not flushes wait"
GoalWitness = Callable[[str, SolverModel], Witness]
"""Gives the schedule in which this goal is reached, replayed."""


def ask_checks(known: Knowledge, question: Question, *, unclear: str, seconds: float) -> Checks:
    """The checks of a program under the question's model, within so many seconds. `unclear` says why a model without
    dependencies cannot be asked, "" if it can (see `program.indices`).

    Raises SelfCheckError if a replay disagrees with the solver.
    """
    session = _CheckSession(known, question, time.monotonic() + seconds, unclear)
    session.ask_relaxation()
    model = MODELS[question.model]
    if model.allows_interleavings and not unclear:
        session.ask_interleavings()
    if not model.total and (model.uses_dependencies or not unclear):
        session.ask_executions()
    return session.checks()


class _CheckSession:
    """`open` are the goals that are not decided yet. `found` are those that are reached, with a schedule if it is to be
    shown. `reasons` says why some were never decided. `loops_may_exceed`: no proof yet that loops stay within their
    bounds."""

    def __init__(self, known: Knowledge, question: Question, deadline: float, unclear: str) -> None:
        self.known = known
        self.program = program = known.program
        self.question = question
        self.graph, self.full_graph = known.both_graphs(MODELS[question.model])
        self.deadline = deadline
        self.unclear = unclear
        self.properties: Mapping[str, Property] = {p.name: p for p in (deadlock(program), held(program))}
        self.steps = {f"{each.procedure}/{each.label}": each for each in program.edits if _is_checked(program, each)}
        self.open: list[str] = [*self.properties, *self.steps, "bound"]
        self.found: dict[str, Witness | None] = {}
        self.reasons: dict[str, str] = {}
        self.loops_may_exceed = False

    # The goals

    def goals(self, state: EndState, names: Iterable[str]) -> dict[str, Term]:
        """The goals of these names, as conditions on the end state."""
        return {name: self._goal(name, state) for name in names}

    def _goal(self, name: str, state: EndState) -> Term:
        """The goal of this name."""
        if name in self.properties:
            return goals_of(state.graph, state, self.properties[name])["violation"]
        if name in self.steps:
            return _reaches(state.graph, self.steps[name])
        return state.exceeds_bound()

    # The sets of executions that are asked

    def ask_relaxation(self) -> None:
        """Ask executions without an order: a goal that they do not reach is unreachable under every model."""
        reached = self.known.reached_without_order(MODELS[self.question.model])
        if not reached.keys() >= set(self.open):
            state = EndState(self.full_graph)
            encoding = encode_relaxation(self.full_graph, state, self.goals(state, self.open))
            solver = GoalSolver(encoding.formula, self.deadline, fresh_context=True)
            for name in self.open:
                _note(reached, name, solver.decide(encoding.goals[name]))
        self.loops_may_exceed = reached.get("bound", True)
        self.open = [name for name in self.open if name != "bound" and reached.get(name, True)]

    def ask_interleavings(self) -> None:
        """Ask interleavings. Under a weaker model they can only show that a goal is reached. What was decided for
        another model is not asked again, but a schedule is drawn for its own."""
        reached, last = self.known.reached_by_interleavings, MODELS[self.question.model].total
        for name in [each for each in self.open if each in reached]:
            self._settle_by_known(name, reached[name], last=last)
        unasked = [each for each in self.open if reached.get(each, True)]
        if not unasked:
            return
        state = EndState(self.graph, "ordered")
        encoding = interleaving.encode_goals(self.graph, state, self.goals(state, unasked), None)
        solver = GoalSolver(encoding.formula, self.deadline, fresh_context=True)

        def make_witness(name: str, model: SolverModel) -> Witness:
            """From a problem of its own: what is looked for in it adds to its text."""
            state = EndState(self.graph, "ordered")
            single = interleaving.encode_goals(self.graph, state, {"violation": self._goal(name, state)}, None)
            schedule = shortest_interleaving(single, Session(single.formula, self.deadline), model)
            return self._witness_builder(name).interleaved(schedule)[0]

        for name in unasked:
            if name in self.open:
                answer = solver.decide(encoding.goals[name])
                _note(reached, name, answer)
                self._record(name, answer, make_witness, last=last)
                self._note_reached_steps(self.graph, answer)

    def _settle_by_known(self, name: str, reached: bool, *, last: bool) -> None:
        """Decide a goal by what interleavings were found to reach."""
        if reached and name in self.steps:
            self.open.remove(name)
            self.found[name] = None
        elif not reached and last:
            self.open.remove(name)

    def ask_executions(self) -> None:
        """Ask the executions of a weak model."""
        if not self.open:
            return
        model, graph = MODELS[self.question.model], self.full_graph
        state = EndState(graph)
        goals = self.goals(state, self.open)
        if "deadlock" in goals:
            state.flush_waits = "go on"
            goals[CERTAIN_DEADLOCK] = self._goal("deadlock", state)
        try:
            encoding = axiomatic.encode_goals(graph, model, state, goals, None, self.deadline)
        except TimeoutError:
            return
        relaxed, solver = (
            GoalSolver(each, self.deadline, fresh_context=True)
            for each in (Formula(encoding.relaxed), encoding.formula)
        )

        def make_witness(name: str, model: SolverModel) -> Witness:
            single = replace(encoding, goals={"violation": encoding.goals[name]})
            return self._witness_builder(name).weak(single, graph, Session(encoding.formula, self.deadline), model)[0]

        for name in list(self.open):
            if relaxed.decide(encoding.goals[name]).word == "unsat":
                self.open.remove(name)
                continue
            answer = solver.decide(encoding.goals[name])
            if name == "deadlock" and answer.word == "sat":
                answer = solver.decide(encoding.goals[CERTAIN_DEADLOCK])
                if answer.word == "unsat":
                    self.reasons[name] = DEPENDS_ON_WAIT_ORDER
                    continue
            if name in self.properties and answer.model is not None and value_cycles(graph.threads):
                self.reasons[name] = THIN_AIR_VALUES
                continue
            self._record(name, answer, make_witness, last=True)

    def _note_reached_steps(self, graph: Graph, answer: Answer) -> None:
        """Record the steps that are also reached in the answer's interleaving."""
        if answer.model is None:
            return
        values = Valuation(graph, answer.model, complete=False)
        for name in [each for each in self.open if each in self.steps]:
            if any(_has_reached(graph, values, place) for place in _places(graph, self.steps[name])):
                self.open.remove(name)
                self.found[name] = None
                self.known.reached_by_interleavings[name] = True

    def _witness_builder(self, name: str) -> WitnessBuilder:
        return WitnessBuilder(self.program, self.properties[name], self.question)

    def _record(self, name: str, answer: Answer, make_witness: GoalWitness, *, last: bool) -> None:
        """Record an answer; if it is the `last` one, unsat decides the goal."""
        if answer.model is not None:
            try:
                self.found[name] = make_witness(name, answer.model) if name in self.properties else None
            except TimeoutError:
                self.reasons[name] = "found, but its schedule was not drawn in time"
                return
            self.open.remove(name)
        elif answer.word == "unsat" and last:
            self.open.remove(name)

    # Results

    def checks(self) -> Checks:
        """The results."""
        return Checks(
            deadlock=self._check("deadlock"), held=self._check("held"), unreached=self._unreached(),
            open_loops=self._loops(),
        )  # fmt: skip

    def _check(self, name: str) -> Check:
        """The result of one property."""
        if name in self.found:
            return Check(status="found", witness=self.found[name])
        if name in self.open:
            return Check(status="undecided", reason=self.reasons.get(name, self.unclear or NOT_IN_TIME))
        return Check(status="none")

    def _unreached(self) -> Unreached:
        """The steps of the patch that no execution reaches, and those for which that is undecided."""
        edits = self.program.edits
        dead = [f"{each.procedure}/{each.label}" for each in edits if each.dead]
        steps = [name for name in self.steps if name not in self.found and name not in self.open]
        order = [f"{each.procedure}/{each.label}" for each in edits]
        undecided = tuple(name for name in self.steps if name in self.open)
        return Unreached(
            steps=tuple(sorted({*dead, *steps}, key=order.index)), undecided=undecided,
            reason=(self.unclear or NOT_IN_TIME) if undecided else "",
            elsewhere=bool(edits) and not any(each.runs for each in edits),
        )  # fmt: skip

    def _loops(self) -> tuple[str, ...]:
        """The loops whose iterations beyond their bounds were not explored and might matter."""
        if not self.loops_may_exceed:
            return ()
        return tuple(sorted(self.full_graph.open_loops - idle_loops(self.full_graph, self.deadline)))


def _note(reached: dict[str, bool], name: str, answer: Answer) -> None:
    """Note whether a goal is reached, if that was decided."""
    if answer.word != "unknown":
        reached[name] = answer.word == "sat"


def _is_checked(program: Program, edited: EditedStep) -> bool:
    """Whether some statement stands for the step in a thread."""
    bodies = {thread.name: thread.body for thread in program.threads}
    return any(
        site.path[: len(path)] == path
        for thread, path in edited.paths
        for statement in statements(bodies[thread])
        if (site := site_of(statement)) is not None
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """The thread reaches this place, after its first `after` steps, if `guard` holds."""

    thread: int
    guard: Term
    after: int


def _places(graph: Graph, edited: EditedStep) -> list[_Place]:
    """The places where threads reach the step: before each of its events, branches and local steps."""
    numbers = {thread.name: number for number, thread in enumerate(graph.program.threads)}
    places = []
    for thread, path in edited.paths:
        number = numbers[thread]
        own = graph.threads[number]
        every = [(step.guard, step.index, step.site.path) for step in own.steps]
        every += [(each.guard, each.after, each.path) for each in own.control_points]
        places += [_Place(number, guard, after) for guard, after, labels in every if labels[: len(path)] == path]
    return places


def _reaches(graph: Graph, edited: EditedStep) -> Term:
    """Some thread reaches the step."""
    terms = graph.terms
    return terms.or_(*(terms.and_(p.guard, prefix_done(terms, p.thread, p.after)) for p in _places(graph, edited)))


def _has_reached(graph: Graph, values: Valuation, place: _Place) -> bool:
    """Whether the thread reaches the place in an execution that was found."""
    before = graph.threads[place.thread].steps[: place.after]
    done_ = all(values.value(done(graph.terms, step)) or not values.value(step.guard) for step in before)
    return done_ and bool(values.value(place.guard))
