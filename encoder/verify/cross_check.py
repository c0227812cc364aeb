"""Cross-checks a verdict with the explorer, and the queries that it rests on with cvc5 and RUP proofs; without queries,
with the sets of values that variables can hold."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from encoder.base.errors import SelfCheckError
from encoder.base.result import Opinion, Refuted, Report, Tell, Vacuous, asked_of, word
from encoder.certificate.file import QueryProof
from encoder.concrete.explorer.compare_verdicts import SearchLimits, compare_verdicts
from encoder.concrete.explorer.reachable_values import excluded_by_values
from encoder.memory import MODELS
from encoder.memory.model import StateMachine
from encoder.program.core import Program
from encoder.program.lookup import property_of
from encoder.smt.solvers.cnf import to_cnf
from encoder.smt.solvers.cvc5_solver import decide_by_cvc5
from encoder.smt.solvers.drup import Proof, prove_unsat
from encoder.verify.query_result import QueryResult


def cross_check(program: Program, report: Report, rests_on: Sequence[QueryResult], tell: Tell) -> Report:
    """The report with the opinions that the question asks for, each within the question's time.

    Raises SelfCheckError, with both results, if one disagrees, and InputError if an optional package is not installed.
    """
    no_query = all(query.goal != VIOLATION for query in rests_on)
    machine = MODELS[report.question.model].explorable
    checkers = asked_of(report.question, explorable=machine is not None, refuted=isinstance(report.verdict, Refuted))
    for checker in checkers:
        if checker != "explorer" and no_query:
            report = replace(report, opinions=(*report.opinions, Opinion(by=checker, word="gave up", detail=NOT_ASKED)))
            continue
        tell(report)
        deadline = time.monotonic() + report.question.timeout
        match checker:
            case "explorer":
                assert machine is not None
                certified = Certified(by_explorer(program, report, machine, deadline))
            case "cvc5":
                certified = Certified(by_cvc5(rests_on, deadline))
            case "certificate":
                certified = by_certificate(rests_on, deadline)
            case _:
                assert_never(checker)
        if certified.opinion.word == "disagrees":
            raise SelfCheckError(
                f"the solver: {report.question.property}, {_describe(report)}; {checker}: {certified.opinion.detail}"
            )
        report = replace(
            report, opinions=(*report.opinions, certified.opinion), proofs=report.proofs or certified.parts
        )
    if no_query and checkers:
        said = excluded_by_values(
            program, property_of(program, report.question.property), vacuous=isinstance(report.verdict, Vacuous)
        )
        report = replace(report, opinions=(*report.opinions, said))
    return report


VIOLATION = "|goal.violation|"
NOT_ASKED = "the property is decided before the solver is asked"
STATES = 2_000_000
LEMMAS = 10_000
"""The largest number of lemmas of a query that are checked, which takes some twenty seconds. Half of the ledger's
proofs have fewer than 200 (measured on every eleventh, of which one has more than this limit)."""


def by_explorer(program: Program, report: Report, machine: StateMachine, deadline: float) -> Opinion:
    """The opinion of a search of all states of the machine, by `deadline`, a `time.monotonic()` value."""
    question = report.question
    prop = property_of(program, report.question.property)
    limits = SearchLimits(states=STATES, seconds=deadline - time.monotonic())
    opinions = compare_verdicts(
        program, [(prop, report.verdict)], machine=machine, loops=question.loops, depth=question.depth, limits=limits
    )
    return opinions[0]


def by_cvc5(queries: Sequence[QueryResult], deadline: float) -> Opinion:
    """The opinion of cvc5 on the queries, by `deadline`, a `time.monotonic()` value.

    Raises InputError if cvc5 is not installed.
    """
    undecided = []
    for query in queries:
        answer = decide_by_cvc5(query.asked, query.goal, deadline)
        if answer == "unknown":
            undecided.append(query)
        elif answer != query.word:
            return Opinion(
                by="cvc5", word="disagrees", detail=f"{_goal_name(query)}: z3 says {query.word}, cvc5 {answer}"
            )
    if undecided:
        return Opinion(by="cvc5", word="gave up", detail=f"{', '.join(map(_goal_name, undecided))} not decided in time")
    return Opinion(by="cvc5", word="agrees", detail=_count(len(queries), "query", "queries"))


@dataclass(frozen=True, slots=True)
class Certified:
    """The opinion of a checked proof, and its parts: one for each query that was answered `unsat`, none unless the
    opinion agrees."""

    opinion: Opinion
    parts: tuple[QueryProof, ...] = ()


def by_certificate(queries: Sequence[QueryResult], deadline: float) -> Certified:
    """The opinion of checked proofs of the queries answered `unsat`, by `deadline`, a `time.monotonic()` value. The
    check itself is not interrupted, but a proof with too many lemmas is not checked.

    Raises InputError if python-sat is not installed.
    """
    parts = []
    for query in queries:
        if query.word == "unsat":
            found = _part(query, deadline)
            if isinstance(found, Opinion):
                return Certified(found)
            parts.append(found)
    lemmas = sum(len(part.lemmas) for part in parts)
    detail = f"{_count(len(parts), 'query', 'queries')}, {_count(lemmas, 'lemma', 'lemmas')} checked"
    return Certified(Opinion(by="certificate", word="agrees", detail=detail), tuple(parts))


def _part(query: QueryResult, deadline: float) -> QueryProof | Opinion:
    """The proof of one query answered `unsat`, or an opinion that says why there is none."""
    made = to_cnf(query.asked, query.goal, deadline)
    if made is None:
        return _gave_up(query, "not turned into clauses in time")
    proof = prove_unsat(made.clauses, deadline)
    if proof == "unknown":
        return _gave_up(query, "not proved in time")
    if not isinstance(proof, Proof):
        return _disagrees(query, "z3 says unsat, python-sat sat of the clauses")
    if len(proof.lemmas) > LEMMAS:
        return _gave_up(query, f"{_count(len(proof.lemmas), 'lemma', 'lemmas')}, more than {LEMMAS} are not checked")
    part = QueryProof(
        goal=query.goal,
        problem="whole" if query.encodes == "interleavings" else query.encodes,
        cycles=query.cycles,
        cnf=made.digest,
        core=proof.core,
        clauses=tuple(tuple(made.clauses[place]) for place in proof.core),
        lemmas=proof.lemmas,
    )
    wrong = part.fault(made.clauses)
    return _disagrees(query, f"python-sat says unsat, but {wrong}") if wrong else part


def _gave_up(query: QueryResult, why: str) -> Opinion:
    return Opinion(by="certificate", word="gave up", detail=f"{_goal_name(query)}: {why}")


def _disagrees(query: QueryResult, why: str) -> Opinion:
    return Opinion(by="certificate", word="disagrees", detail=f"{_goal_name(query)}: {why}")


def _describe(report: Report) -> str:
    """The verdict, with the steps of its schedule if it has one."""
    verdict = report.verdict
    if not isinstance(verdict, Refuted):
        return word(verdict)
    start = ", ".join(f"{name} = {value}" for name, value in verdict.witness.symbols)
    steps = ", ".join(f"{step.thread}: {step.label}" for step in verdict.witness.schedule)
    return f"refuted in {_count(len(verdict.witness.schedule), 'step', 'steps')}; {start or 'no symbols'}; {steps}"


def _goal_name(query: QueryResult) -> str:
    """`violation` for `|goal.violation|`."""
    return query.goal.strip("|").removeprefix("goal.")


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
