"""Whether a proof holds for any number of threads like one of the program's: the property is decided once more, under
their interference.

See `graph.interference` for the argument. The goals are the same: no schedule violates the property, follows an invalid
pointer, releases a lock that is not held, or goes on beyond a loop's bound.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

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
from encoder.smt.relaxation import encode_bound
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
    number, obstacle = _choose_thread(graph_for(graph, MODELS[question.model], question.loops))
    thread = program.threads[number]
    if obstacle is not None:
        why = obstacle.reason
    elif names_more_threads(program, prop, thread.name):
        why = f"{prop.name} speaks of more such threads than the scenario has"
    else:
        try:
            why = AnyNumber(graph, (number,), cells_of(prop), question, deadline).why_not(graph, prop)
        except TimeoutError:
            why = "time ran out"
    return Unlimited(thread=thread.name, procedure=thread.procedure, holds=not why, why=why)


def _choose_thread(graph: Graph) -> tuple[int, Obstacle | None]:
    """The first thread that may be repeated any number of times; if there is none, the first thread and its
    obstacle."""
    effects = [effects_of(graph, number) for number in range(len(graph.threads))]
    usable = [number for number, each in enumerate(effects) if isinstance(each, Effects)]
    if usable:
        return usable[0], None
    assert isinstance(effects[0], Obstacle)
    return 0, effects[0]


def names_more_threads(program: Program, prop: Property, thread: str) -> bool:
    """Whether the property could name more threads like this one at once than the program has."""
    alike = identical_threads(program.threads)[thread]
    bound = [{word for word, value in instance.binding if value in alike} for instance in prop.instances]
    return len(set().union(*bound)) > max(map(len, bound), default=0)


class AnyNumber:
    """Any number of threads like each of these of a graph, in which all other threads are that may meet them, and a
    property that reads no more than these `cells`. Graphs are given as `build` makes them; what threads do is read off
    the one that the model needs, which may have values that others have not. Raises TimeoutError, as all methods do."""

    def __init__(
        self, graph: Graph, numbers: Sequence[int], cells: Iterable[CellName], question: Question, deadline: float
    ) -> None:
        self.numbers = numbers
        self.cells = sorted(cells)
        self.question = question
        self.model = MODELS[question.model]
        self.deadline = deadline
        self.graph, self.effects = self._widened(graph)

    def why_not(self, graph: Graph, prop: Property) -> str:
        """Why the property is not proved, by this means, of the graph's threads beside any number of these, "" if it
        is."""
        if isinstance(self.effects, Obstacle):
            return self.effects.reason
        program = graph.program
        graph = self._among(program, graph, self.effects)
        if lost := sorted(self.effects.counters.keys() - (graph.counters & self.graph.counters)):
            return f"{lost[0]} may overflow"
        for number in self.numbers:
            if back := overdrawn_counters(self.graph, number, self.deadline):
                return f"one of them may subtract from {back[0]} more than it has added"
        if _is_about_end(program, prop):
            remaining = self._remaining_counters(self.effects)
            graph = replace(graph, interference=replace(graph.interference, remaining=remaining))
        answer = next(self._failures(graph, prop), "")
        written = sorted(cells_of(prop) & {cell for cell, _ in self.effects.writes})
        return f"{prop.name} speaks of {written[0]}, which they may write" if answer and written else answer

    def _failures(self, graph: Graph, prop: Property) -> Iterator[str]:
        """Why the property may fail. Whether loops go on is asked of executions without an order where these must be
        (see `queries.Decider`)."""
        busy, ends = graph.open_loops - idle_loops(graph, self.deadline), self.model.decides_before_storing
        goals = [goal for goal in FAILURES if goal != "bound" or (busy and ends)]
        yield from _reached_goals(self._encoding(graph, prop), goals, self.deadline)
        if busy and not ends:
            yield from _reached_goals(encode_bound(graph), ["bound"], self.deadline)

    def _widened(self, graph: Graph) -> tuple[Graph, Effects | Obstacle]:
        """The graph among any number of the threads, and their effects: what they do where they find what any number of
        them may leave."""
        program, effects = graph.program, self._effects(graph)
        while not isinstance(effects, Obstacle):
            graph = self._among(program, graph, effects)
            found = self._effects(graph)
            if not isinstance(found, Obstacle):
                found = joint_effects((effects, found))
                if found.same_as(effects):
                    break
            effects = found
        return graph, effects

    def _effects(self, graph: Graph) -> Effects | Obstacle:
        """What any of the threads does to others in this graph."""
        found = [effects_of(graph, number) for number in self.numbers]
        obstacles = (each for each in found if isinstance(each, Obstacle))
        return next(obstacles, None) or joint_effects(each for each in found if isinstance(each, Effects))

    def _among(self, program: Program, graph: Graph, effects: Effects) -> Graph:
        """The program's graph under these effects, as the model needs it, given one in which its threads do no more
        than in that. There is a write of others for each read that the threads do under them."""
        more, interference = with_other_threads(program, graph, effects, self.cells)
        while True:
            if time.monotonic() > self.deadline:
                raise TimeoutError
            known = more
            graph = build(known, self.question.loops, interference)
            graph = graph_for(graph, self.model, self.question.loops)
            more, interference = with_other_threads(program, graph, effects, self.cells)
            if len(more.threads) == len(known.threads):
                return graph

    def _remaining_counters(self, effects: Effects) -> frozenset[CellName]:
        """The counters that such a thread may not have restored when it ends."""
        return frozenset(
            cell
            for cell in effects.counters
            if not all(returns_all(self.graph, number, cell, self.deadline) for number in self.numbers)
        )

    def _encoding(self, graph: Graph, prop: Property) -> Encoding:
        """The encoding of the property under interference."""
        return encode_property(
            graph, self.model, prop, None, self.deadline, eliminates=LAZY_CYCLES in self.question.without
        )


def cells_of(prop: Property) -> set[CellName]:
    """The locations that the property reads."""
    observed = (each for i in prop.instances for each in leaves(i.situation, i.violation))
    return {leaf.cell for leaf in observed if isinstance(leaf, Final)}


def _is_about_end(program: Program, prop: Property) -> bool:
    """Whether the property is only about states in which every thread has ended."""
    threads = {thread.name for thread in program.threads}
    return all(threads <= _ended_threads(instance.situation) for instance in prop.instances)


def _reached_goals(encoding: Encoding, goals: Iterable[str], deadline: float) -> Iterator[str]:
    """The reasons why a goal is not excluded, one for each goal that is not."""
    solver = GoalSolver(encoding.formula, deadline, fresh_context=True)
    for goal in goals:
        what, word = FAILURES[goal], solver.decide(encoding.goals.get(goal, FALSE)).word
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
