"""What is known of a program from the questions that were asked about it: its event graphs, and what no interleaving
breaks. Further questions are answered sooner for it, and otherwise the same.

Whoever is given a graph gets terms of its own to add to, numbered as if the graph had been built for it alone: an
encoding, and the schedule that a solver finds with it, do not depend on what was asked before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from encoder.base.result import LAZY_CYCLES, Progress, Question
from encoder.graph.build import build, with_dependencies
from encoder.graph.events import Graph
from encoder.graph.value_cycles import value_cycles
from encoder.memory.model import MemoryModel
from encoder.program.core import Program, Property
from encoder.smt.encode import encode_properties, goals_about, needs_dependencies
from encoder.smt.encoding import Encoding
from encoder.smt.interleaving.shortest_schedule import Schedule
from encoder.smt.relaxation import encode_bound
from encoder.smt.solvers.z3_solver import Answer, GoalSolver
from encoder.smt.text.script import FALSE
from encoder.verify.query_result import QueryResult


class KnownExecutions:
    """The executions of a program under a model, encoded for all its properties at once, and their solver, which learns
    from each question about them."""

    def __init__(self, graph: Graph, encoding: Encoding) -> None:
        self.graph = graph
        self.encoding = encoding
        self._solver: GoalSolver | None = None

    def about(self, prop: Property) -> Encoding:
        """The encoding with the goals of one property."""
        return goals_about(self.encoding, prop)

    def solver(self, deadline: float) -> GoalSolver:
        """The solver, for a question that is to be answered until `deadline`, a `time.monotonic()` value."""
        if self._solver is None:
            self._solver = self.new_solver(deadline)
        self._solver.deadline = deadline
        return self._solver

    @property
    def asked(self) -> bool:
        """Whether the solver was asked something before."""
        return self._solver is not None

    def give_solver(self) -> None:
        """Leave the solver to who has it: the next question gets another."""
        self._solver = None

    def new_solver(self, deadline: float) -> GoalSolver:
        """A solver that was asked nothing before."""
        return GoalSolver(self.encoding.formula, deadline, fresh_context=True, incremental=True)


@dataclass(frozen=True, slots=True)
class BrokenInterleaving:
    """The shortest interleaving that breaks a property, the answers that say so, and what finding it has cost."""

    schedule: Schedule
    rests_on: tuple[QueryResult, ...]
    progress: Progress


class Knowledge:
    """What is known of a program. `loops` is that of `build`; `unbroken` are the properties of which it was decided
    that no interleaving of any length breaks them, each with the answers to whether interleavings reach its situation,
    and go on beyond the loops' bounds, as far as they are yes, by goal; `broken` are those that one breaks.
    `reached_by_interleavings` says of goals of the checks whether one reaches them. `several`: questions about several
    properties are to come."""

    def __init__(self, program: Program, loops: int, *, several: bool = False) -> None:
        self.program = program
        self.loops = loops
        self.several = several
        self.unbroken: dict[Property, Mapping[str, QueryResult]] = {}
        self.broken: dict[Property, BrokenInterleaving] = {}
        self.reached_by_interleavings: dict[str, bool] = {}
        self._reached_without_order: dict[bool, dict[str, bool]] = {}
        self._beyond_bounds: dict[bool, tuple[Answer, tuple[QueryResult, ...]]] = {}
        self._executions: dict[str, KnownExecutions] = {}

    def plain_graph(self) -> Graph:
        """The graph for models without dependencies, as `build` makes it."""
        return _with_own_terms(self._plain)

    def model_graph(self, model: MemoryModel) -> Graph:
        """The graph that the model needs, as `graph_for` makes it."""
        return _with_own_terms(self._dependent if self._needs_dependencies(model) else self._plain)

    def both_graphs(self, model: MemoryModel) -> tuple[Graph, Graph]:
        """The plain graph and the model's, with terms in common."""
        graph = self.model_graph(model)
        return replace(self._plain, terms=graph.terms), graph

    def reached_without_order(self, model: MemoryModel) -> dict[str, bool]:
        """Whether executions of the model's graph without an order reach a goal of the checks, as far as it is known:
        to be added to."""
        return self._reached_without_order.setdefault(self._needs_dependencies(model), {})

    def beyond_bounds(self, model: MemoryModel, deadline: float) -> tuple[Answer, tuple[QueryResult, ...]]:
        """Whether executions of the model's graph without an order go on beyond a loop's bound, and the query that this
        rests on if they do not. `deadline` is a `time.monotonic()` value."""
        key = self._needs_dependencies(model)
        if key in self._beyond_bounds:
            return self._beyond_bounds[key]
        encoding = encode_bound(self.model_graph(model))
        goal = encoding.goals["bound"]
        answer = GoalSolver(encoding.formula, deadline, fresh_context=True).decide(goal)
        asked = answer.word == "unsat" and goal != FALSE
        rests_on = (QueryResult(encoding.formula, goal, "unsat", "unordered"),) if asked else ()
        found = replace(answer, model=None), rests_on
        if answer.word != "unknown":
            self._beyond_bounds[key] = found
        return found

    def executions(self, question: Question, model: MemoryModel, deadline: float) -> KnownExecutions | None:
        """The executions under a model, for a question about one property of several; None for one that asks more of
        them than whether they break a property, or of which values may come from thin air, and for interleavings unless
        `several` questions are to come: each alone is then answered sooner. Raises TimeoutError if building takes
        longer than until `deadline`, a `time.monotonic()` value."""
        plain = question.depth is None and not question.opinions and LAZY_CYCLES not in question.without
        if not plain or (model.total and not self.several):
            return None
        if model.name not in self._executions:
            graph = self.plain_graph() if model.total else self.model_graph(model)
            if not model.total and value_cycles(graph.threads):
                return None
            encoding = encode_properties(graph, model, self.program.properties, None, deadline)
            self._executions[model.name] = KnownExecutions(graph, encoding)
        return self._executions[model.name]

    def forget(self) -> None:
        """Make the executions anew when they are asked next: their solver is out of memory."""
        self._executions = {}

    def _needs_dependencies(self, model: MemoryModel) -> bool:
        return needs_dependencies(self._plain, model)

    @cached_property
    def _plain(self) -> Graph:
        return build(self.program, self.loops)

    @cached_property
    def _dependent(self) -> Graph:
        return with_dependencies(self.plain_graph(), self.loops)


@lru_cache(maxsize=1)
def last_known(program: Program, loops: int, *, several: bool = False) -> Knowledge:
    """What this process knows of the program that it was asked about last."""
    return Knowledge(program, loops, several=several)


def _with_own_terms(graph: Graph) -> Graph:
    return replace(graph, terms=graph.terms.copy())
