"""What others say of the answers that a verdict rests on: cvc5, and a proof that we check ourselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from encoder.certificate.file import Part
from encoder.decision import Asked
from encoder.result import Opinion
from encoder.smt.cnf import cnf
from encoder.smt.drup import Proof, prove
from encoder.smt.second import decide

LEMMAS = 10_000
"""The most lemmas of a query that are checked, in some twenty seconds; half of the ledger's proofs have fewer than 200
(measured on every eleventh, of which one has more than this)."""


def by_cvc5(asked: Sequence[Asked], deadline: float) -> Opinion:
    """What cvc5 answers to the queries, by `deadline`, a `time.monotonic()` value.

    Raises InputError where it is not installed.
    """
    undecided = []
    for query in asked:
        found = decide(query.text, query.goal, deadline)
        if found == "unknown":
            undecided.append(query)
        elif found != query.word:
            return Opinion(by="cvc5", word="disagrees", detail=f"{_name(query)}: z3 says {query.word}, cvc5 {found}")
    if undecided:
        return Opinion(by="cvc5", word="gave up", detail=f"{', '.join(map(_name, undecided))} not decided in time")
    return Opinion(by="cvc5", word="agrees", detail=_count(len(asked), "query", "queries"))


@dataclass(frozen=True, slots=True)
class Certified:
    """What a checked proof says of a verdict, and the proof: a part for each query that was answered `unsat`, none
    unless the opinion agrees."""

    opinion: Opinion
    parts: tuple[Part, ...] = ()


def by_certificate(asked: Sequence[Asked], deadline: float) -> Certified:
    """Proofs of the answers `unsat`, checked, by `deadline`, a `time.monotonic()` value; the check itself is not
    interrupted, but what has too many lemmas is not checked.

    Raises InputError where python-sat is not installed.
    """
    parts = []
    for query in asked:
        if query.word == "unsat":
            found = _part(query, deadline)
            if isinstance(found, Opinion):
                return Certified(found)
            parts.append(found)
    lemmas = sum(len(part.lemmas) for part in parts)
    detail = f"{_count(len(parts), 'query', 'queries')}, {_count(lemmas, 'lemma', 'lemmas')} checked"
    return Certified(Opinion(by="certificate", word="agrees", detail=detail), tuple(parts))


def _part(query: Asked, deadline: float) -> Part | Opinion:
    """The proof of one answer `unsat`, or why there is none."""
    made = cnf(query.text, query.goal, deadline)
    if made is None:
        return _gave_up(query, "not turned into clauses in time")
    proof = prove(made.clauses, deadline)
    if proof == "unknown":
        return _gave_up(query, "not proved in time")
    if not isinstance(proof, Proof):
        return _disagrees(query, "z3 says unsat, python-sat sat of the clauses")
    if len(proof.lemmas) > LEMMAS:
        return _gave_up(query, f"{_count(len(proof.lemmas), 'lemma', 'lemmas')}, more than {LEMMAS} are not checked")
    part = Part(
        goal=query.goal,
        problem="lax" if query.problem == "lax" else "whole",
        cnf=made.digest,
        core=proof.core,
        lemmas=proof.lemmas,
    )
    wrong = part.fault(made.clauses)
    return _disagrees(query, f"python-sat says unsat, but {wrong}") if wrong else part


def _gave_up(query: Asked, why: str) -> Opinion:
    return Opinion(by="certificate", word="gave up", detail=f"{_name(query)}: {why}")


def _disagrees(query: Asked, why: str) -> Opinion:
    return Opinion(by="certificate", word="disagrees", detail=f"{_name(query)}: {why}")


def _name(query: Asked) -> str:
    """`violation` of `|goal.violation|`."""
    return query.goal.strip("|").removeprefix("goal.")


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
