"""One thing that can be wrong with a program."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from encoder.program.core import EventStatement, Statement
from encoder.spec.model import Edit

MutantKind = Literal["step", "test", "swap", "lock", "region", "flush", "count", "order"]
"""What a mutant touches. An "order" mutant changes no more than which orders the memory model is told of."""
Rewrite = Callable[[EventStatement], tuple[Statement, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """Made by `edits` on top of the variant, or by a `rewrite` of the program's events.

    `step` is where it stands among the procedure's steps, `label` names what is wrong, mostly the same. `probe` is an
    edit that tells whether any execution comes to what is changed.
    """

    procedure: str
    label: str
    step: str
    what: str
    kind: MutantKind
    edits: tuple[Edit, ...] = ()
    rewrite: Rewrite | None = None
    probe: Edit | None = None

    @property
    def name(self) -> str:
        """`gup_fast/seq_retry: test never taken`."""
        return f"{self.procedure}/{self.label}: {self.what}"
