"""What a memory model needs: the event graph it speaks of, and the problem of its executions."""

from math import inf

from encoder.graph.build import with_dependencies
from encoder.graph.events import Graph, Kind
from encoder.memory.relation import MemoryModel, has_dependencies, is_total
from encoder.program.core import Property
from encoder.smt.axiomatic.encode import Prefixes, prefixes
from encoder.smt.interleaving.encode import Queries, queries

Posed = Queries | Prefixes


def suited(graph: Graph, model: MemoryModel, loops: int) -> Graph:
    """The graph, with dependencies where the model speaks of them, or where somebody waits for sections of SRCU: they
    tell which ends. `loops` is that of `build`."""
    srcu = any(event.kind is Kind.GRACE_END and event.region == "srcu" for event in graph.events)
    return with_dependencies(graph, loops) if srcu or has_dependencies(model) else graph


def problems(
    graph: Graph, model: MemoryModel, asked: Property, depth: int | None, deadline: float = inf
) -> Posed:  # fmt: skip
    """The problems that decide a property under the model, of a graph that suits it; executions are limited to `depth`
    steps.

    Raises TimeoutError when building takes longer than until `deadline`, a `time.monotonic()` value.
    """
    if is_total(model):
        return queries(graph, model, asked, depth)
    return prefixes(graph, model, asked, depth, deadline)
