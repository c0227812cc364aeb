"""How the reader refuses a test."""

from collections.abc import Iterable

from encoder.base.errors import InputError, Problem, nearest
from encoder.base.source import Span


def refused(
    code: str, message: str, span: Span, *, expected: str = "", known: Iterable[str] = (), word: str = ""
) -> InputError:
    """The error of one problem. `word` is what was written, `known` the names it may have been meant as."""
    near = nearest(word, known) if word else ""
    return InputError([Problem(code=code, message=message, span=span, expected=expected, nearest=near)])
