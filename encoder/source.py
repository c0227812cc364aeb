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


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a text that is parsed on its own stands in its file: its first character at `line` and `column`.

    `places` is empty for a text that the file holds as it is, on one line. Otherwise it gives each character its line
    and column (a quoted scalar with escapes, a scalar over several lines).
    """

    file: str
    line: int = 1
    column: int = 1
    places: tuple[tuple[int, int], ...] = ()

    def span(self, first: int, last: int) -> Span:
        """The characters `first` up to but not including `last`; no further than the line on which it begins."""
        if not self.places:
            return Span(self.file, self.line, self.column + first, self.column + last)
        line, column = self._place(first)
        ends = [c + 1 for l, c in (self._place(offset) for offset in range(first, last)) if l == line]
        return Span(self.file, line, column, ends[-1] if ends else column + 1)

    def _place(self, offset: int) -> tuple[int, int]:
        if offset < len(self.places):
            return self.places[offset]
        line, column = self.places[-1]
        return line, column + 1
