"""What a syntax tree mentions."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from encoder.source import Span
from encoder.spec.syntax import Call


def walk(node: object) -> Iterator[object]:
    """The node and everything below it; tuples are looked through."""
    if isinstance(node, tuple):
        for item in node:
            yield from walk(item)
    elif is_dataclass(node) and not isinstance(node, Span):
        yield node
        for field in fields(node):
            yield from walk(getattr(node, field.name))


def calls(node: object) -> set[str]:
    """The names of all functions that are called in a tree."""
    return {call.function for call in walk(node) if isinstance(call, Call)}
