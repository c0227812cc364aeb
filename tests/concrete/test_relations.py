"""The operators of the cat language on an execution small enough to check by eye."""

import pytest

from encoder.concrete.axiomatic.cycles import is_acyclic, shortest_cycle
from encoder.concrete.axiomatic.relations import Execution, Pairs, RelationEvaluator, broken_axioms
from encoder.memory.model import Axiom, AxiomKind, MemoryModel
from encoder.memory.relation import (
    Events,
    Relation,
    base,
    cross,
    domain,
    identity,
    inverse,
    let,
    let_rec,
    opt,
    plus,
    range_,
    star,
    tag,
)

A, B = tag("A"), tag("B")
r, s = base("r"), base("s")
SMALL = Execution(
    events=frozenset({0, 1, 2, 3}),
    tags={"A": frozenset({0, 1}), "B": frozenset({1, 2})},
    given={"r": frozenset({(0, 1), (1, 2)}), "s": frozenset({(1, 2), (2, 0)})},
)
ALL: Pairs = frozenset({(0, 0), (1, 1), (2, 2), (3, 3)})


def pairs(text: str) -> Pairs:
    return frozenset((int(a), int(b)) for a, b in text.split())


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (r | s, pairs("01 12 20")),
        (r & s, pairs("12")),
        (r - s, pairs("01")),
        (r >> s, pairs("02 10")),
        (r >> A, pairs("01")),
        (B >> r, pairs("12")),
        (opt(r), pairs("01 12") | ALL),
        (plus(r), pairs("01 12 02")),
        (star(r), pairs("01 12 02") | ALL),
        (inverse(r), pairs("10 21")),
        (identity(A - B), pairs("00")),
        (cross(A, B), pairs("01 02 11 12")),
        (let("n", r), pairs("01 12")),
        (let_rec("t", lambda t: r | (t >> r)), pairs("01 12 02")),
        (let_rec("t", lambda t: t), pairs("")),
    ],
)
def test_relations(relation: Relation, expected: Pairs) -> None:
    assert RelationEvaluator(SMALL).relation(relation) == expected


@pytest.mark.parametrize(
    ("events", "expected"),
    [(A | B, {0, 1, 2}), (A & B, {1}), (~A, {2, 3}), (domain(r), {0, 1}), (range_(r), {1, 2}), (tag("C"), set())],
)
def test_sets(events: Events, expected: set[int]) -> None:
    assert RelationEvaluator(SMALL).events(events) == expected


def test_broken_axioms_are_named_in_the_models_order() -> None:
    kinds: tuple[tuple[AxiomKind, Relation], ...] = (
        ("acyclic", r),
        ("acyclic", r | s),
        ("irreflexive", r),
        ("irreflexive", r >> s >> r),
        ("empty", r & s),
    )
    axioms = tuple(Axiom(name=f"{n}", kind=kind, relation=relation) for n, (kind, relation) in enumerate(kinds))
    assert broken_axioms(MemoryModel(name="m", title="M", axioms=axioms, order=r), SMALL) == ("1", "3", "4")


def test_a_relation_that_the_execution_has_not_is_an_error() -> None:
    with pytest.raises(KeyError):
        RelationEvaluator(SMALL).relation(base("t"))


def test_the_shortest_cycle_is_found_and_always_the_same() -> None:
    assert shortest_cycle({1: [2], 2: [3], 3: [1, 4], 4: [3]}) == (3, 4)
    assert shortest_cycle({1: [2], 2: [1], 3: [4], 4: [3]}) == (1, 2)
    assert shortest_cycle({1: [2, 3], 2: [3]}) == ()
    assert shortest_cycle({1: [1]}) == (1,)


def test_acyclic() -> None:
    assert is_acyclic([(1, 2), (2, 3), (1, 3)])
    assert not is_acyclic([(1, 2), (2, 3), (3, 2)])
    assert not is_acyclic([(1, 1)])
