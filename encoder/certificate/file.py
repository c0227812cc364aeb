"""Certificates as files: for each query that a proof rests on, why its clauses cannot be met together.

A file is gzip (without a time) of lines of text:

    pinproof certificate 2
    obligation gup-vs-reclaim/v6.12/not-freed-while-pinned/lkmm/ipi
    query |goal.violation| of the whole problem
    cnf SHA-256 of the clauses as DIMACS text
    core 17 1 1 4 ...
    -7 12
    ...
    lemmas 147
    12 -7 3
    ...

with a `query` and what follows it for each. `core` has the places of the clauses that clash, from 0, each after the
first as the distance from the one before, and below them the clauses themselves; the lemmas follow from those by unit
propagation, each from what is before it, the last is an empty line. `of the relaxed problem` is said where the model's
axioms were not needed.

What a certificate covers: that these clauses have no solution, which no solver need be trusted for. What it does not:
that the clauses say what the specs say (the encoder, and z3's bit-blasting), and answers `sat`: that the situation is
reached, that loops go on.
"""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

from encoder.certificate.rup import fault

HEAD = "pinproof certificate 2"
LIMIT = 200_000
"""Bytes of a file that is worth keeping."""
Which = Literal["whole", "relaxed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Why one query has no answer: the problem it is of, its goal and what the module's docstring says; `clauses` are
    those of the core."""

    goal: str
    problem: Which
    cnf: str
    core: tuple[int, ...]
    clauses: tuple[tuple[int, ...], ...]
    lemmas: tuple[tuple[int, ...], ...]

    def fault(self, clauses: Sequence[Sequence[int]]) -> str:
        """Why this does not show that the clauses, those that `cnf` is the digest of, clash: "" where it does."""
        if any(not 0 <= place < len(clauses) for place in self.core):
            return "it names clauses that do not exist"
        if tuple(tuple(clauses[place]) for place in self.core) != self.clauses:
            return "its clauses are not those that it names"
        return self.own_fault()

    def own_fault(self) -> str:
        """Why its own clauses, whatever they are of, are not shown to clash: "" where they are."""
        known = {abs(literal) for clause in self.clauses for literal in clause}
        if any(abs(literal) not in known for lemma in self.lemmas for literal in lemma):
            return "its lemmas have variables that its clauses do not have"
        return fault(self.clauses, self.lemmas)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """`obligation` is the id of what is proved."""

    obligation: str
    parts: tuple[Part, ...]


def written(certificate: Certificate) -> bytes:
    """The certificate as a file."""
    lines = [HEAD, f"obligation {certificate.obligation}"]
    for part in certificate.parts:
        gaps = [b - a for a, b in pairwise((0, *part.core))]
        lines += [
            f"query {part.goal} of the {part.problem} problem",
            f"cnf {part.cnf}",
            _numbers("core", gaps),
            *(" ".join(map(str, clause)) for clause in part.clauses),
            f"lemmas {len(part.lemmas)}",
            *(" ".join(map(str, lemma)) for lemma in part.lemmas),
        ]
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def read(content: bytes) -> Certificate:
    """The certificate in a file. Raises ValueError, with the line, for what is none."""
    try:
        lines = gzip.decompress(content).decode().split("\n")
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise ValueError(f"no gzip of text: {error}") from None
    reader = _Lines(lines[:-1])
    if reader.next() != HEAD:
        raise ValueError(f"line 1: `{HEAD}` is missing")
    obligation = reader.after("obligation ")
    parts = []
    while reader.more():
        parts.append(reader.part())
    return Certificate(obligation=obligation, parts=tuple(parts))


class _Lines:
    """The lines of a file, one after the other."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.place = 0

    def more(self) -> bool:
        return self.place < len(self.lines)

    def next(self) -> str:
        if not self.more():
            raise ValueError(f"line {self.place + 1}: the file ends too early")
        self.place += 1
        return self.lines[self.place - 1]

    def after(self, word: str) -> str:
        """What stands after the word at the beginning of the next line."""
        line = self.next()
        if not line.startswith(word):
            raise ValueError(f"line {self.place}: `{word.rstrip()}` is missing")
        return line[len(word) :]

    def numbers(self, line: str) -> tuple[int, ...]:
        try:
            return tuple(map(int, line.split()))
        except ValueError:
            raise ValueError(f"line {self.place}: no numbers") from None

    def part(self) -> Part:
        goal, _, problem = self.after("query ").partition(" of the ")
        if problem not in ("whole problem", "relaxed problem"):
            raise ValueError(f"line {self.place}: `of the whole problem` is missing")
        cnf = self.after("cnf ")
        core = tuple(accumulate(self.numbers(self.after("core"))))
        clauses = self.literals(len(core))
        count = self.numbers(self.after("lemmas "))
        if len(count) != 1:
            raise ValueError(f"line {self.place}: not one number of lemmas")
        return Part(
            goal=goal, problem="relaxed" if problem.startswith("relaxed") else "whole", cnf=cnf, core=core,
            clauses=clauses, lemmas=self.literals(count[0]),
        )  # fmt: skip

    def literals(self, count: int) -> tuple[tuple[int, ...], ...]:
        """So many lines of literals."""
        lines = tuple(self.numbers(self.next()) for _ in range(count))
        if any(0 in line for line in lines):
            raise ValueError(f"line {self.place}: a line before here has the literal 0")
        return lines


def _numbers(word: str, numbers: Sequence[int]) -> str:
    return " ".join((word, *map(str, numbers)))
