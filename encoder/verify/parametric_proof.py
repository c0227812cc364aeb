"""Whether a proof holds for any number of threads like one of the program's: the property is decided once more, under
their interference.

See `graph.interference` for the argument. The goals are the same: no schedule violates the property, follows an invalid
pointer, releases a lock that is not held, or goes on beyond a loop's bound.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from encoder.base.result import LAZY_CYCLES, Question, Unlimited
from encoder.graph.build import build
from encoder.graph.events import Graph
from encoder.graph.interference import Effects, Obstacle, effects_of, joint_effects, with_other_threads
from encoder.memory import MODELS
from encoder.program.core import Arith, CellName, Ended, Expr, Final, Op, Program, Property
from encoder.program.traverse import leaves
from encoder.smt.encode import encode_property, graph_for
from encoder.smt.encoding import Encoding
from encoder.smt.idle_loops import idle_loops
from encoder.smt.interference import overdrawn_counters, returns_all
from encoder.smt.solvers.z3_solver import GoalSolver
from encoder.smt.text.script import FALSE
from encoder.smt.thread_symmetry import identical_threads

FAILURES = {
    "violation": "breaks the property",
    "fault": "dereferences NULL",
    "unheld": "releases a lock that is not held",
    "bound": "goes on with a loop beyond its bound",
}


def prove_parametric(program: Program, question: Question, prop: Property) -> Unlimited:
    """For a proved property: whether it holds for any number of threads like the first thread that may be repeated."""
    deadline = time.monotonic() + question.timeout
    graph = build(program, question.loops)
    number, effects = _choose_thread(graph)
    thread = program.threads[number]
    if isinstance(effects, Obstacle):
        why = effects.reason
    elif names_more_threads(program, prop, thread.name):
        why = f"{prop.name} speaks of more such threads than the scenario has"
    else:
        try:
            why = ParametricQuestion(graph, (number,), effects, question, prop, deadline).why_not()
        except TimeoutError:
            why = "time ran out"
    return Unlimited(thread=thread.name, procedure=thread.procedure, holds=not why, why=why)


def _choose_thread(graph: Graph) -> tuple[int, Effects | Obstacle]:
    """The first thread that may be repeated any number of times; if there is none, the first thread and its
    obstacle."""
    effects = [effects_of(graph, number) for number in range(len(graph.threads))]
    usable = [number for number, each in enumerate(effects) if isinstance(each, Effects)]
    chosen = usable[0] if usable else 0
    return chosen, effects[chosen]


def names_more_threads(program: Program, prop: Property, thread: str) -> bool:
    """Whether the property could name more threads like this one at once than the program has."""
    alike = identical_threads(program.threads)[thread]
    bound = [{word for word, value in instance.binding if value in alike} for instance in prop.instances]
    return len(set().union(*bound)) > max(map(len, bound), default=0)


@dataclass(frozen=True, slots=True)
class ParametricQuestion:
    """A question about any number of threads like each of these threads of the graph. `effects` are their joint
    effects in that graph; with others around they may have more."""

    graph: Graph
    numbers: tuple[int, ...]
    effects: Effects
    question: Question
    prop: Property
    deadline: float

    def why_not(self) -> str:
        """Why the proof does not extend to any number of threads, "" if it does. Raises TimeoutError."""
        observed = (each for i in self.prop.instances for each in leaves(i.situation, i.violation))
        property_cells = {leaf.cell for leaf in observed if isinstance(leaf, Final)}
        graph, effects = self._under_interference(sorted(property_cells))
        if isinstance(effects, Obstacle):
            return effects.reason
        if lost := sorted(effects.counters.keys() - graph.counters):
            return f"{lost[0]} may overflow"
        for number in self.numbers:
            if back := overdrawn_counters(graph, number, self.deadline):
                return f"one of them may subtract from {back[0]} more than it has added"
        if self._is_about_end():
            remaining = self._remaining_counters(graph, effects)
            graph = replace(graph, interference=replace(graph.interference, remaining=remaining))
        goals = [goal for goal in FAILURES if goal != "bound" or graph.open_loops - idle_loops(graph, self.deadline)]
        answer = next(_reached_goals(self._encoding(graph), goals, self.deadline), "")
        written = sorted(property_cells & {cell for cell, _ in effects.writes})
        return f"{self.prop.name} speaks of {written[0]}, which they may write" if answer and written else answer

    def _under_interference(self, property_cells: Sequence[CellName]) -> tuple[Graph, Effects | Obstacle]:
        """The graph under the interference of the threads' effects, and these: what the threads do where they find what
        any number of them may leave. Raises TimeoutError."""
        graph, effects = self.graph, self.effects
        while True:
            if time.monotonic() > self.deadline:
                raise TimeoutError
            program, interference = with_other_threads(self.graph.program, graph, effects, property_cells)
            graph = build(program, self.question.loops, interference)
            again = [effects_of(graph, number) for number in self.numbers]
            for each in again:
                if isinstance(each, Obstacle):
                    return graph, each
            wider = joint_effects((effects, *(each for each in again if isinstance(each, Effects))))
            if wider.same_as(effects):
                return graph, effects
            effects = wider

    def _remaining_counters(self, graph: Graph, effects: Effects) -> frozenset[CellName]:
        """The counters that such a thread may not have restored when it ends."""
        return frozenset(
            cell
            for cell in effects.counters
            if not all(returns_all(graph, number, cell, self.deadline) for number in self.numbers)
        )

    def _encoding(self, graph: Graph) -> Encoding:
        """The encoding of the property under interference. Raises TimeoutError."""
        model = MODELS[self.question.model]
        return encode_property(
            graph_for(graph, model, self.question.loops), model, self.prop, None, self.deadline,
            eliminates=LAZY_CYCLES in self.question.without,
        )  # fmt: skip

    def _is_about_end(self) -> bool:
        """Whether the property is only about states in which every thread has ended."""
        threads = {thread.name for thread in self.graph.program.threads}
        return all(threads <= _ended_threads(instance.situation) for instance in self.prop.instances)


def _reached_goals(encoding: Encoding, goals: Iterable[str], deadline: float) -> Iterator[str]:
    """The reasons why a goal is not excluded, one for each goal that is not."""
    solver = GoalSolver(encoding.formula, deadline, fresh_context=True)
    for goal in goals:
        literal, what = encoding.goals.get(goal, FALSE), FAILURES[goal]
        word = "unsat" if literal == FALSE else solver.decide(literal).word
        if word == "unknown":
            yield f"time ran out before it was decided whether a schedule {what}"
        if word == "sat":
            yield f"with the values that more such threads may leave (over-approximated), some schedule {what}"


def _ended_threads(condition: Expr) -> set[str]:
    """The threads that have ended wherever the condition holds."""
    match condition:
        case Ended(thread):
            return {thread}
        case Arith(op=Op.LAND, left=left, right=right):
            return _ended_threads(left) | _ended_threads(right)
        case _:
            return set()
