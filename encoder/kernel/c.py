"""C as far as steps are held against it: functions as trees of statements, each a list of tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

StatementKind = Literal[
    "if", "loop", "switch", "case", "block", "label", "return", "goto", "break", "continue", "declaration",
    "expression", "other",
]  # fmt: skip
JUMPS = ("return", "goto", "break", "continue")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign as written, on `line` (from 1)."""

    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CStatement:
    """One statement. `tokens` are those of its head: of an `if` or a loop the keyword and what stands in brackets, of a
    label the name, of all others everything. `then` is the first block below it (a loop's body, too), `otherwise` that
    of `else`. It stands on `line` and goes, blocks included, to line `end`."""

    kind: StatementKind
    tokens: tuple[Token, ...]
    line: int
    end: int
    then: tuple["CStatement", ...] = ()
    otherwise: tuple["CStatement", ...] = ()

    @property
    def head(self) -> str:
        """The tokens with single spaces between them: what makes two statements the same."""
        return " ".join(token.text for token in self.tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class CFunction:
    """A function or a macro with parameters, on `line` to `end`; `parameters` are their names."""

    name: str
    file: str
    line: int
    end: int
    statements: tuple[CStatement, ...]
    parameters: tuple[str, ...] = ()
    broken: bool = False
    """Whether a part of it is no C that could be read."""


def walk(statements: Sequence[CStatement]) -> Iterator[CStatement]:
    """The statements and all below them, in the order of the text."""
    for each in statements:
        yield each
        yield from walk(each.then)
        yield from walk(each.otherwise)


def text_of(tokens: Sequence[Token | str]) -> str:
    """Tokens as a person writes them: `ptl = pte_lockptr ( mm , pmd ) ;` is `ptl = pte_lockptr(mm, pmd);`."""
    written = before = ""
    for token in tokens:
        word = token if isinstance(token, str) else token.text
        written += word if _glued(written, before, word) else f" {word}"
        before = word
    return written


GLUED_AFTER = ("(", "[", "->", ".", "!", "~", "")
GLUED_BEFORE = (")", "]", "[", ",", ";", "->", ".", "++", "--", ":")
KEYWORDS = ("if", "while", "for", "switch", "return")


def _glued(written: str, before: str, word: str) -> bool:
    """Whether no space stands between what is written, which ends in `before`, and the next word."""
    if word == "(" and before in KEYWORDS:
        return False
    calls = word == "(" and (before[-1:].isalnum() or before[-1:] in ("_", ")", "]"))
    signed = before in ("&", "*", "-", "+") and _is_unary(written)
    return before in GLUED_AFTER or word in GLUED_BEFORE or calls or signed


def _is_unary(written: str) -> bool:
    """Whether the sign at the end of this text has no left operand."""
    before = written[:-1].rstrip()
    return before == "" or before[-1] in "(,=&|<>!?:+-*/{[" or before.endswith("return")
