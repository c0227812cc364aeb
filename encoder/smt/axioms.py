"""A model's axioms to constraints.

Axioms that ask for orders are put into one order where that changes nothing: with `acyclic hb`, `acyclic p ; hb* ; [S]`
says no more than `acyclic hb | p ; [S]`, because on a cycle the hb steps can be walked one by one (hb stays within S).
"""

from encoder.memory.lkmm import prop
from encoder.memory.relation import Axiom, MemoryModel, Op, Relation, co, coe, fr, fre, po_loc, rf, rmw
from encoder.smt.acyclic import assert_acyclic
from encoder.smt.clauses import Clauses
from encoder.smt.evaluate import Evaluator
from encoder.smt.nodes import Node
from encoder.smt.pairs import operand
from encoder.smt.regions import Regions
from encoder.smt.sparse import Sparse, union


def assert_model(
    clauses: Clauses, evaluator: Evaluator, nodes: list[Node], model: MemoryModel, *, complete: bool
) -> None:
    """Assert the axioms that every execution does not meet already (see `Communication`).

    In a complete execution a section that is never closed is none; in a prefix it is still open.
    """
    order: list[Sparse] = []
    axioms = [a for a in model.axioms if not is_given(a)]
    acyclic = [a.relation for a in axioms if a.kind == "acyclic"]
    by_choice = any(a.kind == "irreflexive" for a in axioms)
    clauses.script.group("order: " + ", ".join(a.name for a in axioms if a.kind != "empty"))
    for relation in acyclic:
        order.append(evaluator.relation(step(relation, acyclic)))
    regions = Regions(clauses, evaluator, nodes, rcu=by_choice, complete=complete)
    before = evaluator.relation(prop) if by_choice and regions.pairs else evaluator.everything
    order.append(regions.order(before))
    assert_acyclic(clauses, union(clauses, order))
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


def step(relation: Relation, acyclic: list[Relation]) -> Relation:
    """`p ; [S]` for `p ; r* ; [S]` where r is acyclic by another axiom; else the relation itself."""
    body = operand(relation, 0) if relation.op is Op.LET else relation
    if body.op is Op.SEQUENCE and operand(body, 1).op is Op.IDENTITY:
        inner = operand(body, 0)
        if inner.op is Op.SEQUENCE and operand(inner, 1).op is Op.STAR and operand(operand(inner, 1), 0) in acyclic:
            return operand(inner, 0) >> operand(body, 1)
    return relation
