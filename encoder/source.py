"""Where a piece of input text stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line of input; lines and columns count from 1, `end` is one past the last column.

    `file` is the logical path that people are shown (`specs/procedures/gup_fast/v5.15.yaml`).
    """

    file: str
    line: int
    column: int
    end: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
