"""Rechecks a stored certificate against the current specs: rebuilds the clauses and checks the proofs."""

import time
from dataclasses import dataclass
from typing import Literal

from encoder.base.result import Question
from encoder.certificate.file import Certificate, QueryProof
from encoder.graph.build import build
from encoder.memory import MODELS
from encoder.program.core import Program
from encoder.program.lookup import property_of
from encoder.smt.encode import encode_property, graph_for
from encoder.smt.encoding import Encoding
from encoder.smt.formula import Formula, with_cycles
from encoder.smt.relaxation import encode_bound
from encoder.smt.solvers.cnf import to_cnf
from encoder.smt.text.script import FALSE

EXCLUDED_GOALS = ("violation", "fault", "unheld", "bound")
"""The goals that are unreachable when a property is proved completely."""


@dataclass(frozen=True, slots=True)
class Rechecked:
    """The result. `holds`: the proofs are of the current clauses. `stale`: the proofs hold, but of other clauses, so
    they say nothing about the current specs. `missing`: a proof is not there. `gave up`: time ran out. `wrong`: a proof
    does not hold. `detail` is what was checked, or which goal failed and why."""

    word: Literal["holds", "stale", "missing", "gave up", "wrong"]
    detail: str


def recheck(certificate: Certificate, program: Program, question: Question, *, vacuous: bool) -> Rechecked:
    """Whether the certificate proves what the question asks of the program: that the property holds, or with `vacuous`
    that its situation is not reached. No solver decides anything; z3 only turns the encoding into clauses.

    Raises InputError for an unknown property.
    """
    model = MODELS[question.model]
    graph = graph_for(build(program, question.loops), model, question.loops)
    encoding = encode_property(graph, model, property_of(program, question.property), question.depth)
    parts = {part.goal: part for part in certificate.parts}
    lemmas = 0
    for goal in (*EXCLUDED_GOALS, *(["situation"] if vacuous else [])):
        unordered = goal == "bound" and not model.decides_before_storing
        asked = encode_bound(graph) if unordered else encoding
        literal = asked.goals.get(goal, FALSE)
        if FALSE in (literal, encoding.goals.get(goal, FALSE)):
            continue
        part = parts.get(literal)
        if part is None or (part.problem == "unordered") != unordered:
            return Rechecked("missing", f"{goal}: the certificate has no proof of it")
        fault = _part(part, asked, question.timeout)
        if fault is not None:
            return Rechecked(fault.word, f"{goal}: {fault.detail}")
        lemmas += len(part.lemmas)
    return Rechecked("holds", f"{lemmas} lemmas")


def _part(part: QueryProof, encoding: Encoding, timeout: float) -> Rechecked | None:
    """What is wrong with one proof, None if nothing is."""
    formula = Formula(encoding.relaxed) if part.problem == "relaxed" and encoding.relaxed else encoding.formula
    try:
        text = with_cycles(formula, part.cycles)
    except KeyError:
        return _stale(part, "it has a cycle that the order of the specs as they are now does not have")
    made = to_cnf(text, part.goal, time.monotonic() + timeout)
    if made is None:
        return Rechecked("gave up", f"its clauses were not built within {timeout:g} s")
    if made.digest != part.cnf:
        return _stale(part, "it holds, but not of the clauses that the specs give now")
    wrong = part.fault(made.clauses)
    return Rechecked("wrong", wrong) if wrong else None


def _stale(part: QueryProof, why: str) -> Rechecked:
    """What is said of a proof that is not of the current clauses."""
    wrong = part.core_fault()
    return Rechecked("wrong", wrong) if wrong else Rechecked("stale", why)
