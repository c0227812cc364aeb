"""Typed reading of YAML nodes. Problems are collected, so that one mistake does not hide the next."""

import re
from collections.abc import Callable, Container, Iterable
from typing import TypeVar

from encoder.base.catalog import Entry
from encoder.base.errors import InputError, Problem, nearest
from encoder.base.source import Origin, Span
from encoder.spec.model import Parameter, TypeName
from encoder.spec.parse import parse_assignment, parse_expression, parse_type
from encoder.spec.reserved_names import VALUES
from encoder.spec.syntax import Assignment, Expression, Name
from encoder.spec.yamltree import Mapping, Sequence, YamlNode, YamlScalar, compose

T = TypeVar("T")
D = TypeVar("D")
NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
FILE = re.compile(r"\w[\w.+-]*\Z", re.ASCII)


class NodeReader:
    """Reads nodes of one file; mistakes are added to `problems`, and a harmless substitute is returned."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems

    def refuse(
        self,
        code: str,
        span: Span,
        message: str,
        *,
        expected: str = "",
        nearest: str = "",
        related: tuple[tuple[str, Span], ...] = (),
    ) -> None:
        """Note one problem."""
        self.problems.append(
            Problem(code=code, message=message, span=span, expected=expected, nearest=nearest, related=related)
        )

    def file(self, entry: Entry) -> str | None:
        """The text of a file, None if it cannot be read."""
        start = Span(entry.path, 1, 1, 2)
        try:
            return entry.file.read_text(encoding="utf-8")
        except OSError as error:
            self.refuse("S100", start, f"the file cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self.refuse("S100", start, f"the file is not UTF-8 text: {error.reason}, byte {error.start}")
        return None

    def document(self, entry: Entry) -> YamlNode | None:
        """What a file holds, None if it cannot be read or holds nothing, which is noted."""
        text, before = self.file(entry), len(self.problems)
        node = None if text is None else compose(text, entry.path, self.problems)
        if node is None and len(self.problems) == before and text is not None:
            self.refuse("S106", Span(entry.path, 1, 1, 2), "the file is empty")
        return node

    def parse_scalar(self, node: YamlNode, parse: Callable[[str, Origin], T]) -> T | None:
        """A scalar parsed by `parse`, None where it is no scalar or does not parse."""
        if not isinstance(node, YamlScalar):
            self.wrong_kind(node, "a string")
            return None
        if not node.text:
            self.refuse("S105", node.span, "there is no value", expected="a string")
            return None
        try:
            return parse(node.text, node.origin)
        except InputError as error:
            self.problems.extend(error.problems)
            return None

    def text(self, node: YamlNode) -> str:
        """A scalar as written, its line breaks as single spaces."""
        return self.parse_scalar(node, lambda text, _: " ".join(text.split())) or ""

    def texts(self, node: YamlNode) -> tuple[str, ...]:
        """A scalar as written, or a list of them."""
        nodes = (node,) if isinstance(node, YamlScalar) else self.items(node)
        return tuple(self.text(each) for each in nodes)

    def name(self, node: YamlNode, reserved: Container[str] = ()) -> str:
        """A scalar that is a name of the statement language and not `reserved`."""
        word = self.text(node)
        self.check_not_reserved(word, node.span, reserved)
        if word and not NAME.match(word):
            self.refuse(
                "S107", node.span, f"`{word}` is not a name", expected="letters, digits and `_`, no digit first"
            )
        return word

    def file_name(self, node: YamlNode) -> str:
        """A scalar that names a file, and is therefore part of obligations' names."""
        word = self.text(node)
        if word and not FILE.match(word):
            expected = "letters, digits and `_ . + -`, the first a letter, digit or `_`"
            self.refuse("S107", node.span, f"`{word}` cannot name a file", expected=expected)
        return word

    def check_not_reserved(self, word: str, span: Span, reserved: Container[str]) -> None:
        """Note a problem for a reserved word."""
        if word in reserved:
            self.refuse("S119", span, f"`{word}` is a word of the language", expected="another name")

    def choice(self, node: YamlNode, words: Iterable[str]) -> str:
        """One of `words`; the first where it is none of them."""
        known = tuple(words)
        word = self.text(node)
        if word and word not in known:
            self.refuse(
                "S107", node.span, f"unknown word `{word}`", expected=_listing(known), nearest=nearest(word, known)
            )
        return word if word in known else known[0]

    def expression(self, node: YamlNode) -> Expression:
        return self.parse_scalar(node, parse_expression) or Name(name="", span=node.span)

    def assignment(self, node: YamlNode) -> Assignment:
        stand_in = Name(name="", span=node.span)
        found = self.parse_scalar(node, parse_assignment)
        return found or Assignment(target=stand_in, value=stand_in, span=node.span)

    def type_name(self, node: YamlNode) -> TypeName:
        return self.parse_scalar(node, parse_type) or self.no_type(node)

    def no_type(self, node: YamlNode) -> TypeName:
        """A substitute for a type that was rejected."""
        return TypeName(name="", pointer=False, shape="scalar", length=None, span=node.span)

    def items(self, node: YamlNode) -> tuple[YamlNode, ...]:
        """The items of a sequence."""
        if isinstance(node, Sequence):
            return node.items
        self.wrong_kind(node, "a list")
        return ()

    def some_items(self, node: YamlNode) -> tuple[YamlNode, ...]:
        """The items of a sequence that must not be empty."""
        return self.at_least_one(node, self.items(node))

    def at_least_one(self, node: YamlNode, found: tuple[T, ...]) -> tuple[T, ...]:
        """What was `found` in a list or mapping, which must not be empty."""
        match node:
            case Sequence(items=()) | Mapping(entries=()):
                self.refuse("S105", node.span, "there must be at least one")
            case _:
                pass
        return found

    def entries(self, node: YamlNode) -> tuple[tuple[YamlScalar, YamlNode], ...]:
        """The entries of a mapping; keys are unique."""
        if not isinstance(node, Mapping):
            self.wrong_kind(node, "a mapping")
            return ()
        first: dict[str, YamlScalar] = {}
        for key, _ in node.entries:
            if key.text in first:
                related = (("first here", first[key.text].span),)
                self.refuse("S102", key.span, f"duplicate key `{key.text}`", related=related)
            first.setdefault(key.text, key)
        return tuple((key, value) for key, value in node.entries if first[key.text] is key)

    def named_entries(self, node: YamlNode, reserved: Container[str] = ()) -> tuple[tuple[YamlScalar, YamlNode], ...]:
        """The entries of a mapping whose keys are names and not `reserved`."""
        entries = self.entries(node)
        for key, _ in entries:
            self.name(key, reserved)
        return entries

    def parameters(self, node: YamlNode, reserved: Container[str] = VALUES) -> tuple[Parameter, ...]:
        """`{name: type, …}`; `typeof` refers to an earlier parameter that denotes memory."""
        found: list[Parameter] = []
        for key, value in self.named_entries(node, reserved):
            type = self.type_name(value)
            if type.of:
                self._check_typeof(type, found)
            found.append(Parameter(name=key.text, type=type, span=key.span))
        return tuple(found)

    def _check_typeof(self, type: TypeName, earlier: list[Parameter]) -> None:
        places = {each.name: each.type for each in earlier if each.type is not None and each.type.shape == "place"}
        written = {name: f"typeof({'*' if place.name else ''}{name})" for name, place in places.items()}
        if written.get(type.of) != type.name:
            expected = _listing(f"`{each}`" for each in written.values())
            self.refuse(
                "S115",
                type.span,
                f"`{type.name}` names no memory of an earlier parameter",
                expected=expected if written else "an `lvalue` or an `any &` before it",
                nearest="" if type.of in written else nearest(type.of, written),
            )

    def fields(self, node: YamlNode, what: str) -> "Fields":
        """A mapping with known keys; `what` names it in messages."""
        return Fields(self, self.entries(node), what, node.span)

    def check_known(self, code: str, what: str, word: str, words: Iterable[str], span: Span) -> None:
        """Note a problem for a word that is not among `words`; `what` says what it names."""
        known = sorted(words)
        if word not in known:
            self.refuse(code, span, f"unknown {what}: `{word}`", expected=_listing(known), nearest=nearest(word, known))

    def wrong_kind(self, node: YamlNode, expected: str) -> None:
        match node:
            case Mapping():
                found = "a mapping"
            case Sequence():
                found = "a list"
            case YamlScalar():
                found = "a string" if node.text else "nothing"
        self.refuse("S106", node.span, f"{found} cannot stand here", expected=expected)


class Fields:
    """The entries of a mapping, each read once; `close` rejects those that were not read."""

    def __init__(
        self, reader: NodeReader, entries: tuple[tuple[YamlScalar, YamlNode], ...], what: str, span: Span
    ) -> None:
        self.reader = reader
        self.what = what
        self.span = span
        self._nodes = {key.text: value for key, value in entries}
        self._entries = entries
        self._known: list[str] = []

    def required(self, key: str, read: Callable[[YamlNode], T]) -> T:
        """The value of `key`; a problem if it is missing."""
        node = self._take(key)
        if node is None:
            self.reader.refuse("S105", self.span, f"{self.what} lacks `{key}`", expected=f"`{key}: …`")
            return self._stand_in(read)
        return read(node)

    def optional(self, key: str, read: Callable[[YamlNode], T], default: D) -> T | D:
        """The value of `key`, or `default`."""
        node = self._take(key)
        return default if node is None else read(node)

    def has(self, key: str) -> bool:
        return key in self._nodes

    def one_of(self, *keys: str) -> str | None:
        """The one of `keys` that is present; a problem unless exactly one is."""
        self._known.extend(keys)
        found = [key for key, _ in self._entries if key.text in keys]
        if not found:
            self.reader.refuse(
                "S105", self.span, f"{self.what} lacks one of its keys", expected=_listing(f"`{key}`" for key in keys)
            )
            return None
        for extra in found[1:]:
            related = ((f"`{found[0].text}` is here", found[0].span),)
            message = f"`{extra.text}` cannot stand beside `{found[0].text}`"
            self.reader.refuse("S104", extra.span, message, expected="one of them", related=related)
        return found[0].text

    def remaining(self) -> tuple[tuple[YamlScalar, YamlNode], ...]:
        """The entries that have not been read; now they count as read."""
        found = tuple((key, value) for key, value in self._entries if key.text not in self._known)
        self._known.extend(key.text for key, _ in found)
        return found

    def close(self) -> None:
        """Note a problem for each key that was not read."""
        for key, _ in self._entries:
            if key.text not in self._known:
                self.reader.refuse(
                    "S104",
                    key.span,
                    f"{self.what} has no key `{key.text}`",
                    expected=_listing(f"`{known}`" for known in dict.fromkeys(self._known)),
                    nearest=nearest(key.text, self._known),
                )

    def _stand_in(self, read: Callable[[YamlNode], T]) -> T:
        """What `read` returns for an empty value, without the problems that it notes."""
        kept = len(self.reader.problems)
        value = read(YamlScalar("", Origin(self.span.file, self.span.line, self.span.column), self.span))
        del self.reader.problems[kept:]
        return value

    def _take(self, key: str) -> YamlNode | None:
        self._known.append(key)
        return self._nodes.get(key)


def _listing(words: Iterable[str]) -> str:
    *most, last = (*words,) or ("nothing",)
    return f"{', '.join(most)} or {last}" if most else last
