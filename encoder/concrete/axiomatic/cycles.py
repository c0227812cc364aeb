"""Cycles of a relation: whether there is one, and a shortest one, chosen deterministically."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

Vertex = TypeVar("Vertex", bound=Hashable)


def shortest_cycle(after: Mapping[Vertex, Sequence[Vertex]]) -> tuple[Vertex, ...]:
    """The vertices of a shortest cycle in order, () if there is none. Among several, the one whose first vertex comes
    first in the mapping's order."""
    best: tuple[Vertex, ...] = ()
    for start in after:
        found = _shortest_cycle_from(after, start)
        if found and (not best or len(found) < len(best)):
            best = found
    return best


def _shortest_cycle_from(after: Mapping[Vertex, Sequence[Vertex]], start: Vertex) -> tuple[Vertex, ...]:
    """The vertices of a shortest path from a vertex back to itself, the final return left out."""
    predecessors: dict[Vertex, Vertex] = {}
    edge = [start]
    while edge:
        further: list[Vertex] = []
        for vertex in edge:
            for target in after.get(vertex, ()):
                if target == start:
                    return _path(predecessors, start, vertex)
                if target not in predecessors:
                    predecessors[target] = vertex
                    further.append(target)
        edge = further
    return ()


def _path(predecessors: Mapping[Vertex, Vertex], start: Vertex, end: Vertex) -> tuple[Vertex, ...]:
    found = [end]
    while found[-1] != start:
        found.append(predecessors[found[-1]])
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
