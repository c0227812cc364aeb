"""A model's axioms to constraints: one acyclic graph of paths for all that ask for orders, and what must be empty."""

from collections.abc import Iterable, Sequence

from encoder.graph.events import GraphStep
from encoder.memory.relation import Axiom, MemoryModel, Relation, RelationOp, co, coe, fr, fre, po_loc, rf, rmw
from encoder.smt.axiomatic.acyclic import assert_acyclic
from encoder.smt.axiomatic.grace_periods import GracePeriods
from encoder.smt.axiomatic.hypothetical_lock import order
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.axiomatic.order_graph import OrderGraph
from encoder.smt.axiomatic.relations import RelationEncoder
from encoder.smt.axiomatic.static_predicates import operand
from encoder.smt.text.clauses import Clauses


def assert_model(
    clauses: Clauses, evaluator: RelationEncoder, nodes: list[EventNode], model: MemoryModel, *, complete: bool,
    joined: Iterable[tuple[EventNode, EventNode]] = (), locked: Sequence[tuple[GraphStep, ...]] = (),
) -> None:  # fmt: skip
    """Assert the axioms that every execution does not meet already (see `Communication`).

    In a complete execution a section that is never closed is none; in a prefix it is still open. What is `joined`,
    neighbours in program order, has one place in the model's order. Over what is `locked` one lock is held.
    """
    axioms = [a for a in model.axioms if not is_given(a)]
    clauses.script.group("order: " + ", ".join(a.name for a in axioms if a.kind != "empty"))
    halves = [(write, read) for read, write in evaluator.communication.rmw] if model.whole else []
    paths = OrderGraph(evaluator, [*halves, *((b, a) for a, b in joined)])
    paths.relation(model.order, paths.main, paths.main)
    away = [] if model.detour is None else paths.detours(model.detour)
    GracePeriods(paths, nodes, away, complete=complete).connect()
    order(paths, locked)
    assert_acyclic(clauses, paths.graph())
    for axiom in axioms:
        if axiom.kind == "empty":
            clauses.script.group(axiom.name)
            for row in evaluator.relation(axiom.relation).values():
                for condition in row.values():
                    clauses.forbid(condition)


def is_given(axiom: Axiom) -> bool:
    """Whether rf, co and fr meet the axiom by their making: coherence and atomicity."""
    if axiom.kind == "acyclic":
        return set(plain_members(axiom.relation)) == {po_loc, rf, co, fr}
    relation = axiom.relation
    if axiom.kind != "empty" or relation.op is not RelationOp.INTERSECTION or relation.args[0] is not rmw:
        return False
    between = operand(relation, 1)
    return between.op is RelationOp.SEQUENCE and between.args == (fre, coe)


def plain_members(relation: Relation) -> list[Relation]:
    """The members of a union, named unions taken apart."""
    if relation.op is RelationOp.LET and operand(relation, 0).op is RelationOp.UNION:
        return plain_members(operand(relation, 0))
    if relation.op is RelationOp.UNION:
        return plain_members(operand(relation, 0)) + plain_members(operand(relation, 1))
    return [relation]
