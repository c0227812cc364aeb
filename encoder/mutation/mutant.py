"""A mutant: a program with one thing wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from encoder.program.core import EventStatement, Statement
from encoder.spec.model import Edit

MutantKind = Literal["step", "test", "swap", "lock", "region", "flush", "count", "order"]
"""What a mutant changes. An "order" mutant changes nothing but orderings."""
EventRewriter = Callable[[EventStatement], tuple[Statement, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """Made by `edits` on top of the variant, or by a `rewrite` of the program's events.

    `step` is its position among the procedure's steps, `label` names what is wrong, mostly that step. `probe` is an
    edit that shows whether any execution reaches what is changed.
    """

    procedure: str
    label: str
    step: str
    what: str
    kind: MutantKind
    edits: tuple[Edit, ...] = ()
    rewrite: EventRewriter | None = None
    probe: Edit | None = None

    @property
    def name(self) -> str:
        """The mutant's name, such as `gup_fast/seq_retry: test never taken`."""
        return f"{self.procedure}/{self.label}: {self.what}"
