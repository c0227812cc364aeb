"""Text that fits a mail: lines of at most 72 columns, broken where code may be broken."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from textwrap import TextWrapper

WIDTH = 72
_BREAKS = re.compile(r"(\s+)|(?<=\w\()")
_BREAKS_IN_LONG_WORDS = re.compile(r"(\s+)|(?<=\w\()|(?<=->)|(?<=/)")
_COLUMNS = ContextVar("_COLUMNS", default=sys.maxsize)


@contextmanager
def at_most(columns: int) -> Iterator[None]:
    """No line that is laid out in here is longer."""
    before = _COLUMNS.set(columns)
    try:
        yield
    finally:
        _COLUMNS.reset(before)


def text_width() -> int:
    """The columns of a text: those that fit a mail, fewer where `at_most` says so."""
    return min(WIDTH, _COLUMNS.get())


def fits(line: str) -> bool:
    """Whether a line is no longer than `at_most` says."""
    return len(line) <= _COLUMNS.get()


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> tuple[str, ...]:
    """`text` in lines of at most `width` columns, broken at spaces, after a call's `(` and, where need be, after `->`
    and `/`.

    `first` stands before the first line, `rest` before the others. A longer word is cut.
    """
    width = min(width, _COLUMNS.get())
    wrapper = TextWrapper(width=width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    longest = max((len(word) for word in _BREAKS.split(text) if word), default=0)
    wrapper.wordsep_simple_re = _BREAKS if longest <= width - len(rest) else _BREAKS_IN_LONG_WORDS
    return tuple(wrapper.wrap(text))


def columns_of(pairs: tuple[tuple[str, str], ...], *, indent: str) -> tuple[str, ...]:
    """`name = value` lines, the names padded to one width."""
    if not pairs:
        return ()
    longest = max(len(name) for name, _ in pairs)
    rest = indent + " " * min(longest + 3, text_width() // 2)
    return tuple(
        line for name, value in pairs for line in wrap(f"{name:<{longest}} = {value}", WIDTH, first=indent, rest=rest)
    )
