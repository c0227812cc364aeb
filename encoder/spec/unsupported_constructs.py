"""C constructs that the grammar of litmus tests lacks, recognised by pattern, so that messages can name them."""

import re
from collections.abc import Iterator

CONSTRUCTS: tuple[tuple[str, str, str], ...] = (
    (r"\bfor\s*\([^{}]*", "`for` loops are", ""),
    (r"\bwhile\s*\([^{}]*", "`while` loops are", ""),
    (r"\bswitch\s*\([^{}]*\)\s*\{", "`switch` is", "`if` and `else`"),
    (r"\b(?:asm|__asm__)\b[^;{}]*", "`asm` is", "a primitive such as `smp_mb()`"),
    (r"\b__attribute__\b[^;{}]*", "`__attribute__` is", ""),
    (r"\(\s*(?:__)?typeof(?:__)?\s*\([^;{}]*", "`typeof` is", "a named type"),
    (r"\btypedef\b[^;{}]*", "`typedef` is", ""),
    (r"\bgoto\b[^;{}]*", "`goto` is", "`if` and `else`"),
    (r"(?<=[;{}])\s*[A-Za-z_]\w*\s*:(?=[^;]*;)", "labels are", "`if` and `else`"),
    (r"\+\+|--", "`++` and `--` are", "an assignment such as `r0 = r0 + 1`"),
    (r"(?:<<|>>|[-+*/%&|^])=", "compound assignment is", "an assignment such as `r0 = r0 + 1`"),
    (r"[/%](?![/*=])", "the operators `/` and `%` are", "`+`, `-`, `*`, shifts or bit operations"),
    (r"[0-9]+\.[0-9]*|\.[0-9]+", "floating-point numbers are", "an integer"),
    (r"\b(?:0[xX][0-9a-fA-F]+|[0-9]+)(?:[uU][lL]{0,2}|[lL]{1,2}[uU]?)\b", "suffixes of numbers are", "a plain number"),
    (r"\b0[0-9]+\b", "octal numbers are", "a decimal or hexadecimal number"),
    (r"\"[^\"\n]*\"?", "strings are", ""),
    (r"'[^'\n]*'?", "character constants are", "a number"),
    (r"^[ \t]*#[^\n]*", "preprocessor directives are", ""),
    (r"(?<![=!<>])=(?!=)(?=[^;{}]*\))", "an assignment inside an expression is", "a statement of its own before"),
    (r",(?=[^(){}]*;)", "a comma here is", "`;`"),
    (r"/\*|\(\*", "a comment that does not end is", "`*/` or `*)`"),
)


def find_unsupported(text: str, position: int) -> tuple[int, int, str, str] | None:
    """The construct where the parser stopped: (begin, end, its name with `is` or `are`, what to write instead); None if
    none is recognised."""
    return next(_around(text, position), None)


def _around(text: str, position: int) -> Iterator[tuple[int, int, str, str]]:
    for pattern, name, instead in CONSTRUCTS:
        for match in re.finditer(pattern, text, re.MULTILINE):
            if match.start() <= position < match.end():
                begin = match.end() - len(match[0].lstrip())
                yield begin, min(match.end(), begin + len(match[0].strip().split("\n")[0])), name, instead
