"""A kept certificate against the specs as they are: its clauses are built anew, then its proofs checked."""

import time
from dataclasses import dataclass
from typing import Literal

from encoder.base.result import Question
from encoder.certificate.file import Certificate, Part
from encoder.graph.build import build
from encoder.memory import MODELS
from encoder.program.core import Program
from encoder.program.lookup import property_of
from encoder.smt.encode import encode_property, graph_for
from encoder.smt.encoding import Encoding
from encoder.smt.solvers.cnf import cnf
from encoder.smt.text.script import FALSE

IMPOSSIBLE = ("violation", "fault", "unheld", "bound")
"""The goals that no schedule reaches when a property is proved completely."""


@dataclass(frozen=True, slots=True)
class Rechecked:
    """`stale` is a certificate that holds, of other clauses than those of the specs now: it says nothing of them.
    `missing` is a part that is not there, `gave up` a lack of time, `wrong` a proof that does not hold. `detail` has
    what was checked, or which goal and what of it."""

    word: Literal["holds", "stale", "missing", "gave up", "wrong"]
    detail: str


def recheck(certificate: Certificate, program: Program, question: Question, *, vacuous: bool) -> Rechecked:
    """Whether the certificate shows what the question asks of the program: that the property holds, or with `vacuous`
    that its situation is not reached. No solver is asked; z3 only turns the problem into clauses.

    Raises InputError for a property that there is not.
    """
    asked = encoding_of(program, question)
    literals = {goal: asked.goals.get(goal, FALSE) for goal in (*IMPOSSIBLE, *(["situation"] if vacuous else []))}
    parts = {part.goal: part for part in certificate.parts}
    lemmas = 0
    for goal, literal in literals.items():
        if literal == FALSE:
            continue
        part = parts.get(literal)
        if part is None:
            return Rechecked("missing", f"{goal}: the certificate has no proof of it")
        found = _part(part, asked, question.timeout)
        if found is not None:
            return Rechecked(found.word, f"{goal}: {found.detail}")
        lemmas += len(part.lemmas)
    return Rechecked("holds", f"{lemmas} lemmas")


def _part(part: Part, asked: Encoding, timeout: float) -> Rechecked | None:
    """What is wrong with one proof, None if nothing is."""
    text = asked.relaxed if part.problem == "relaxed" and asked.relaxed else asked.text
    made = cnf(text, part.goal, time.monotonic() + timeout)
    if made is None:
        return Rechecked("gave up", f"its clauses were not built within {timeout:g} s")
    other = made.digest != part.cnf
    if wrong := part.own_fault() if other else part.fault(made.clauses):
        return Rechecked("wrong", wrong)
    return Rechecked("stale", "it holds, but not of the clauses that the specs give now") if other else None


def encoding_of(program: Program, question: Question) -> Encoding:
    """The problems that `engine.answer` puts to the solver about the executions of the question's model."""
    model, asked = MODELS[question.model], property_of(program, question.property)
    graph = graph_for(build(program, question.loops), model, question.loops)
    return encode_property(graph, model, asked, question.depth)
