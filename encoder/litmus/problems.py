"""Errors in litmus tests."""

from collections.abc import Iterable

from encoder.base.errors import InputError, Problem, nearest
from encoder.base.source import Span


def input_error(
    code: str, message: str, span: Span, *, expected: str = "", known: Iterable[str] = (), word: str = ""
) -> InputError:
    """The error for one problem. `word` is what was written, `known` the names that may have been meant."""
    near = nearest(word, known) if word else ""
    return InputError([Problem(code=code, message=message, span=span, expected=expected, nearest=near)])
