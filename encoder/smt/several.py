"""Several properties asked of one set of executions."""

from dataclasses import dataclass
from math import inf

from encoder.graph.events import Graph
from encoder.graph.place import closure, places
from encoder.graph.term import Term
from encoder.memory.relation import MemoryModel, is_total
from encoder.program.core import Property
from encoder.smt.axiomatic import communicating, obey
from encoder.smt.execution import Execution, closed, done
from encoder.smt.property import State
from encoder.smt.query import assumable, ended, goals_of, limit, start
from encoder.smt.script import Script

OF_ALL = ("start", "bound", "fault", "unheld")


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """`text` is the problem, `goals` are literals in it: those of `query.Queries` that speak of no property, and
    `violation.P` and `situation.P` for each property. `lax` is the problem without a weak model's axioms, or ""."""

    text: str
    lax: str
    goals: dict[str, str]


def several(
    graph: Graph, model: MemoryModel, asked: tuple[Property, ...], depth: int | None, deadline: float = inf
) -> Several:
    """Build the problem for all these properties. Raises TimeoutError past `deadline`, a `time.monotonic()` value."""
    state = State(graph, "ordered" if is_total(model) else "may wait")
    return together(graph, model, state, _goals(graph, state, asked), depth, deadline)


def together(
    graph: Graph, model: MemoryModel, state: State, goals: dict[str, Term], depth: int | None, deadline: float = inf
) -> Several:
    """Build the problem for all these goals, which speak of the state. Raises TimeoutError as `several` does."""
    if not is_total(model):
        return _weak(graph, model, goals, state, depth, deadline)
    script = Script()
    execution = Execution(script, graph, places(graph, closure(list(goals.values())), frozenset(state.finals)))
    start(script, graph)
    ended(execution, state)
    limit(script, depth, execution.done.values())
    literals = assumable(script, goals)
    return Several(text=script.fresh(), lax="", goals=literals)


def _weak(
    graph: Graph, model: MemoryModel, goals: dict[str, Term], state: State, depth: int | None, deadline: float
) -> Several:
    """As in `prefix.prefixes`."""
    script = Script()
    happened = closed(script, graph)
    executions = communicating(script, graph, {s: done(graph.terms, s) for s in graph.steps}, state, deadline)
    start(script, graph)
    limit(script, depth, happened.values())
    literals = assumable(script, goals)
    lax = script.fresh()
    obey(executions, model, complete=False)
    return Several(text=lax + script.fresh(), lax=lax, goals=literals)


def _goals(graph: Graph, state: State, asked: tuple[Property, ...]) -> dict[str, Term]:
    found: dict[str, Term] = {}
    for each in asked:
        for name, term in goals_of(graph, state, each).items():
            found[name if name in OF_ALL else f"{name}.{each.name}"] = term
    return found
