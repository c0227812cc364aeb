"""A program with one thing wrong."""

from dataclasses import dataclass
from typing import Literal

from encoder.program.core import Program

Kind = Literal["step", "test", "swap", "lock", "region", "flush", "count", "order"]
"""What a mutant touches. An "order" mutant changes no more than which orders the memory model is told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`program` is None where the change leaves nothing that can be resolved: `problem` says why not.

    `step` is where it stands among the procedure's steps; `label` names what is wrong, mostly the same.
    """

    procedure: str
    label: str
    change: str
    kind: Kind
    step: str
    program: Program | None
    problem: str = ""

    @property
    def name(self) -> str:
        """`gup_fast/seq_retry: test never taken`."""
        return f"{self.procedure}/{self.label}: {self.change}"
