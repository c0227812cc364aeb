"""What others say of the answers that a verdict rests on."""

import time
from dataclasses import replace
from functools import cache
from typing import get_args

import pytest

from encoder.base.errors import SelfCheckError
from encoder.base.result import Opinion, Question, Report, Who, word
from encoder.memory import MODELS
from encoder.program.core import Ended, Program
from encoder.program.resolve import resolve
from encoder.smt.formula import Formula
from encoder.smt.solvers.cnf import to_cnf
from encoder.spec.load import load_library
from encoder.verify import cross_check as opinion
from encoder.verify.case import Case, silent
from encoder.verify.cross_check import by_certificate, by_cvc5, cross_check
from encoder.verify.decide import decide
from encoder.verify.engine import answer
from encoder.verify.query_result import QueryResult
from tests.concrete.build import both, cell, equal, load, never, of, program, store, thread

TEXT = "(declare-const a Bool)\n(declare-const b Bool)\n(assert (or a b))\n(assert (or a (not b)))\n"
POSSIBLE = QueryResult(Formula(TEXT), "a", "sat")
IMPOSSIBLE = QueryResult(Formula(TEXT), "(not a)", "unsat")


def later() -> float:
    return time.monotonic() + 60


@cache
def rests_on(model: str, variant: str, name: str) -> tuple[Report, tuple[QueryResult, ...]]:
    """An obligation of the ledger as the engine answers it for second opinions, and what that rests on."""
    question = Question(
        scenario="gup-vs-fork", variant=variant, property=name, model=model, opinions=("cvc5", "certificate")
    )
    program = resolve(load_library(scenario="gup-vs-fork", variant=variant), "gup-vs-fork", variant, "ipi")
    found = decide(Case.of(program, replace(question, interleavings=False)))
    return found.report, found.rests_on


@pytest.mark.parametrize("model", ["sc", "tso", *(pytest.param(n, marks=pytest.mark.slow) for n in [*MODELS][2:])])
def test_a_proof_is_agreed_to(model: str) -> None:
    report, asked = rests_on(model, "fork-mb-pin-mb", "writable-while-pinned")
    assert word(report.verdict) == "proved"
    relaxed = "whole" if model == "sc" else "relaxed"
    reached = "whole" if model == "sc" else "interleavings"
    assert [(a.goal, a.word, a.encodes) for a in asked] == [
        ("|goal.violation|", "unsat", "whole"), ("|goal.fault|", "unsat", relaxed), ("|goal.situation|", "sat", reached)
    ]  # fmt: skip
    assert by_cvc5(asked, later()) == Opinion(by="cvc5", word="agrees", detail="3 queries")
    found = by_certificate(asked, later())
    assert found.opinion.word == "agrees"
    assert found.opinion.detail.startswith("2 queries, ")
    assert [(part.goal, part.problem) for part in found.parts] == [
        ("|goal.violation|", "whole"),
        ("|goal.fault|", relaxed),
    ]
    assert model != "sc" or by_certificate(asked, later()) == found
    reached = to_cnf(asked[2].asked, asked[2].goal, later())
    assert reached is not None
    assert found.parts[0].fault(reached.clauses) != ""


def test_a_refutation_is_agreed_to() -> None:
    report, asked = rests_on("lkmm", "baseline", "writable-while-pinned")
    assert word(report.verdict) == "refuted"
    assert [(a.goal, a.word) for a in asked] == [("|goal.violation|", "sat")]
    assert by_cvc5(asked, later()) == Opinion(by="cvc5", word="agrees", detail="1 query")
    assert by_certificate(asked, later()).opinion.detail == "0 queries, 0 lemmas checked"


def test_wrong_answers_are_not_agreed_to() -> None:
    wrong = [POSSIBLE, replace(IMPOSSIBLE, word="sat")]
    assert by_cvc5(wrong, later()).detail == "(not a): z3 says sat, cvc5 unsat"
    wrong = [IMPOSSIBLE, replace(POSSIBLE, word="unsat")]
    assert by_cvc5(wrong, later()) == Opinion(by="cvc5", word="disagrees", detail="a: z3 says unsat, cvc5 sat")
    found = by_certificate(wrong, later())
    assert found.opinion.word == "disagrees"
    assert found.opinion.detail == "a: z3 says unsat, python-sat sat of the clauses"
    assert found.parts == ()


def test_wrong_proofs_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        opinion.QueryProof, "fault", lambda self, clauses: "lemma 3 does not follow by unit propagation"
    )
    found = by_certificate([IMPOSSIBLE], later()).opinion
    assert found.word == "disagrees"
    assert found.detail == "(not a): python-sat says unsat, but lemma 3 does not follow by unit propagation"


def test_no_time() -> None:
    named = QueryResult(Formula(f"{TEXT}(declare-const |goal.fault| Bool)\n"), "|goal.fault|", "sat")
    found = by_cvc5([named, POSSIBLE], 0.0)
    assert found == Opinion(by="cvc5", word="gave up", detail="fault, a not decided in time")
    assert by_certificate([POSSIBLE, IMPOSSIBLE], 0.0).opinion.detail == "(not a): not turned into clauses in time"


def test_what_is_too_long_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinion, "LEMMAS", 0)
    square = f"{TEXT}(assert (or (not a) b))\n(assert (or (not a) (not b)))\n"
    found = by_certificate([QueryResult(Formula(square), "true", "unsat")], later()).opinion
    assert (found.word, found.detail) == ("gave up", "true: 2 lemmas, more than 0 are not checked")


READER = thread("b", load("x", "r"), load("x", "s"), variables=["r", "s"])
SMALL = program([cell("x")], thread("a", store("x", 1)), READER)
FORTH, BACK = both(equal(of("b", "r"), 0), equal(of("b", "s"), 1)), both(equal(of("b", "r"), 1), equal(of("b", "s"), 0))
BROKEN = replace(SMALL, properties=(never(both(FORTH, Ended("b"))),))
SAFE = replace(SMALL, properties=(never(both(BACK, Ended("b"))),))
PLAIN = replace(SMALL, properties=(never(equal(of("b", "r"), 7)),))


def asked_all(made: Program, model: str = "sc") -> Report:
    return answer(made, Question(scenario="s", variant="v", property="", model=model, opinions=get_args(Who)))


@pytest.mark.parametrize("model", ["sc", "lkmm"])
def test_everybody_who_can_say_something_is_asked(model: str) -> None:
    who = ["explorer", "cvc5", "certificate"][model == "lkmm" :]
    proved, refuted = asked_all(SAFE, model), asked_all(BROKEN, model)
    assert [(said.by, said.word) for said in proved.opinions] == [(each, "agrees") for each in who]
    assert [said.by for said in refuted.opinions] == [each for each in who if each != "certificate"]
    assert proved.proofs and not refuted.proofs


def test_nobody_agrees_to_what_he_was_not_asked() -> None:
    said = {each.by: each for each in asked_all(PLAIN).opinions}
    assert said["explorer"].word == said["apart"].word == "agrees"
    assert said["cvc5"] == replace(said["certificate"], by="cvc5")
    assert said["cvc5"].word == "gave up"


def test_a_wrong_verdict_is_not_given() -> None:
    """Both stories are told, of a wrong proof and of a wrong refutation."""
    right, wrong = asked_all(BROKEN), asked_all(SAFE)
    with pytest.raises(SelfCheckError, match=r"p, proved; explorer: it breaks, 3 steps; .*b: load, a: store, b: load"):
        cross_check(BROKEN, replace(wrong, opinions=()), (), silent)
    with pytest.raises(
        SelfCheckError, match=r"p, refuted in 3 steps; .*a: store, b: load; explorer: no schedule .* stat"
    ):
        cross_check(SAFE, replace(right, opinions=()), (), silent)


def test_another_answer_is_told_with_who_gave_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opinion, "decide_by_cvc5", lambda text, goal, deadline: "sat")
    with pytest.raises(SelfCheckError, match="cvc5: violation: z3 says unsat, cvc5 sat"):
        asked_all(SAFE)
