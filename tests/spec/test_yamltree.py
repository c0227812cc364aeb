"""YAML nodes: scalars as written, and where they stand."""

import pytest

from encoder.base.errors import Problem
from encoder.spec.yamltree import Mapping, Sequence, YamlNode, YamlScalar, compose


def plain(node: YamlNode | None) -> object:
    match node:
        case YamlScalar():
            return node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return [(key.text, plain(value)) for key, value in node.entries]
        case None:
            return None


def composed(text: str) -> YamlNode:
    problems: list[Problem] = []
    node = compose(text, "f.yaml", problems)
    assert problems == []
    assert node is not None
    return node


@pytest.mark.parametrize("word", ["on", "no", "010", "1.0", "~", "null", "2021-09-30", "0x10", "1_000", "page *"])
def test_a_scalar_is_what_is_written(word: str) -> None:
    assert plain(composed(f"key: {word}")) == [("key", word)]
    assert plain(composed(f"{word}: {{a: {word}}}")) == [(word, [("a", word)])]


def test_duplicate_keys_are_kept_for_the_reader_to_refuse() -> None:
    assert plain(composed("a: 1\na: 2")) == [("a", "1"), ("a", "2")]


def test_the_order_and_the_nesting_are_kept() -> None:
    assert plain(composed("b: [x, {y: z}]\na:\n  - c: d\n  -")) == [
        ("b", ["x", [("y", "z")]]),
        ("a", [[("c", "d")], ""]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "key: READ_ONCE(*p)",
        "key: 'READ_ONCE(*p)'",
        "key: 'it''s READ_ONCE(*p)'",
        'key: "\\"so\\" \\\\ READ_ONCE(*p)"',
        "key: >-\n    a = b +\n    READ_ONCE(*p)\n",
        "key: |\n    a = b +\n      READ_ONCE(*p)\n",
        "key: a +\n  b +\n  READ_ONCE(*p)",
        "key: 'a +\n\n    READ_ONCE(*p)'",
        "# é ü\nkey: {é: 'é', k: é READ_ONCE(*p)}",
        "- - key: {k: [x, READ_ONCE(*p)]}",
    ],
)
def test_a_word_is_found_where_it_stands(text: str) -> None:
    scalar = next(node for node in scalars(composed(text)) if "READ_ONCE" in node.text)
    first = scalar.text.index("READ_ONCE")
    span = scalar.origin.span(first, first + len("READ_ONCE(*p)"))
    assert text.splitlines()[span.line - 1][span.column - 1 : span.end - 1] == "READ_ONCE(*p)"


def scalars(node: YamlNode) -> list[YamlScalar]:
    match node:
        case YamlScalar():
            return [node]
        case Sequence():
            return [scalar for item in node.items for scalar in scalars(item)]
        case Mapping():
            return [scalar for key, value in node.entries for scalar in (key, *scalars(value))]


@pytest.mark.parametrize(
    "text", ["a: *b", "a: &b c", "a: !b c", "a: b: c", "{a: b", "a: b\n---\nc: d", "? [a]\n: b", "\ta: b"]
)
def test_what_is_no_part_of_the_language_is_refused(text: str) -> None:
    problems: list[Problem] = []
    compose(text, "f.yaml", problems)
    assert [problem.code for problem in problems] == ["S101"]
    assert problems[0].span is not None


def test_an_empty_file_has_no_document() -> None:
    assert compose("# nothing\n", "f.yaml", []) is None
