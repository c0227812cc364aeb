"""Where a piece of input text stands, and a mistake in it as people see it."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from encoder.base.catalog import read_line

if TYPE_CHECKING:
    from encoder.base.errors import Problem

WIDTH = 100


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
    and column (a quoted scalar with escapes, a scalar over several lines). `starts` is for a text that is a whole file:
    the offset at which each line begins.
    """

    file: str
    line: int = 1
    column: int = 1
    places: tuple[tuple[int, int], ...] = ()
    starts: tuple[int, ...] = ()

    def span(self, first: int, last: int) -> Span:
        """The characters `first` up to but not including `last`; no further than the line on which it begins."""
        if self.starts:
            line = bisect_right(self.starts, first)
            start = self.starts[line - 1]
            end = min(last, self.starts[line] - 1) if line < len(self.starts) else last
            return Span(self.file, line, first - start + 1, end - start + 1)
        if not self.places:
            return Span(self.file, self.line, self.column + first, self.column + last)
        line, column = self._place(first)
        places = [self._place(offset) for offset in range(first, last)]
        end = max((end for on, end in places if on == line), default=column)
        return Span(self.file, line, column, end + 1)

    def _place(self, offset: int) -> tuple[int, int]:
        if offset < len(self.places):
            return self.places[offset]
        line, column = self.places[-1]
        return line, column + 1


def render_problem(problem: "Problem", line_at: Callable[[str, int], str] = read_line) -> str:
    """A problem with the line it is in, a caret below its place, and what would have been right; no final line end.

    `line_at(file, line)` gives a line of a logical path, "" if it is not to be had.
    """
    place = f"{problem.span}: " if problem.span else ""
    lines = _wrapped(f"{place}error[{problem.code}]: {problem.message}")
    if problem.span is not None:
        lines.extend(_excerpt(problem.span, line_at(problem.span.file, problem.span.line)))
    if problem.expected:
        lines.extend(_wrapped(f"  expected: {problem.expected}"))
    if problem.nearest:
        lines.append(f"  did you mean `{problem.nearest}`?")
    for what, span in problem.related:
        lines.append(f"  {what}: {span}")
        lines.extend(_excerpt(span, line_at(span.file, span.line)))
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def _excerpt(span: Span, line: str) -> list[str]:
    """The line and its carets, cut to WIDTH around the place; nothing where there is no text."""
    if not line.strip():
        return []
    text = "".join(each if each.isprintable() else "\ufffd" for each in line.rstrip().replace("\t", " "))
    first, room = span.column - 1, WIDTH - 4
    start = 0 if len(text) <= room else max(0, min(first - room // 3, len(text) - room))
    shown = text[start : start + room]
    if start > 0:
        shown = "…" + shown[1:]
    if start + room < len(text):
        shown = shown[:-1] + "…"
    length = max(1, min(span.end, len(text) + 1, start + room + 1) - span.column)
    return [f"    {shown}", " " * (4 + first - start) + "^" * length]
