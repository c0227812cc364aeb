"""From a question to its report: load, resolve, unroll, decide, replay, and the further checks that the question asks
for."""

import time
from dataclasses import replace
from pathlib import Path

from encoder.base.result import Checks, Proved, Question, Report, Tell, Unknown, Vacuous, Verdict, silent
from encoder.program.core import Program
from encoder.program.indices import unclear_srcu_end
from encoder.verify.case import Case
from encoder.verify.checks import ask_checks
from encoder.verify.close_loops import close_loops
from encoder.verify.cross_check import cross_check
from encoder.verify.decide import TextSink, decide, unclear_section_end
from encoder.verify.knowledge import Knowledge
from encoder.verify.load import load
from encoder.verify.parametric_proof import prove_parametric


def ask(question: Question, root: Path | None = None, dump: TextSink | None = None) -> Report:
    """Answer a question about the shipped specs, or those under `root`; `dump` gets the SMT-LIB text of the property.

    Raises InputError for wrong specs or names, SelfCheckError if the replay, or another cross-check, disagrees with the
    solver.
    """
    start = time.monotonic()
    program = load(question, root)
    return answer(program, question, dump=dump, loaded=time.monotonic() - start)


def answer(
    program: Program, question: Question, *, dump: TextSink | None = None, loaded: float = 0.0,
    tell: Tell = silent, shortening: float = 1.0, known: Knowledge | None = None,
) -> Report:  # fmt: skip
    """Answer a question about a resolved program, as `ask` does. `loaded` is the seconds that loading took;
    `shortening` is that of `Case`; `known` comes from earlier questions about the program."""
    case = Case.of(program, question, loaded=loaded, tell=tell, shortening=shortening, known=known)
    decided = decide(case, dump)
    report, question = decided.report, case.question
    if question.depth is None and isinstance(report.verdict, Proved) and not report.verdict.complete:
        tell(report)
        proved, said = close_loops(program, question, case.property, report.verdict)
        report = replace(report, verdict=proved, flags=(*report.flags, *said))
    if question.checks:
        if not isinstance(report.verdict, Unknown):
            tell(report)
        report = replace(report, checks=_checks(case.known, question, report.verdict))
    verdict = report.verdict
    wanted = question.unlimited and report.unlimited is None and question.depth is None
    if wanted and isinstance(verdict, Proved) and verdict.complete:
        tell(report)
        report = replace(report, unlimited=prove_parametric(program, question, case.property))
    return report if isinstance(verdict, Unknown) else cross_check(program, report, decided.rests_on, tell)


def _checks(known: Knowledge, question: Question, verdict: Verdict) -> Checks:
    """The checks that the question asks for beside the verdict."""
    site = unclear_srcu_end(known.program)
    unclear = "" if site is None else f"not decided: {unclear_section_end(question.model, site)}"
    checks = ask_checks(known, question, unclear=unclear, seconds=_time_for_checks(question, verdict))
    match verdict:  # it may already have decided which loops matter
        case Proved(complete=True, searched_loops=loops) | Proved(complete=False, open_loops=loops):
            return replace(checks, open_loops=loops)
        case Vacuous(complete=True):
            return replace(checks, open_loops=())
        case _:
            return checks


def _time_for_checks(question: Question, verdict: Verdict) -> float:
    """Seconds for the checks. Without a verdict they are few: the process that watches this one would end it."""
    return question.timeout / 8 if isinstance(verdict, Unknown) else question.timeout
