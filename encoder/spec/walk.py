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
            continue
        names = _inner(type(node))  # type: ignore[arg-type]
        if names is not None:
            yield node
            for name in names:
                todo.append(getattr(node, name))


@cache
def _inner(kind: Hashable) -> tuple[str, ...] | None:
    """The fields, last one first, that may hold more of a tree; None for what is no part of one."""
    if kind in LEAVES or not is_dataclass(kind):
        return None
    return tuple(field.name for field in reversed(fields(kind)) if field.type not in LEAVES)


def calls(node: object) -> set[str]:
    """The names of all functions that are called in a tree."""
    return {call.function for call in walk(node) if isinstance(call, Call)}
