"""The parts of a litmus file that are not C: its name, the lines before the init block, and comments."""

import re
from dataclasses import dataclass

from encoder.base.errors import InputError, Problem
from encoder.base.source import Origin, Span

LEADING = re.compile(r"(?:\s|\ufeff|/\*.*?\*/|//[^\n]*)*", re.DOTALL)
NAME = re.compile(r"C\s+(?:\"([^\"\n]+)\"|(\S+))")
BEFORE = re.compile(r"\(\*.*?\*\)|\"[^\"\n]*\"|\{", re.DOTALL)
MARK = re.compile(r"/\*.*?\*/|//[^\n]*|\(\*|[{}]", re.DOTALL)
EDGE = re.compile(r"\(\*|\*\)")
OUTSIDE = re.compile(r"/\*.*?\*/|//[^\n]*|\(\*.*?\*\)", re.DOTALL)
VISIBLE = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class LitmusSource:
    """The name of a test, and the file's text from the init block on; what precedes it and every comment are
    blanked."""

    name: str
    text: str
    origin: Origin


def split_header(file: str, text: str) -> LitmusSource:
    """Find the name and the init block. Raises InputError."""
    named = NAME.match(text, _content_begin(text))
    if named is None:
        raise _problem(file, "this is no litmus test for the kernel's C", "`C NAME` on the first line")
    begin = named.end()
    while (found := BEFORE.search(text, begin)) is not None and found[0] != "{":
        begin = found.end()
    if found is None:
        raise _problem(file, "this litmus test has no init block", "`{` after the name")
    init = _end_of_init(text, found.start())
    body = VISIBLE.sub(" ", text[: found.start()]) + _blank(OUTSIDE, text[found.start() : init])
    body += _blank_code(text[init:])
    starts = (0, *(match.end() for match in re.finditer("\n", text)))
    return LitmusSource(named[1] or named[2], body, Origin(file, starts=starts))


def _content_begin(text: str) -> int:
    """The offset of the first character that is neither blank nor in a comment."""
    position = _skip_blanks(text, 0)
    while text.startswith("(*", position):
        position = _skip_blanks(text, _end_of_comment(text, position + 2))
    return position


def _skip_blanks(text: str, begin: int) -> int:
    found = LEADING.match(text, begin)
    return found.end() if found else begin


def _end_of_init(text: str, begin: int) -> int:
    """The offset after the init block: after the brace that closes the one at `begin`."""
    depth = 0
    for match in re.finditer(r"\(\*.*?\*\)|/\*.*?\*/|//[^\n]*|[{}]", text[begin:], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return begin + match.end()
    return len(text)


def _blank_code(text: str) -> str:
    """The code with comments blanked. Inside a thread `(*` begins a comment only between statements and before a blank
    or star; otherwise it is `(*x)`."""
    parts: list[str] = []
    position = depth = 0
    while (found := MARK.search(text, position)) is not None:
        parts.append(text[position : found.start()])
        position = found.end()
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if found[0] == "(*" and (
            depth == 0 or (text[position : position + 1] in "* \t\n" and _between_statements(parts))
        ):
            position = _end_of_comment(text, position)
        comment = text[found.start() : position]
        parts.append(comment if comment in ("{", "}", "(*") else VISIBLE.sub(" ", comment))
    return "".join(parts) + text[position:]


def _end_of_comment(text: str, begin: int) -> int:
    """The offset after the comment whose `(*` ends at `begin`. Such comments nest, unless a `(*x)` inside one only
    looks like a comment."""
    depth = 1
    first = begin
    for match in EDGE.finditer(text, begin):
        if match[0] == "*)" and first == begin:
            first = match.end()
        depth += 1 if match[0] == "(*" else -1
        if depth == 0:
            return match.end()
    return first


def _between_statements(before: list[str]) -> bool:
    written = next((part.rstrip() for part in reversed(before) if part.strip()), "")
    return not written or written[-1] in ";{}"


def _blank(comment: re.Pattern[str], text: str) -> str:
    return comment.sub(lambda match: VISIBLE.sub(" ", match[0]), text)


def _problem(file: str, message: str, expected: str) -> InputError:
    return InputError([Problem(code="L102", message=message, span=Span(file, 1, 1, 2), expected=expected)])
