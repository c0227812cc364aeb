"""Collects the mistakes found while a scenario is resolved, so that all are reported together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import takewhile

from encoder.base.errors import InputError, Problem, nearest
from encoder.base.source import Span

TYPE_CODES = ("S222", "S223", "S224")
"""Codes of type errors: where the caller chooses the types, the mistake is the caller's."""


class Rejected(Exception):
    """What is being resolved is wrong; the problem has been noted."""


@dataclass(slots=True)
class Problems:
    """The problems so far, each once, however often its procedure is inlined; `notes` counts all reports.

    `calls` has an entry for each open call: its place if the caller chooses the types of its parameters, so that type
    errors inside are reported there, else None. `asked` says from where what is resolved was asked for, if that is in
    another file.
    """

    found: dict[Problem, None] = field(default_factory=dict)
    notes: int = 0
    calls: list[Span | None] = field(default_factory=list)
    asked: tuple[tuple[str, Span], ...] = ()

    def note(
        self,
        code: str,
        message: str,
        span: Span | None,
        *,
        expected: str = "",
        word: str = "",
        known: Iterable[str] = (),
        related: tuple[tuple[str, Span], ...] = (),
    ) -> None:
        """Note a problem, with the nearest name to `word` among `known`."""
        self.notes += 1
        near = nearest(word, known) if word else ""
        caller = self._caller() if code in TYPE_CODES else None
        if caller is not None and span is not None:
            span, related = caller, (("detected here", span), *related)
        related = (*related, *self.asked)
        problem = Problem(code=code, message=message, span=span, expected=expected, nearest=near, related=related)
        if all((code, message, span) != (other.code, other.message, other.span) for other in self.found):
            self.found[problem] = None

    def _caller(self) -> Span | None:
        """The outermost of the innermost calls that take arguments of any type, None if the innermost call does not."""
        generic = takewhile(lambda call: call is not None, reversed(self.calls))
        return next(reversed([*generic]), None)

    def reject(
        self,
        code: str,
        message: str,
        span: Span | None,
        *,
        expected: str = "",
        word: str = "",
        known: Iterable[str] = (),
        related: tuple[tuple[str, Span], ...] = (),
    ) -> Rejected:
        """Note a problem, and return the exception to raise."""
        self.note(code, message, span, expected=expected, word=word, known=known, related=related)
        return Rejected(message)

    def give_up(self) -> Rejected:
        """The exception to raise where a problem noted before leaves nothing to resolve."""
        assert self.found, "nothing may be given up without a problem that says why"
        return Rejected("follows from an earlier problem")

    def raise_any(self) -> None:
        """Raise InputError if there is any problem."""
        if self.found:
            raise InputError(self.found)
