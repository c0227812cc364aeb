"""A model's axioms to constraints: one acyclic graph of paths for all that ask for orders, and what must be empty."""

from collections.abc import Iterable, Sequence

from encoder.graph.events import Step
from encoder.memory.relation import Axiom, MemoryModel, Op, Relation, co, coe, fr, fre, po_loc, rf, rmw
from encoder.smt.axiomatic.acyclic import assert_acyclic
from encoder.smt.axiomatic.grace_periods import Regions
from encoder.smt.axiomatic.hypothetical_lock import order
from encoder.smt.axiomatic.memory_events import Node
from encoder.smt.axiomatic.order_graph import Paths
from encoder.smt.axiomatic.relations import Evaluator
from encoder.smt.axiomatic.static_predicates import operand
from encoder.smt.text.clauses import Clauses


def assert_model(
    clauses: Clauses, evaluator: Evaluator, nodes: list[Node], model: MemoryModel, *, complete: bool,
    joined: Iterable[tuple[Node, Node]] = (), locked: Sequence[tuple[Step, ...]] = (),
) -> None:  # fmt: skip
    """Assert the axioms that every execution does not meet already (see `Communication`).

    In a complete execution a section that is never closed is none; in a prefix it is still open. What is `joined`,
    neighbours in program order, has one place in the model's order. Over what is `locked` one lock is held.
    """
    axioms = [a for a in model.axioms if not is_given(a)]
    clauses.script.group("order: " + ", ".join(a.name for a in axioms if a.kind != "empty"))
    halves = [(write, read) for read, write in evaluator.communication.rmw] if model.whole else []
    paths = Paths(evaluator, [*halves, *((b, a) for a, b in joined)])
    paths.relation(model.order, paths.main, paths.main)
    away = [] if model.detour is None else paths.detours(model.detour)
    Regions(paths, nodes, away, complete=complete).connect()
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
    if axiom.kind != "empty" or relation.op is not Op.INTERSECTION or relation.args[0] is not rmw:
        return False
    between = operand(relation, 1)
    return between.op is Op.SEQUENCE and between.args == (fre, coe)


def plain_members(relation: Relation) -> list[Relation]:
    """The members of a union, named unions taken apart."""
    if relation.op is Op.LET and operand(relation, 0).op is Op.UNION:
        return plain_members(operand(relation, 0))
    if relation.op is Op.UNION:
        return plain_members(operand(relation, 0)) + plain_members(operand(relation, 1))
    return [relation]
