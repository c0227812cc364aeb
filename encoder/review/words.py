"""C in the words of the specs: names, calls, accesses and conditions."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from encoder.kernel.c import text_of
from encoder.kernel.vocabulary import KernelWords, tokens_in
from encoder.review.dictionary import Meaning, Words, arguments_of, fitting, patterns_of
from encoder.review.statements import VALUES
from encoder.spec.model import Library, Primitive, Procedure

TRANSPARENT = frozenset(
    {"likely", "unlikely", "data_race", "WARN_ON", "WARN_ON_ONCE", "VM_WARN_ON_ONCE", "page_folio", "compound_head"}
)
"""Macros whose value is that of their argument; a page of the model is its folio."""
ORDERING = re.compile(
    r"_*(smp|atomic|s?rcu|synchronize|call_rcu|flush_tlb|(raw_)?(read|write)_seq|up|down)_\w+|_*[rw]?mb|barrier|vma_(start|end)_\w+"
    r"|(\w*_)?(try|un)?lock(_\w+)?"
)
"""Functions that order what others see, whether the model knows them or not."""
LANGUAGE = frozenset({"if", "else", "for", "while", "do", "return", "goto", "break", "continue", "sizeof", "struct"})


class NotUnderstoodError(Exception):
    """C that the specs have no word for: `word`, or several in quotes, and what is wanted."""

    def __init__(self, word: str, why: str) -> None:
        super().__init__(f"{word if word.startswith('`') else f'`{word}`'} {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What the words of a function mean for the steps of a procedure. `same` are the names that mean themselves:
    parameters that both have, constants, and in `own` the new variables of the patch. `brought` are the functions that
    the patch adds."""

    words: KernelWords
    functions: Mapping[str, Primitive | Procedure]
    getters: Mapping[str, str]
    setters: Mapping[str, tuple[str, str]]
    fields: Set[str]
    bits: Mapping[str, str]
    meanings: tuple[Meaning, ...]
    same: Set[str]
    brought: Set[str] = frozenset()
    own: set[str] = field(default_factory=set)

    def knows(self, tokens: Sequence[str]) -> bool:
        """Whether something that the model knows is called."""
        return any(self.is_known(word) and tokens[n + 1 : n + 2] == ["("] for n, word in enumerate(tokens))

    def is_known(self, word: str) -> bool:
        return word in self.words.meanings or word in self.getters or word in self.setters

    def orders(self, tokens: Sequence[str]) -> bool:
        """Whether something is called that orders what others see, or may do so, as the patch adds it."""
        called = [word for word, behind in pairwise(tokens) if behind == "("]
        return any(word in self.brought or ORDERING.fullmatch(word) for word in called)

    def means(self, tokens: Sequence[str], line: int) -> str | None:
        """What these words mean at a line: what they meant nearest to it."""
        wanted = tuple(tokens)
        found = [each for each in self.meanings if each.words == wanted]
        return min(found, key=lambda each: abs(each.line - line)).text if found else None

    def speaks_of(self, tokens: Sequence[str]) -> bool:
        """Whether something that the steps speak of is named."""
        names = {word for each in self.meanings for word in each.words if word.isidentifier()}
        return any(word in names and word not in self.own for word in tokens)

    def expression(self, tokens: Sequence[str], line: int) -> str:
        """The expression in the words of the specs. Raises NotUnderstoodError."""
        return text_of([*self._translated(bare(tokens), line)])

    def _translated(self, tokens: list[str], line: int) -> Iterator[str]:
        at = 0
        while at < len(tokens):
            word = tokens[at]
            behind = at > 0 and tokens[at - 1] in ("->", ".")
            length, text = (0, "") if behind else self._longest(tokens, at, line)
            if length:
                yield from tokens_in(_grouped(text, tokens, at, length))
                at += length
            elif (compared := _compared_entries(tokens, at)) is not None:
                one, sign, other, at = compared
                yield from (["!"] if sign == "!=" else [])
                yield from ("pte_same", "(", *self._translated(one, line), ",", *self._translated(other, line), ")")
            elif word.isidentifier() and tokens[at + 1 : at + 2] == ["("]:
                arguments = arguments_of(tokens, at + 1)
                yield from self._call(word, arguments, line)
                at = _closing(tokens, at + 1) + 1
            else:
                yield self._word(word, behind)
                at += 1

    def _longest(self, tokens: Sequence[str], at: int, line: int) -> tuple[int, str]:
        """The longest piece from here on that has a meaning."""
        lengths = {len(each.words) for each in self.meanings if tokens[at : at + len(each.words)] == list(each.words)}
        for length in sorted(lengths, reverse=True):
            text = self.means(tokens[at : at + length], line)
            if text is not None and tokens[at + length : at + length + 1] != ["("]:
                return length, text
        return 0, ""

    def _word(self, word: str, behind: bool) -> str:
        if behind and word in self.fields:
            return word
        if behind:
            raise NotUnderstoodError(word, "is no field that the specs have")
        if not word[0].isalpha() and word[0] != "_":
            return word
        if word in VALUES or word in self.same or word in self.own:
            return word
        raise NotUnderstoodError(word, "is nothing that the steps speak of")

    def _call(self, name: str, arguments: Sequence[Words], line: int) -> Iterator[str]:
        if name in TRANSPARENT and arguments:
            inner = [*self._translated(list(arguments[0]), line)]
            yield from inner if is_operand(inner) else ["(", *inner, ")"]
        elif name in self.getters and arguments:
            yield from (*self._translated(list(arguments[0]), line), ".", self.getters[name])
        else:
            yield from self._known_call(name, arguments, line)

    def _known_call(self, name: str, arguments: Sequence[Words], line: int) -> Iterator[str]:
        names = self.words.meanings.get(name, ())
        if not names:
            raise NotUnderstoodError(f"{name}()", "is no primitive or procedure")
        for callee in sorted(names, key=lambda each: each != name):
            function = self.functions[callee]
            pattern = fitting(patterns_of(function), name, arguments)
            if pattern is None or pattern.arguments is None:
                continue
            bound = self._bits(_bound(pattern.arguments, arguments))
            given = [bound.get(parameter.name) for parameter in function.parameters]
            if any(each is None for each in given):
                continue
            yield from (callee, "(")
            for number, each in enumerate(given):
                yield from ([","] if number else [])
                yield from self._translated(list(each or ()), line)
            yield ")"
            return
        raise NotUnderstoodError(
            f"{name}()", f"is called with {len(arguments)} arguments, which no `stands for` explains"
        )

    def _bits(self, bound: dict[str, Words]) -> dict[str, Words]:
        """A bit and the word that it is in are one field: `test_bit(MMF_HAS_PINNED, &mm->flags)`."""
        bit, word = bound.get("bit", ()), bound.get("_flags", ())
        if len(bit) == 1 and bit[0] in self.bits and word[:1] == ("&",) and len(word) > 3:
            return bound | {"bit": (*word[1:-1], self.bits[bit[0]])}
        return bound


def _bound(meant: Sequence[Words], said: Sequence[Words]) -> dict[str, Words]:
    """For each parameter what is passed: `&pages[first]` is an array and where in it, an array alone its beginning."""
    found: dict[str, Words] = {}
    for pattern, argument in zip(meant, said, strict=True):
        if len(pattern) == 1:
            found[pattern[0]] = argument
        elif pattern[0] == "&" and len(pattern) == 2:
            found[pattern[1]] = argument[1:] if argument[:1] == ("&",) else argument
        elif pattern[0] == "&" and len(pattern) == 5:  # &array[index]
            indexed = argument[:1] == ("&",) and argument[-1] == "]"
            at = argument.index("[") if indexed else len(argument)
            found[pattern[1]] = argument[1:at] if indexed else argument
            found[pattern[3]] = argument[at + 1 : -1] if indexed else ("0",)
    return found


def bare(tokens: Sequence[str]) -> list[str]:
    """Without `unlikely()` and the like around all of it."""
    found = list(tokens)
    while len(found) > 2 and found[0] in TRANSPARENT and found[1] == "(" and _closing(found, 1) == len(found) - 1:
        found = found[2:-1]
    return found


def _compared_entries(tokens: Sequence[str], at: int) -> tuple[list[str], str, list[str], int] | None:
    """Of `pte_val(a) != pte_val(b)` the two entries, the sign, and where it ends: what pte_same() says of them."""
    if tokens[at : at + 2] != ["pte_val", "("]:
        return None
    first = _closing(tokens, at + 1)
    if tokens[first + 1 : first + 2] not in (["!="], ["=="]) or tokens[first + 2 : first + 4] != ["pte_val", "("]:
        return None
    last = _closing(tokens, first + 3)
    return list(tokens[at + 2 : first]), tokens[first + 1], list(tokens[first + 4 : last]), last + 1


def _closing(tokens: Sequence[str], opening: int) -> int:
    depth = 0
    for at in range(opening, len(tokens)):
        depth += (tokens[at] in ("(", "[")) - (tokens[at] in (")", "]"))
        if depth == 0:
            return at
    raise NotUnderstoodError(tokens[opening - 1], "is called without an end")


OPERATORS = frozenset(
    ["+", "-", "*", "/", "%", "&", "|", "^", "<", ">", "<=", ">=", "==", "!=", "&&", "||", "<<", ">>", "?", ":"]
) | {"!", "~"}


def is_operand(tokens: Sequence[str]) -> bool:
    """Whether no operator stands outside of brackets."""
    depth = 0
    for word in tokens:
        depth += (word in ("(", "[")) - (word in (")", "]"))
        if depth == 0 and word in OPERATORS:
            return False
    return True


def _grouped(text: str, tokens: Sequence[str], at: int, length: int) -> str:
    """In brackets where an operator stands beside what is itself several operands."""
    alone = at == 0 and length == len(tokens)
    simple = all(sign not in text for sign in " &*!")
    inside = tokens[at - 1 : at] in (["("], [","]) and tokens[at + length : at + length + 1] in ([")"], [","])
    return text if alone or simple or inside else f"({text})"


def bits_of(library: Library) -> dict[str, str]:
    """The bits of flag words that are fields of their own, by their names in the kernel."""
    return {
        text: member.name for struct in library.types.structs for member in struct.fields for text in member.stands_for
    }


def speech_fields(library: Library) -> tuple[dict[str, str], dict[str, tuple[str, str]], frozenset[str]]:
    """The macros that read a field of a word, those that set one with the value, and the names of all fields."""
    getters: dict[str, str] = {}
    setters: dict[str, tuple[str, str]] = {}
    names = {member.name for struct in library.types.structs for member in struct.fields}
    for word in library.types.words:
        for member in word.fields:
            names.add(member.name)
            for text in member.stands_for:
                macro, _, value = text.partition(" = ")
                if value:
                    setters[macro] = (member.name, value)
                else:
                    getters.setdefault(macro, member.name)
    return getters, setters, frozenset(names)
