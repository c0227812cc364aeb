"""Errors that people cause and can mend.

    PinproofError
    ├── InputError        wrong input: one or more problems, each at a place (exit 2)
    └── SelfCheckError    two parts of Pinproof disagree (exit 6)
        └── Misfit        a recorded schedule that is none of these specs (`replay`: exit 2)

Anything else that is raised is a bug in Pinproof. Codes are grouped by who finds the problem: S1 the reader of the spec
files, S2 the resolver, Q the engine, C the command line, the replay and their input, L the ledger.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from encoder.base.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake. `code` is stable (`S103`), `span` None where there is no file (a command-line word).

    `expected` says what would have been right, `nearest` the known name closest to what was written, `related` other
    places that matter (the first of two duplicate labels).
    """

    code: str
    message: str
    span: Span | None
    expected: str = ""
    nearest: str = ""
    related: tuple[tuple[str, Span], ...] = ()


class PinproofError(Exception):
    """Base of the errors that Pinproof raises on purpose."""


class InputError(PinproofError):
    """Wrong input. `problems` are sorted by place; there is always at least one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.span is None, p.span or Span("", 0, 0, 0), p.code)))
        super().__init__("; ".join(f"{p.span}: {p.message}" for p in self.problems))


class SelfCheckError(PinproofError):
    """A witness that does not replay, or two opinions that differ. The message tells both stories."""


class Misfit(SelfCheckError):
    """A schedule that was recorded of other specs than it is replayed with, or changed since. `place` leads to what
    does not fit in the report that recorded it: `("schedule", 3, "label")`."""

    def __init__(self, message: str, *place: str | int) -> None:
        self.place = place
        super().__init__(message)


SHORTEST = 3
"""Letters of a word that is taken for a part of a name."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name closest to `word`; else the shortest that begins with it, or has it as a part; else ""."""
    names = sorted(known)
    found = get_close_matches(word, names, n=1, cutoff=0.6)
    if not found and len(word) >= SHORTEST:
        inside = [name for name in names if word in name]
        found = sorted(inside, key=lambda name: (not name.startswith(word), len(name)))
    return found[0] if found else ""
