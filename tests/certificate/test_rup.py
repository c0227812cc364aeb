"""The checker believes right proofs and no other. What is true of a few clauses is found by trying everything."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.certificate.rup import proof_fault

Clauses = list[list[int]]
SQUARE = [[1, 2], [1, -2], [-1, 3], [-1, -3]]


def possible(clauses: Clauses) -> bool:
    names = sorted({abs(x) for clause in clauses for x in clause})
    for values in product((False, True), repeat=len(names)):
        true = {name if value else -name for name, value in zip(names, values, strict=True)}
        if all(any(x in true for x in clause) for clause in clauses):
            return True
    return False


def follows(clauses: Clauses, lemma: Sequence[int]) -> bool:
    """Reverse unit propagation as its definition says it."""
    true = {-x for x in lemma}
    while not any(-x in true for x in true):
        open_ = [[x for x in c if -x not in true] for c in clauses if not any(x in true for x in c)]
        if [] in open_:
            return True
        forced = {c[0] for c in open_ if len(set(c)) == 1}
        if not forced:
            return False
        true |= forced
    return True


def expected(clauses: Clauses, lemmas: Clauses) -> str:
    """What `proof_fault` is to say, by the definition."""
    if follows(clauses, []):
        return ""
    for number, lemma in enumerate(lemmas, 1):
        if not follows(clauses, lemma):
            return f"lemma {number} does not follow by unit propagation"
        clauses = [*clauses, lemma]
        if follows(clauses, []):
            return ""
    return f"the empty clause does not follow from the {len(lemmas)} lemmas"


literals = st.integers(1, 5).flatmap(lambda x: st.sampled_from([x, -x]))
some_clauses = st.lists(st.lists(literals, max_size=4), max_size=24)


@settings(max_examples=60)
@given(some_clauses, st.lists(st.lists(literals, max_size=4), max_size=6))
def test_any_lemmas_are_judged_as_the_definition_says(clauses: Clauses, lemmas: Clauses) -> None:
    found = proof_fault(clauses, lemmas)
    assert found == expected(clauses, lemmas)
    assert found or not possible(clauses)


@settings(max_examples=50)
@given(some_clauses)
def test_every_conflict_has_a_proof(clauses: Clauses) -> None:
    """All clauses over five names, the longest first, prove whatever is impossible."""
    names = range(1, 6)
    lemmas = [
        [name if value else -name for name, value in zip(names, values, strict=False)]
        for size in range(5, -1, -1)
        for values in product((False, True), repeat=size)
    ]
    assert (proof_fault(clauses, lemmas) == "") == (not possible(clauses))


def test_a_proof() -> None:
    assert proof_fault(SQUARE, [[1], []]) == ""
    assert proof_fault(SQUARE, [[1]]) == ""
    assert proof_fault([[]], []) == ""
    assert proof_fault([[1], [-1]], []) == ""
    assert proof_fault([[1, 1], [-1, -1]], []) == ""


@pytest.mark.parametrize(
    ("clauses", "lemmas", "reason"),
    [
        (SQUARE, [], "the empty clause does not follow from the 0 lemmas"),
        (SQUARE, [[]], "lemma 1 does not follow by unit propagation"),
        (SQUARE, [[1, -4], [4]], "lemma 2 does not follow by unit propagation"),
        (SQUARE[1:], [[1], []], "lemma 1 does not follow by unit propagation"),
        ([], [], "the empty clause does not follow from the 0 lemmas"),
        ([[1, 2], [1, -2]], [[1]], "the empty clause does not follow from the 1 lemmas"),
        ([[1, -1]], [[]], "lemma 1 does not follow by unit propagation"),
    ],
)
def test_what_is_no_proof(clauses: Clauses, lemmas: Clauses, reason: str) -> None:
    assert proof_fault(clauses, lemmas) == reason


def test_what_is_no_literal() -> None:
    with pytest.raises(ValueError, match="0 is no literal"):
        proof_fault([[1]], [[0]])
