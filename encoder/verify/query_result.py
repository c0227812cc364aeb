"""A query that was answered."""

from dataclasses import dataclass
from typing import Literal

from encoder.smt.formula import Formula, with_cycles


@dataclass(frozen=True, slots=True)
class QueryResult:
    """A query and its answer: whether `asked` is satisfiable with the literal `goal`. `encodes` says what it is about:
    the `whole` encoding, the `relaxed` one without the model's axioms, executions that are `unordered`
    (`smt.relaxation`), or `interleavings` under a model that allows more. Of the order of the formula no more was asked
    than that these `cycles` do not hold, so that `unsat` does not rest on others; and `sat` was answered by one with
    none at all."""

    formula: Formula
    goal: str
    word: Literal["sat", "unsat"]
    encodes: Literal["whole", "relaxed", "unordered", "interleavings"] = "whole"
    cycles: tuple[tuple[int, ...], ...] = ()

    @property
    def asked(self) -> str:
        """The SMT-LIB text, with the cycles."""
        return with_cycles(self.formula, self.cycles)
