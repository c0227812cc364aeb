"""Whether a proof holds for any number of threads like one of the program's: the question asked once more, among them.

See `graph.interference` for the argument. What is asked is the same: no schedule breaks the property, follows a pointer
that points nowhere, releases a lock that is not held, or goes on beyond a loop's bound.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from encoder.base.result import Question, Unlimited
from encoder.graph.build import build
from encoder.graph.events import Graph
from encoder.graph.interference import Effects, Obstacle, effects, populated
from encoder.memory import MODELS
from encoder.program.core import Arith, CellName, Ended, Expr, Final, Op, Program, Property
from encoder.program.traverse import leaves
from encoder.smt.encode import encode_property, graph_for
from encoder.smt.encoding import Encoding
from encoder.smt.idle_loops import idle_loops
from encoder.smt.interference import gives_back, takes_back
from encoder.smt.solvers.z3_solver import Goals
from encoder.smt.text.script import FALSE
from encoder.smt.thread_symmetry import identical_threads

WORDS = {
    "violation": "breaks the property",
    "fault": "dereferences NULL",
    "unheld": "releases a lock that is not held",
    "bound": "goes on with a loop beyond its bound",
}


def prove_parametric(program: Program, question: Question, asked: Property) -> Unlimited:
    """Of a property that is proved: whether it holds for any number of threads like the first that can be so many."""
    deadline = time.monotonic() + question.timeout
    graph = build(program, question.loops)
    number, found = _chosen(graph)
    thread = program.threads[number]
    if isinstance(found, Obstacle):
        why = found.reason
    else:
        try:
            why = _Many(graph, number, found, question, asked, deadline).why_not()
        except TimeoutError:
            why = "time ran out"
    return Unlimited(thread=thread.name, procedure=thread.procedure, holds=not why, why=why)


def _chosen(graph: Graph) -> tuple[int, Effects | Obstacle]:
    """The first thread that can be any number, or the first thread and what stands in its way."""
    found = [effects(graph, number) for number in range(len(graph.threads))]
    usable = [number for number, each in enumerate(found) if isinstance(each, Effects)]
    chosen = usable[0] if usable else 0
    return chosen, found[chosen]


@dataclass(frozen=True, slots=True)
class _Many:
    """A question, to be asked for any number of threads like thread `number` of the graph."""

    graph: Graph
    number: int
    effects: Effects
    question: Question
    asked: Property
    deadline: float

    def why_not(self) -> str:
        """What stands in the way, "" for nothing. Raises TimeoutError."""
        if self._speaks_of_more():
            return f"{self.asked.name} speaks of more such threads than the scenario has"
        spoken = (each for i in self.asked.instances for each in leaves(i.situation, i.violation))
        judged = {leaf.cell for leaf in spoken if isinstance(leaf, Final)}
        program, around = populated(self.graph.program, self.graph, self.effects, sorted(judged))
        graph = build(program, self.question.loops, around)
        if lost := sorted(self.effects.counters.keys() - graph.summed):
            return f"{lost[0]} may overflow"
        if back := takes_back(graph, self.number, self.deadline):
            return f"one of them may subtract from {back[0]} more than it has added"
        if self._at_end():
            graph = replace(graph, environment=replace(graph.environment, left=self._left(graph)))
        goals = [goal for goal in WORDS if goal != "bound" or graph.open_loops - idle_loops(graph, self.deadline)]
        answer = next(_answers(self._problems(graph), goals, self.deadline), "")
        written = sorted(judged & {cell for cell, _ in self.effects.writes})
        return f"{self.asked.name} speaks of {written[0]}, which they may write" if answer and written else answer

    def _left(self, graph: Graph) -> frozenset[CellName]:
        counters = self.effects.counters
        return frozenset(cell for cell in counters if not gives_back(graph, self.number, cell, self.deadline))

    def _problems(self, graph: Graph) -> Encoding:
        """The question among the others. Raises TimeoutError."""
        model = MODELS[self.question.model]
        return encode_property(graph_for(graph, model, self.question.loops), model, self.asked, None, self.deadline)

    def _speaks_of_more(self) -> bool:
        """Whether the property could speak of more threads like this at once than the program has."""
        threads = self.graph.program.threads
        alike = identical_threads(threads)[threads[self.number].name]
        bound = [{word for word, value in instance.binding if value in alike} for instance in self.asked.instances]
        return len(set().union(*bound)) > max(map(len, bound), default=0)

    def _at_end(self) -> bool:
        """Whether the property speaks only of states in which every thread has ended."""
        threads = {thread.name for thread in self.graph.program.threads}
        return all(threads <= _ended(instance.situation) for instance in self.asked.instances)


def _answers(asked: Encoding, goals: Iterable[str], deadline: float) -> Iterator[str]:
    """What is not excluded."""
    solver = Goals(asked.text, deadline, alone=True)
    for goal in goals:
        literal, what = asked.goals.get(goal, FALSE), WORDS[goal]
        word = "unsat" if literal == FALSE else solver.decide(literal).word
        if word == "unknown":
            yield f"time ran out before it was decided whether a schedule {what}"
        if word == "sat":
            yield f"with the values that more such threads may leave (over-approximated), some schedule {what}"


def _ended(condition: Expr) -> set[str]:
    """The threads that have ended where the condition holds."""
    match condition:
        case Ended(thread):
            return {thread}
        case Arith(op=Op.LAND, left=left, right=right):
            return _ended(left) | _ended(right)
        case _:
            return set()
