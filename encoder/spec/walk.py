"""What a syntax tree mentions."""

from collections.abc import Hashable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache

from encoder.source import Span
from encoder.spec.syntax import Call

LEAVES = frozenset({str, int, bool, type(None), Span})


def walk(node: object) -> Iterator[object]:
    """The node and everything below it, in the order of the text; tuples are looked through."""
    todo = [node]
    while todo:
        node = todo.pop()
        if type(node) is tuple:
            todo.extend(reversed(node))
        elif type(node) not in LEAVES:
            names = _names(type(node))  # type: ignore[arg-type]
            if names:
                yield node
                todo.extend(getattr(node, name) for name in reversed(names))


@cache
def _names(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def calls(node: object) -> set[str]:
    """The names of all functions that are called in a tree."""
    return {call.function for call in walk(node) if isinstance(call, Call)}
