"""Certificates as files: for each query that a proof rests on, a proof that its clauses are unsatisfiable.

A file is gzip (without a time stamp) of lines of text:

    pinproof certificate 2
    obligation gup-vs-reclaim/v6.12/not-freed-while-pinned/lkmm/ipi
    query |goal.violation| of the whole problem
    cycles 1
    4 7 31
    cnf SHA-256 of the clauses as DIMACS text
    core 17 1 1 4 ...
    -7 12
    ...
    lemmas 147
    12 -7 3
    ...

Each further query has the same lines. `cycles`, which is missing where there are none, has cycles of the model's order,
each as the vertices on it: the clauses are those of the encoding and those that say that none of the cycles holds, and
whether they are cycles is seen by looking at the order. `core` has the indices of the clauses of an unsatisfiable
core, counted from 0, each after the first as the difference to the one before; below it are these clauses. The lemmas
follow from them by unit propagation, each from the clauses and the lemmas before it; the last lemma is an empty line.
`of the relaxed problem` means that the model's axioms were not needed, `of the unordered problem` that nothing was of
how values are passed on.

A certificate shows that these clauses are unsatisfiable, for which no solver need be trusted. It does not show that the
clauses say what the specs say (the encoder, and z3's bit-blasting), nor does it cover answers `sat`: that the situation
is reached, that loops go on.
"""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal, get_args

from encoder.certificate.rup import proof_fault

HEAD = "pinproof certificate 2"
MAX_BYTES = 200_000
"""The size in bytes up to which a file is kept."""
QueriedEncoding = Literal["whole", "relaxed", "unordered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryProof:
    """A proof that one query is unsatisfiable: the encoding (`problem`) and goal of the query, and what the module's
    docstring describes; `clauses` are those of the core, `cycles` are by their vertices."""

    goal: str
    problem: QueriedEncoding
    cnf: str
    core: tuple[int, ...]
    clauses: tuple[tuple[int, ...], ...]
    lemmas: tuple[tuple[int, ...], ...]
    cycles: tuple[tuple[int, ...], ...] = ()

    def fault(self, clauses: Sequence[Sequence[int]]) -> str:
        """Why this does not prove the clauses, of which `cnf` is the digest, unsatisfiable: "" where it does."""
        if any(not 0 <= place < len(clauses) for place in self.core):
            return "it names clauses that do not exist"
        if tuple(tuple(clauses[place]) for place in self.core) != self.clauses:
            return "its clauses are not those that it names"
        return self.core_fault()

    def core_fault(self) -> str:
        """Why the core's clauses, whatever query they are from, are not proved unsatisfiable: "" where they are."""
        known = {abs(literal) for clause in self.clauses for literal in clause}
        if any(abs(literal) not in known for lemma in self.lemmas for literal in lemma):
            return "its lemmas have variables that its clauses do not have"
        return proof_fault(self.clauses, self.lemmas)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """`obligation` is the id of the obligation that is proved."""

    obligation: str
    parts: tuple[QueryProof, ...]


def write_certificate(certificate: Certificate) -> bytes:
    """The certificate as the content of a file."""
    lines = [HEAD, f"obligation {certificate.obligation}"]
    for part in certificate.parts:
        gaps = [b - a for a, b in pairwise((0, *part.core))]
        lines += [
            f"query {part.goal} of the {part.problem} problem",
            *_cycle_lines(part),
            f"cnf {part.cnf}",
            _numbers("core", gaps),
            *(" ".join(map(str, clause)) for clause in part.clauses),
            f"lemmas {len(part.lemmas)}",
            *(" ".join(map(str, lemma)) for lemma in part.lemmas),
        ]
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def read_certificate(content: bytes) -> Certificate:
    """The certificate in a file. Raises ValueError, with the line, where the content is none."""
    try:
        lines = gzip.decompress(content).decode().split("\n")
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise ValueError(f"no gzip of text: {error}") from None
    reader = _LineReader(lines[:-1])
    if reader.next_line() != HEAD:
        raise ValueError(f"line 1: `{HEAD}` is missing")
    obligation = reader.after_word("obligation ")
    parts = []
    while reader.has_more():
        parts.append(reader.query_proof())
    return Certificate(obligation=obligation, parts=tuple(parts))


class _LineReader:
    """Reads a file line by line."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.place = 0

    def has_more(self) -> bool:
        return self.place < len(self.lines)

    def next_line(self) -> str:
        if not self.has_more():
            raise ValueError(f"line {self.place + 1}: the file ends too early")
        self.place += 1
        return self.lines[self.place - 1]

    def after_word(self, word: str) -> str:
        """What follows `word` at the beginning of the next line. Raises ValueError where the line begins otherwise."""
        line = self.next_line()
        if not line.startswith(word):
            raise ValueError(f"line {self.place}: `{word.rstrip()}` is missing")
        return line[len(word) :]

    def numbers(self, line: str) -> tuple[int, ...]:
        try:
            return tuple(map(int, line.split()))
        except ValueError:
            raise ValueError(f"line {self.place}: no numbers") from None

    def query_proof(self) -> QueryProof:
        goal, _, problem = self.after_word("query ").partition(" of the ")
        kind = next((each for each in get_args(QueriedEncoding) if problem == f"{each} problem"), None)
        if kind is None:
            raise ValueError(f"line {self.place}: `of the whole problem` is missing")
        cycles = self.cycles()
        cnf = self.after_word("cnf ")
        core = tuple(accumulate(self.numbers(self.after_word("core"))))
        clauses = self.literals(len(core))
        count = self.count("lemmas ")
        return QueryProof(
            goal=goal, problem=kind, cnf=cnf, core=core,
            clauses=clauses, lemmas=self.literals(count), cycles=cycles,
        )  # fmt: skip

    def cycles(self) -> tuple[tuple[int, ...], ...]:
        """The cycles, where the next line begins a list of them."""
        if not (self.has_more() and self.lines[self.place].startswith("cycles ")):
            return ()
        return tuple(self.numbers(self.next_line()) for _ in range(self.count("cycles ")))

    def count(self, word: str) -> int:
        """The one number that follows `word` in the next line."""
        numbers = self.numbers(self.after_word(word))
        if len(numbers) != 1:
            raise ValueError(f"line {self.place}: not one number of {word.rstrip()}")
        return numbers[0]

    def literals(self, count: int) -> tuple[tuple[int, ...], ...]:
        """The next `count` lines, each of literals."""
        lines = tuple(self.numbers(self.next_line()) for _ in range(count))
        if any(0 in line for line in lines):
            raise ValueError(f"line {self.place}: a line before here has the literal 0")
        return lines


def _cycle_lines(part: QueryProof) -> list[str]:
    lines = [" ".join(map(str, cycle)) for cycle in part.cycles]
    return [f"cycles {len(lines)}", *lines] if lines else []


def _numbers(word: str, numbers: Sequence[int]) -> str:
    return " ".join((word, *map(str, numbers)))
