"""The questions put to the solver, each a whole problem in SMT-LIB text."""

from collections.abc import Iterable
from dataclasses import dataclass

from encoder.graph.conflicts import closure, places
from encoder.graph.evaluate import evaluate
from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.memory.relation import MemoryModel, is_total
from encoder.program.core import Property
from encoder.smt.end_state import State, victims
from encoder.smt.execution import Execution
from encoder.smt.text.script import FALSE, Script, at_most, negate


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """One set of executions, and what is asked of it.

    `text` is the problem; each goal is a literal in it, to be assumed when it is asked: `start` (nothing more),
    `violation` (the property breaks), `situation` (what it speaks of is reached), `bound` (a thread goes on beyond a
    loop's bound), `fault` (a thread uses a pointer that points nowhere),
    `unheld`, where there may be such (a thread is to release a lock that it does not hold: nothing is asked of what is
    beyond).
    """

    execution: Execution
    script: Script
    text: str
    lax: str = ""
    goals: dict[str, str]


def queries(graph: Graph, model: MemoryModel, asked: Property, depth: int | None) -> Queries:
    """Build the problems for a property under a memory model, schedules limited to `depth` steps.

    Raises ValueError for a model whose executions are not interleavings (see `prefix.prefixes`).
    """
    if not is_total(model):
        raise ValueError(f"executions of {model.title} are not interleavings")
    state = State(graph, "ordered")
    return interleavings(graph, state, goals_of(graph, state, asked), depth)


def interleavings(graph: Graph, state: State, goals: dict[str, Term], depth: int | None) -> Queries:
    """Build the problem for these goals, which speak of the state that an interleaving ends in."""
    script = Script()
    execution = Execution(script, graph, places(graph, closure(list(goals.values())), frozenset(state.finals)))
    start(script, graph)
    ended(execution, state)
    limit(script, depth, execution.done.values())
    literals = assumable(script, goals)
    return Queries(execution=execution, script=script, text=script.fresh(), goals=literals)


def ended(execution: Execution, state: State) -> None:
    """Assert what the state that an interleaving ends in has of it."""
    execution.script.group("state: last values")
    for cell, value in state.finals.items():
        execution.final(cell, value)
    for (region, flush), first in state.began.items():
        execution.script.clause(negate(execution.script.truth(first)), execution.order.before(region, flush))


