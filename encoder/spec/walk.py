"""Traverses syntax trees and steps."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache

from encoder.base.source import Span
from encoder.spec.syntax import Call, Step

LEAVES = frozenset({str, int, bool, type(None), Span})


def walk(node: object) -> Iterator[object]:
    """The node and everything below it, in the order of the text; tuples are traversed, but not yielded."""
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
    """The fields, last one first, that may hold further nodes; None for what is no node."""
    if kind in LEAVES or not is_dataclass(kind):
        return None
    return tuple(field.name for field in reversed(fields(kind)) if field.type not in LEAVES)


def equal_trees(one: object, other: object) -> bool:
    """Whether two trees are equal apart from their spans."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(equal_trees, one, other))
    if is_dataclass(one) and not isinstance(one, Span):
        return all(equal_trees(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return isinstance(one, Span) or one == other


def blocks(step: Step) -> tuple[tuple[Step, ...], ...]:
    """The steps directly below a step: its arms and its body."""
    return step.then, step.otherwise, step.body


def with_blocks(step: Step, change: Callable[[tuple[Step, ...]], tuple[Step, ...]]) -> Step:
    """The step with each of its blocks replaced by what `change` returns for it."""
    then, otherwise, body = map(change, blocks(step))
    return replace(step, then=then, otherwise=otherwise, body=body)


def all_steps(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps and all below them, in order."""
    for step in steps:
        yield step
        for block in blocks(step):
            yield from all_steps(block)


def called_functions(node: object) -> set[str]:
    """The names of all functions that are called in a tree."""
    return {call.function for call in walk(node) if isinstance(call, Call)}
