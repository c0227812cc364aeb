"""The shortest cycle of a relation, the same one every time."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Vertex = TypeVar("Vertex", bound=Hashable)


def shortest_cycle(after: Mapping[Vertex, Sequence[Vertex]]) -> tuple[Vertex, ...]:
    """Its vertices from where it begins, () for none. Of several the one that begins first in the mapping's order."""
    best: tuple[Vertex, ...] = ()
    for start in after:
        found = _way_back(after, start)
        if found and (not best or len(found) < len(best)):
            best = found
    return best


def _way_back(after: Mapping[Vertex, Sequence[Vertex]], start: Vertex) -> tuple[Vertex, ...]:
    """The shortest way from a vertex to itself, without its last step."""
    came: dict[Vertex, Vertex] = {}
    edge = [start]
    while edge:
        further: list[Vertex] = []
        for vertex in edge:
            for target in after.get(vertex, ()):
                if target == start:
                    return _path(came, start, vertex)
                if target not in came:
                    came[target] = vertex
                    further.append(target)
        edge = further
    return ()


def _path(came: Mapping[Vertex, Vertex], start: Vertex, end: Vertex) -> tuple[Vertex, ...]:
    found = [end]
    while found[-1] != start:
        found.append(came[found[-1]])
    return tuple(reversed(found))


def is_acyclic(edges: Iterable[tuple[Vertex, Vertex]]) -> bool:
    """Takes away what nothing leads to until nothing is left, or only cycles."""
    after: dict[Vertex, list[Vertex]] = {}
    coming: dict[Vertex, int] = {}
    for a, b in edges:
        after.setdefault(a, []).append(b)
        coming[b] = coming.get(b, 0) + 1
        coming.setdefault(a, 0)
    free = [vertex for vertex, count in coming.items() if not count]
    left = len(coming)
    while free:
        left -= 1
        for target in after.get(free.pop(), ()):
            coming[target] -= 1
            if not coming[target]:
                free.append(target)
    return left == 0
