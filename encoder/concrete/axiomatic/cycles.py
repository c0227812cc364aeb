"""Cycles of a relation: whether there is one, and the shortest, the same one every time."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
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
    """Whether the edges form no cycle."""
    graph = TopologicalSorter[Vertex]()
    for before, after in edges:
        graph.add(after, before)
    try:
        graph.prepare()
    except CycleError:
        return False
    return True
