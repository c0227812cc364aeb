"""What continuous integration is told, in whatever form: cases that pass, fail or are not decided."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from encoder.base.result import ScheduleStep, Witness
from encoder.base.source import Span

CaseStatus = Literal["passed", "failed", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePlace:
    """A line of a file: of the specs, or of a kernel's tree."""

    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CiCase:
    """One claim, or one property of a patch, on one platform.

    `rule` is the property and `rule_title` what it says; `message` one sentence; `detail` text for people, the schedule
    drawn. It stands at `place` in the specs. `variant` and `kernel` are those of the code, for the steps of the
    `witness`.
    """

    suite: str
    name: str
    rule: str
    rule_title: str
    status: CaseStatus
    message: str
    detail: str
    place: CodePlace
    variant: str
    witness: Witness | None = None


StepPlaces = Callable[[str, ScheduleStep], tuple[CodePlace, ...]]
"""The places of a schedule's step, of the variant named: in the kernel's tree if there is one, then in the specs."""


def place_at(span: Span) -> CodePlace:
    return CodePlace(file=span.file, line=span.line)
