"""Several properties asked of one set of executions."""

from dataclasses import dataclass
from math import inf

from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.memory.relation import MemoryModel, is_total
from encoder.program.core import Property
from encoder.smt.axiomatic.encode import Prefixes, posed
from encoder.smt.end_state import State
from encoder.smt.interleaving.encode import Queries, goals_of, interleavings

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
    goals = _goals(graph, state, asked)
    found: Queries | Prefixes
    if is_total(model):
        found = interleavings(graph, state, goals, depth)
    else:
        found = posed(graph, model, state, goals, depth, deadline)
    return Several(text=found.text, lax=found.lax, goals=found.goals)


def _goals(graph: Graph, state: State, asked: tuple[Property, ...]) -> dict[str, Term]:
    found: dict[str, Term] = {}
    for each in asked:
        for name, term in goals_of(graph, state, each).items():
            found[name if name in OF_ALL else f"{name}.{each.name}"] = term
    return found
