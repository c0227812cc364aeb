"""Encodes properties under any memory model: chooses the event graph that the model needs and one of the two
encoders."""

from dataclasses import replace
from math import inf

from encoder.graph.build import with_dependencies
from encoder.graph.events import EventKind, Graph
from encoder.graph.term import Term
from encoder.memory.model import MemoryModel
from encoder.program.core import Property
from encoder.smt.axiomatic import encode as axiomatic
from encoder.smt.encoding import Encoding, goals_of
from encoder.smt.end_state import EndState
from encoder.smt.interleaving import encode as interleaving

SHARED_GOALS = ("start", "bound", "fault", "unheld")


def graph_for(graph: Graph, model: MemoryModel, loops: int) -> Graph:
    """The graph that the model needs. `loops` is that of `build`."""
    return with_dependencies(graph, loops) if needs_dependencies(graph, model) else graph


def needs_dependencies(graph: Graph, model: MemoryModel) -> bool:
    """Whether a graph with dependencies is needed: if the model uses them, or if a grace period waits for SRCU
    sections, since a data dependency tells which section an srcu_read_unlock() ends."""
    srcu = any(event.kind is EventKind.GRACE_END and event.region == "srcu" for event in graph.events)
    return srcu or model.uses_dependencies


def encode_property(
    graph: Graph, model: MemoryModel, prop: Property, depth: int | None, deadline: float = inf,
    *, eliminates: bool = False,
) -> Encoding:  # fmt: skip
    """Encode a property under the model; executions are limited to `depth` steps (None: any number). `graph` is that of
    `graph_for`, `eliminates` as in `axiomatic.encode.Modifications`.

    Raises TimeoutError if building takes longer than until `deadline`, a `time.monotonic()` value.
    """
    if model.total:
        return interleaving.encode_interleavings(graph, prop, depth)
    return axiomatic.encode_executions(
        graph, model, prop, depth, deadline, axiomatic.Modifications(eliminates=eliminates)
    )


def encode_properties(
    graph: Graph, model: MemoryModel, properties: tuple[Property, ...], depth: int | None, deadline: float = inf
) -> Encoding:
    """Encode several properties as `encode_property` does; the goals of a property P are named `violation.P` and
    `situation.P`."""
    state = EndState(graph, "ordered" if model.total else "may wait")
    goals = _goals(graph, state, properties)
    if model.total:
        return interleaving.encode_goals(graph, state, goals, depth)
    return axiomatic.encode_goals(graph, model, state, goals, depth, deadline)


def goals_about(encoding: Encoding, prop: Property) -> Encoding:
    """What `encode_properties` has made with the goals of one of its properties alone, under the names that
    `encode_property` gives them."""
    own = {
        name.removesuffix(f".{prop.name}"): goal
        for name, goal in encoding.goals.items()
        if name not in SHARED_GOALS and name.endswith(f".{prop.name}")
    }
    return replace(
        encoding, goals=own | {name: encoding.goals[name] for name in SHARED_GOALS if name in encoding.goals}
    )


def _goals(graph: Graph, state: EndState, properties: tuple[Property, ...]) -> dict[str, Term]:
    """The goals of all properties by name; those that do not depend on the property are there once."""
    goals: dict[str, Term] = {}
    for each in properties:
        for name, term in goals_of(graph, state, each).items():
            goals[name if name in SHARED_GOALS else f"{name}.{each.name}"] = term
    return goals
