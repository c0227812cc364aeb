"""Exit codes."""

from collections.abc import Iterable
from typing import assert_never

from encoder.base.result import Proved, Question, Refuted, Report, Unknown, Vacuous, Verdict

OK = 0
USAGE = 2
UNDECIDED = 5
SELF_CHECK = 6
REFUTED = 10
INTERRUPTED = 130
BROKEN_PIPE = 141


def of_verdict(question: Question, verdict: Verdict) -> int:
    """0 only for a complete proof, or for one to the depth that was asked for."""
    match verdict:
        case Proved(complete=True):
            return OK
        case Proved():
            return OK if question.depth is not None and not verdict.open_loops else UNDECIDED
        case Refuted():
            return REFUTED
        case Vacuous() | Unknown():
            return UNDECIDED
        case never:
            assert_never(never)


def of_checks(report: Report) -> int:
    """That of what the verdict takes for granted: as if refuted where threads may wait for ever or end with something
    held, as if undecided where a step is never reached, nobody changes what the property speaks of, or it is not known.
    """
    checks = report.checks
    if checks is None:
        return UNDECIDED if report.question.checks or report.untouched else OK
    if "found" in (checks.deadlock.status, checks.held.status):
        return REFUTED
    said = checks.unreached.steps + checks.unreached.undecided
    open_ = "undecided" in (checks.deadlock.status, checks.held.status)
    return UNDECIDED if open_ or said or checks.unreached.elsewhere or report.untouched else OK


def of_reports(reports: Iterable[Report]) -> int:
    """That of the worst verdict, and of what it takes for granted: refuted, then undecided, then proved."""
    every = list(reports)
    found = {of_verdict(each.question, each.verdict) for each in every} | {of_checks(each) for each in every}
    return next((code for code in (REFUTED, UNDECIDED) if code in found), OK)
