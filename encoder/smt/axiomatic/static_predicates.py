"""Relations that do not depend on the execution's rf and co: int, ext, loc, id, S * T, and unions and intersections of
these."""

from collections.abc import Callable, Iterable

from encoder.memory.relation import Events, Relation, RelationOp
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.text.clauses import ALWAYS, Clauses, Cond, both

PairTest = Callable[[int, int], Cond | None]
STATIC_RELATIONS = ("int", "ext", "loc", "id")


def is_static(relation: Relation) -> bool:
    """Whether the relation is such a test of pairs."""
    if relation.op is RelationOp.NAME:
        return relation.name in STATIC_RELATIONS
    if relation.op is RelationOp.PRODUCT:
        return True
    return relation.op in (RelationOp.LET, RelationOp.UNION, RelationOp.INTERSECTION) and all(
        isinstance(a, Relation) and is_static(a) for a in relation.args
    )


def pair_test(
    relation: Relation, nodes: list[EventNode], events: Callable[[Events], dict[int, Cond]], clauses: Clauses
) -> PairTest:
    """A function that gives, for a pair of nodes, the condition under which it is in the relation, None if it never
    is."""
    match relation.op:
        case RelationOp.NAME if relation.name == "int":
            return lambda a, b: ALWAYS if nodes[a].thread == nodes[b].thread else None
        case RelationOp.NAME if relation.name == "ext":
            return lambda a, b: ALWAYS if nodes[a].thread != nodes[b].thread else None
        case RelationOp.NAME if relation.name == "loc":
            return lambda a, b: ALWAYS if nodes[a].cell is not None and nodes[a].cell == nodes[b].cell else None
        case RelationOp.NAME:
            return lambda a, b: ALWAYS if a == b else None
        case RelationOp.PRODUCT:
            left, right = (events(e) for e in relation.args if isinstance(e, Events))
            return lambda a, b: both(left[a], right[b]) if a in left and b in right else None
        case RelationOp.LET:
            return pair_test(operand(relation, 0), nodes, events, clauses)
        case _:
            one, other = (pair_test(operand(relation, i), nodes, events, clauses) for i in (0, 1))
            if relation.op is RelationOp.INTERSECTION:
                return lambda a, b: meet(one(a, b), other(a, b))
            return lambda a, b: join(clauses, one(a, b), other(a, b))


def all_tests(tests: Iterable[PairTest]) -> PairTest:
    """The test of pairs that an intersection is, given those of its members."""
    every = tuple(tests)

    def keep(a: int, b: int) -> Cond | None:
        kept: Cond | None = ALWAYS
        for test in every:
            kept = meet(kept, test(a, b))
        return kept

    return keep


def meet(a: Cond | None, b: Cond | None) -> Cond | None:
    """The conjunction of two conditions, None if one is None or they contradict each other."""
    return None if a is None or b is None else both(a, b)


def join(clauses: Clauses, a: Cond | None, b: Cond | None) -> Cond | None:
    """A condition that holds if one of the two does; None if both are None."""
    if a is None or b is None:
        return b if a is None else a
    return clauses.any_of((a, b))


def operand(relation: Relation, index: int) -> Relation:
    """The relation that is the operand at this index."""
    part = relation.args[index]
    assert isinstance(part, Relation)
    return part


def intersected(relation: Relation) -> list[Relation]:
    """The members of an intersection, nested ones flattened."""
    if relation.op is not RelationOp.INTERSECTION:
        return [relation]
    return intersected(operand(relation, 0)) + intersected(operand(relation, 1))
