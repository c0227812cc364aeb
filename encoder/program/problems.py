"""Mistakes found while a scenario is resolved, kept until all of them are known."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from encoder.errors import InputError, Problem, nearest
from encoder.source import Span


class Rejected(Exception):
    """What is being resolved makes no sense; the problem that says so has been noted."""


@dataclass(slots=True)
class Problems:
    """The problems so far, each once, however often its procedure is inlined; `notes` counts all of them."""

    found: dict[Problem, None] = field(default_factory=dict)
    notes: int = 0

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
        """Note a problem; the nearest name to `word` among `known` goes with it."""
        self.notes += 1
        near = nearest(word, known) if word else ""
        problem = Problem(code=code, message=message, span=span, expected=expected, nearest=near, related=related)
        self.found.setdefault(problem)

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
        """Note a problem; the answer is to be raised, which gives up what is being resolved."""
        self.note(code, message, span, expected=expected, word=word, known=known, related=related)
        return Rejected(message)

    def give_up(self) -> Rejected:
        """What is to be raised where a problem that has been noted leaves nothing to resolve."""
        assert self.found, "nothing may be given up without a problem that says why"
        return Rejected("follows from an earlier problem")

    def raise_any(self) -> None:
        """Raise InputError if there is any problem."""
        if self.found:
            raise InputError(self.found)
