"""YAML text to nodes with positions; every scalar remains text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import yaml
from yaml._yaml import Mark as CMark
from yaml.error import Mark as PythonMark
from yaml.reader import ReaderError

from encoder.base.errors import Problem
from encoder.base.source import Origin, Span

Mark = CMark | PythonMark
MAX_DEPTH = 50
"""The limit of nested sequences and mappings; the specs have fewer than ten."""
INDENTED_BY_TAB = re.compile(r"( *)\t\s*(?=[^\s#])")
SPACES = "spaces: YAML is indented with nothing else"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class YamlScalar:
    """A text; `origin` gives the positions of its characters. A key without a value has an empty one."""

    text: str
    origin: Origin
    span: Span


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple["YamlNode", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Mapping:
    """Entries as written, duplicate keys included. `span` is that of the first key."""

    entries: tuple[tuple[YamlScalar, "YamlNode"], ...]
    span: Span


YamlNode = YamlScalar | Sequence | Mapping


def compose(text: str, file: str, problems: list[Problem]) -> YamlNode | None:
    """The single document in `text`, None if there is none or it cannot be read. Mistakes are added to `problems`."""
    node, found = _composed(text, file)
    problems.extend(found)
    return node


@lru_cache(maxsize=1024)
def _composed(text: str, file: str) -> tuple[YamlNode | None, tuple[Problem, ...]]:
    """The document and its problems, cached: a process that loads the specs for each question parses no file twice."""
    problems: list[Problem] = []
    try:
        return _Composer(text, file, problems).document(), tuple(problems)
    except _TooDeep:
        return None, tuple(problems)
    except yaml.YAMLError as error:
        return None, (*problems, _syntax_problem(error, text, file))


class _TooDeep(Exception):
    """The nesting is too deep, which has been noted as a problem; the rest is not read."""


class _Composer:
    """Builds the nodes from the parser's events."""

    def __init__(self, text: str, file: str, problems: list[Problem]) -> None:
        self.lines = text.splitlines()
        self.file = file
        self.problems = problems
        self.depth = 0
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=LOADER)

    def document(self) -> YamlNode | None:
        root: YamlNode | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._note(event, "a file holds one document", "another file for this one")
                    return root
                root = self._node(next(self.events))
        return root

    def _node(self, event: yaml.Event) -> YamlNode:
        if isinstance(event, yaml.AliasEvent):
            self._note(event, f"YAML reads `*{event.anchor}` as an alias", "the value in quotes")
        elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self._note(event, f"YAML reads `&{event.anchor}` as an anchor", "the value in quotes")
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            self._note(event, f"YAML reads `{event.tag}` as a tag", "the value in quotes")
        match event:
            case yaml.CollectionStartEvent():
                return self._collection(event)
            case yaml.ScalarEvent():
                return self._scalar(event)
            case _:
                return YamlScalar("", Origin(self.file, 1, 1), self._span(event))

    def _collection(self, start: yaml.CollectionStartEvent) -> YamlNode:
        """A sequence or mapping. Raises _TooDeep."""
        if self.depth == MAX_DEPTH:
            self._note(start, "this is nested too deep", f"at most {MAX_DEPTH} levels")
            raise _TooDeep
        self.depth += 1
        node = self._sequence(start) if isinstance(start, yaml.SequenceStartEvent) else self._mapping(start)
        self.depth -= 1
        return node

    def _sequence(self, start: yaml.Event) -> Sequence:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event))
        return Sequence(tuple(items), self._span(start))

    def _mapping(self, start: yaml.Event) -> Mapping:
        entries = []
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._node(event)
            value = self._node(next(self.events))
            if isinstance(key, YamlScalar):
                entries.append((key, value))
            else:
                self._note(event, "a key is a word", "a word and a colon")
        return Mapping(tuple(entries), entries[0][0].span if entries else self._span(start))

    def _scalar(self, event: yaml.ScalarEvent) -> YamlScalar:
        start, end = _marks(event)
        line, column = start.line + 1, start.column + 1
        if event.style in (None, "") and start.line == end.line:
            origin = Origin(self.file, line, column)
            return YamlScalar(event.value, origin, Span(self.file, line, column, column + max(len(event.value), 1)))
        places = tuple(_align(event.value, self.lines, start, end, block=event.style in ("|", ">")))
        return YamlScalar(event.value, Origin(self.file, line, column, places), self._span(event))

    def _span(self, event: yaml.Event) -> Span:
        start, end = _marks(event)
        last = end.column if end.line == start.line else len(self.lines[start.line].rstrip())
        return Span(self.file, start.line + 1, start.column + 1, max(last, start.column + 1) + 1)

    def _note(self, event: yaml.Event, message: str, expected: str) -> None:
        self.problems.append(Problem(code="S101", message=message, span=self._span(event), expected=expected))


def _marks(event: yaml.Event) -> tuple[Mark, Mark]:
    if event.start_mark is None or event.end_mark is None:
        raise AssertionError(f"{event} has no place")
    return event.start_mark, event.end_mark


def _align(text: str, lines: list[str], start: Mark, end: Mark, *, block: bool) -> Iterator[tuple[int, int]]:
    """The line and column of each character of a scalar that is quoted or spans several lines.

    Walks through the scalar as written and skips what the value lacks: quotes, escapes, indentation, line ends.
    """
    first = start.line + 1 if block else start.line
    raw = [
        (character, number + 1, column + 1)
        for number in range(first, min(end.line + 1, len(lines)))
        for column, character in enumerate(lines[number] + "\n")
        if (number > start.line or column >= start.column) and (number < end.line or column < end.column)
    ]
    raw.append(("", *((raw[-1][1], raw[-1][2] + 1) if raw else (start.line + 1, start.column + 1))))
    position = 0
    for character in text:
        found = position
        while raw[found][0] not in (character, "") and not (character == " " and raw[found][0] == "\n"):
            found += 1
        if raw[found][0] == "":
            found = min(position, len(raw) - 1)
        yield raw[found][1:]
        position = min(found + 1, len(raw) - 1)


def _wrong_character(character: str, lines: list[str], file: str) -> Problem:
    places = [(number, line.index(character) + 1) for number, line in enumerate(lines, 1) if character in line]
    line, column = places[0] if places else (1, 1)
    message = f"the character U+{ord(character):04X} cannot stand in YAML"
    return Problem(code="S101", message=message, span=Span(file, line, column, column + 1), expected="text without it")


def _syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    lines = text.splitlines() or [""]
    if isinstance(error, ReaderError):
        return _wrong_character(chr(int(error.character)), lines, file)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(code="S101", message=f"not YAML: {error}", span=Span(file, 1, 1, 2))
    line = min(mark.line, len(lines) - 1)
    for number, text_line in enumerate(lines[: line + 1], 1):
        if tab := INDENTED_BY_TAB.match(text_line):
            span = Span(file, number, tab.end(1) + 1, tab.end() + 1)
            return Problem(code="S101", message="this line is indented with a tab", span=span, expected=SPACES)
    context = getattr(error, "context", None)
    message = str(getattr(error, "problem", None) or "not YAML") + (f" {context}" if context else "")
    quotable = re.search(r"(: |- )[!&*@`%]|: .*: |\{.*[\[?]", lines[line])
    return Problem(
        code="S101",
        message=message,
        span=Span(file, line + 1, mark.column + 1, mark.column + 2),
        expected="the value in quotes" if quotable else "",
    )
