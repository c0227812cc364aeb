"""Asserts a memory model's axioms: those covered by its order as one acyclic graph of paths, the others separately."""

from collections.abc import Iterable, Sequence
from typing import assert_never

from encoder.graph.events import GraphStep
from encoder.memory.model import Axiom, MemoryModel
from encoder.smt.axiomatic.acyclicity import assert_acyclic, order_of
from encoder.smt.axiomatic.grace_periods import GracePeriods
from encoder.smt.axiomatic.hypothetical_lock import add_order
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.axiomatic.order_graph import OrderGraph
from encoder.smt.axiomatic.relations import RelationEncoder
from encoder.smt.formula import Order
from encoder.smt.text.clauses import Clauses


def assert_model(
    clauses: Clauses, relations: RelationEncoder, nodes: list[EventNode], model: MemoryModel, *, complete: bool,
    merged: Iterable[tuple[EventNode, EventNode]] = (), locked_blocks: Sequence[tuple[GraphStep, ...]] = (),
    eliminates: bool,
) -> Order | None:  # fmt: skip
    """Assert the axioms that executions do not meet by construction (see `Communication`). The model's order is what is
    returned, for the solver to keep acyclic, unless it is small or `eliminates` is true: then that is asserted too.

    If the execution is `complete`, a section that is never closed is not one. In a prefix it is still open, and ends
    after every executed event. Each pair in `merged`, neighbours in program order, shares one vertex of the order. One
    lock is held over the `locked_blocks`.

    Raises ValueError for an axiom that cannot be asserted exactly and for a model without coherence or atomicity,
    KeyError for an unknown base relation.
    """
    if not model.coherent:
        raise ValueError(f"{model.name} allows what no execution here does: what is not coherent or not atomic")
    clauses.script.group("order: " + ", ".join(a.name for a in model.axioms if a in model.order_axioms))
    merged_rmw = [(write, read) for read, write in relations.communication.rmw] if model.merges_rmw else []
    order_graph = OrderGraph(relations, [*merged_rmw, *((b, a) for a, b in merged)])
    order_graph.relation(model.order, order_graph.main, order_graph.main)
    propagated = [] if model.prop_path is None else order_graph.prop_paths(model.prop_path)
    grace_periods = GracePeriods(order_graph, nodes, propagated, complete=complete)
    grace_periods.connect()
    relations.base_relations.open_sections = grace_periods.open_sections()
    add_order(order_graph, locked_blocks)
    order = order_of(clauses, order_graph.graph(), eliminates=eliminates)
    for axiom in model.separate_axioms:
        clauses.script.group(axiom.name)
        assert_axiom(clauses, relations, axiom)
    return order


def assert_axiom(clauses: Clauses, relations: RelationEncoder, axiom: Axiom) -> None:
    """Assert one axiom by the pairs of its relation. Raises as `assert_model` does."""
    pairs = relations.relation(axiom.relation)
    match axiom.kind:
        case "acyclic":
            assert_acyclic(clauses, pairs)
        case "irreflexive":
            for a, row in pairs.items():
                if a in row:
                    clauses.forbid(row[a])
        case "empty":
            for row in pairs.values():
                for condition in row.values():
                    clauses.forbid(condition)
        case never:
            assert_never(never)
