"""Turns an encoding into clauses over propositional variables (CNF), by z3's bit-blasting."""

import hashlib
import time
from dataclasses import dataclass
from functools import cached_property

import z3

from encoder.smt.text.portable_smtlib import to_portable

CANCELED = b"canceled"  # z3's message when a tactic runs out of time
TACTICS = ("simplify", "bit-blast", "tseitin-cnf")


@dataclass(frozen=True)
class Cnf:
    """Clauses in DIMACS format; the text is the same for the same encoding and z3 version on any machine."""

    dimacs: str

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.dimacs.encode()).hexdigest()

    @cached_property
    def clauses(self) -> list[list[int]]:
        """The clauses as lists of literals: integers other than 0, -x is the negation of x."""
        lines = self.dimacs.splitlines()[1:]
        return [[int(word) for word in line.split()[:-1]] for line in lines]


def to_cnf(text: str, goal: str, deadline: float) -> Cnf | None:
    """Clauses that are satisfiable if and only if the problem `text` is with the literal `goal`.

    None if that takes longer than until `deadline`, a `time.monotonic()` value.
    """
    if deadline <= time.monotonic():
        return None
    context = z3.Context()
    problem = z3.Goal(ctx=context)
    problem.add(z3.parse_smt2_string(f"{to_portable(text)}(assert {goal})\n", ctx=context))
    left = max(1, int((deadline - time.monotonic()) * 1000))
    try:
        (made,) = z3.TryFor(z3.Then(*TACTICS, ctx=context), left)(problem)
    except z3.Z3Exception as error:
        if CANCELED not in error.args:
            raise
        return None
    return Cnf(made.dimacs(False))
