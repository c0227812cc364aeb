"""Functions as far as the hunks of a patch show them, where there is no tree to look into."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from encoder.kernel.c import CFunction, CStatement
from encoder.kernel.parse import statements_of
from encoder.review.patch import FilePatch, Hunk

STARTS = re.compile(
    r"^(?:(?!EXPORT_)[A-Z][A-Z0-9_]*\((?P<defined>\w+)[,)]|(?=[A-Za-z_]).*?(?P<name>\w+)\s*\()(?!.*;\s*$)"
)
"""A function, or the macro that defines one: `SYSCALL_DEFINE1(swapoff, const char __user *, name)`."""
KEYWORDS = ("if", "while", "for", "switch", "return", "sizeof", "EXPORT_SYMBOL", "EXPORT_SYMBOL_GPL")
STRINGS_AND_COMMENTS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
UNSEEN = "__unseen"
"""The test of a block whose beginning is not in the hunk."""
TRIMMED = 4
"""Lines that are left away at an end of a hunk where it begins or ends within a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A part of a function before and after a patch; `name` is "" where the hunk does not say which it is."""

    file: str
    name: str
    before: CFunction
    after: CFunction


def fragments_of(file: FilePatch, wanted: Callable[[str], bool]) -> Iterator[Fragment]:
    """The changed functions of a file, a fragment for each hunk and function. Those with a name that is not `wanted`
    are not read."""
    for hunk in file.hunks:
        for part in _parts(hunk):
            if any(kind != " " for kind, _, _, _ in part.lines):
                read = not part.name or wanted(part.name)
                before, after = (part.side(file.path, sign, read=read) for sign in "-+")
                yield Fragment(file=file.path, name=part.name, before=before, after=after)


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines of a hunk in one function: (kind, text, line in the old file, line in the new one)."""

    name: str
    lines: list[tuple[str, str, int, int]]

    def side(self, file: str, sign: str, *, read: bool) -> CFunction:
        chosen = [(text, old if sign == "-" else new) for kind, text, old, new in self.lines if kind in (" ", sign)]
        first = chosen[0][1] if chosen else 1
        statements, whole = _read([text for text, _ in chosen], first) if read else ((), True)
        last = chosen[-1][1] if chosen else 1
        return CFunction(name=self.name, file=file, line=first, end=last, statements=statements, broken=not whole)


def _parts(hunk: Hunk) -> list[_Part]:
    """The lines of a hunk by function; what stands between functions is in a part of its own, without a name."""
    part = _Part(function_in(hunk.section) or "", [])
    parts, signature = [part], False
    old = new = hunk.start
    for line in hunk.lines:
        name = function_in(line.text)
        if name is not None:
            part, signature = _Part(name, []), True
            parts.append(part)
        if not signature and line.text.rstrip() != "}":
            part.lines.append((line.kind, line.text, old, new))
        if signature and (line.text.startswith("{") or line.text.rstrip().endswith("{")):
            signature = False
        elif line.text.rstrip() == "}":
            part, signature = _Part("", []), False
            parts.append(part)
        old += line.kind in (" ", "-")
        new += line.kind in (" ", "+")
    return [each for each in parts if each.lines]


def function_in(line: str) -> str | None:
    """The function that begins in a line of the first column, None if none does."""
    match = STARTS.match(line)
    name = match and (match["defined"] or match["name"])
    return name if name not in KEYWORDS and not line.startswith("#") else None


def _read(lines: Sequence[str], first: int) -> tuple[tuple[CStatement, ...], bool]:
    """The statements in these lines, as much of them as can be read, and whether that is all."""
    text = _outside_comments(lines)
    cuts = ((top, cut - top) for cut in range(2 * TRIMMED + 1) for top in range(cut + 1))
    for top, bottom in cuts:
        if top <= TRIMMED and bottom <= TRIMMED and top + bottom <= len(text):
            for begun in ("", f"if ({UNSEEN}) "):  # what `else` belongs to may be above
                found, whole = _statements(text[top : len(text) - bottom], first + top, begun)
                if whole:
                    return found, True
    return _statements(text, first, "")[0], False


def _statements(lines: Sequence[str], first: int, begun: str) -> tuple[tuple[CStatement, ...], bool]:
    opened, closed = _balanced(lines)
    return statements_of(f"{opened}{begun}{chr(10).join(lines)}{closed}", first)


def _outside_comments(lines: Sequence[str]) -> list[str]:
    """The lines without a comment that begins before them, or ends behind them."""
    text = list(lines)
    opened = next((n for n, line in enumerate(text) if "/*" in line), len(text))
    closed = next((n for n, line in enumerate(text) if "*/" in line), len(text))
    if closed < opened:
        text[: closed + 1] = [""] * closed + [text[closed].split("*/", 1)[1]]
    joined = "\n".join(text)
    if joined.rfind("/*") > joined.rfind("*/"):
        joined += " */"
    return joined.split("\n")


def _balanced(lines: Sequence[str]) -> tuple[str, str]:
    """What has to stand before and behind the lines so that all their blocks begin and end."""
    text = STRINGS_AND_COMMENTS.sub(lambda match: "\n" * match[0].count("\n"), "\n".join(lines))
    depth = lowest = 0
    for sign in text:
        depth += (sign == "{") - (sign == "}")
        lowest = min(lowest, depth)
    return f"if ({UNSEEN}) {{ " * -lowest, " }" * (depth - lowest)
