"""Strongly connected components of a graph."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

N = TypeVar("N", bound=Any)
"""A node, which can be compared with others."""


def components(graph: Mapping[N, Iterable[N]]) -> dict[N, int]:
    """Each node's strongly connected component, numbered such that edges never lead to a higher number (Tarjan)."""
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    component_of: dict[N, int] = {}
    stack: list[N] = []
    count = 0
    for root in sorted(graph):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        work = [(root, iter(graph.get(root, ())))]
        while work:
            node, following = work[-1]
            for successor in following:
                if successor not in index:
                    index[successor] = low[successor] = len(index)
                    stack.append(successor)
                    work.append((successor, iter(graph.get(successor, ()))))
                    break
                if successor not in component_of:
                    low[node] = min(low[node], index[successor])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while True:
                        member = stack.pop()
                        component_of[member] = count
                        if member == node:
                            break
                    count += 1
    return component_of
