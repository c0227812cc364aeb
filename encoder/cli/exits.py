"""Exit codes."""

from collections.abc import Iterable
from typing import assert_never

from encoder.result import Proved, Question, Refuted, Report, Unknown, Vacuous, Verdict

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


def of_reports(reports: Iterable[Report]) -> int:
    """That of the worst verdict: refuted, then undecided, then proved."""
    found = {of_verdict(each.question, each.verdict) for each in reports}
    return next((code for code in (REFUTED, UNDECIDED) if code in found), OK)
