"""What a solver is asked: SMT-LIB text, and an order, a relation that must not have a cycle.

An order of many edges is not part of the text. The solver finds an assignment without it; each cycle that is there then
becomes a clause (its edges do not all hold), until there is no assignment, or one without a cycle. A proof needs some
thousands of such clauses, or none, where all that acyclicity implies would be millions. That a clause follows from the
order is seen by looking at its cycle (`Order.clause`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from encoder.graph.components import components
from encoder.smt.text.script import negate

Edge = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Order:
    """A relation that must be acyclic, over numbered vertices: an edge holds where all of its literals do, which are of
    declared variables (`Script.declared`)."""

    edges: Mapping[Edge, tuple[str, ...]]

    def clause(self, cycle: Sequence[int]) -> str:
        """The assertion that the edges between these vertices, and from the last to the first, do not all hold. Raises
        KeyError for an edge that is not there."""
        literals = {x for edge in zip(cycle, (*cycle[1:], cycle[0]), strict=True) for x in self.edges[edge]}
        return f"(assert (or {' '.join(('false', *map(negate, sorted(literals))))}))\n"

    def clauses(self, cycles: Iterable[Sequence[int]]) -> str:
        """The assertions that none of the cycles holds, each once. Raises as `clause` does."""
        return "".join(dict.fromkeys(self.clause(cycle) for cycle in cycles))

    def cycles(self, literals: frozenset[str] | set[str]) -> Iterator[tuple[int, ...]]:
        """Cycles, as their vertices, of the edges that hold where these literals do: such that every cycle has an edge
        that holds under the same condition as an edge of one of them. Each is a shortest one, in literals, through its
        first edge."""
        graph = self._on_cycles(literals)
        covered: set[tuple[str, ...]] = set()
        edges = [(a, b) for a, row in graph.items() for b in row]
        for a, b in [edge for edge in edges if graph[edge[0]][edge[1]]] or edges:
            if self.edges[a, b] not in covered:
                cycle = (a, *_shortest_path(graph, b, a)[:-1])
                covered.update(self.edges[edge] for edge in zip(cycle, (*cycle[1:], a), strict=True))
                yield cycle

    def _on_cycles(self, literals: frozenset[str] | set[str]) -> dict[int, dict[int, int]]:
        """The edges that hold and are on cycles, each with the number of its literals."""
        graph: dict[int, dict[int, int]] = {}
        for (a, b), condition in self.edges.items():
            if literals.issuperset(condition):
                graph.setdefault(a, {})[b] = len(condition)
        part = components(graph)
        return {a: {b: n for b, n in row.items() if part[a] == part.get(b)} for a, row in graph.items()}


def _shortest_path(graph: dict[int, dict[int, int]], start: int, end: int) -> list[int]:
    """The vertices of a path with the fewest literals; there must be one."""
    before: dict[int, int] = {}
    at_distance = defaultdict[int, list[tuple[int, int]]](list, {0: [(start, start)]})
    for distance in count():
        for vertex, previous in at_distance[distance]:  # grows by what is reached without a literal more
            if vertex in before:
                continue
            before[vertex] = previous
            if vertex == end:
                return _backwards(before, start, end)
            for following, literals in graph[vertex].items():
                if following not in before:
                    at_distance[distance + literals].append((following, vertex))
    raise AssertionError("there is no path")


def _backwards(before: dict[int, int], start: int, end: int) -> list[int]:
    """The path to `end`, given what comes before each vertex on it."""
    path = [end]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]


@dataclass(frozen=True, slots=True)
class Formula:
    """Constraints, and an order that the solver keeps acyclic beside them, if there is one."""

    text: str
    order: Order | None = None

    def plus(self, text: str) -> "Formula":
        """The formula with further constraints."""
        return replace(self, text=self.text + text)


def with_cycles(formula: Formula, cycles: Iterable[Sequence[int]]) -> str:
    """The text of the formula with, of its order, only that these cycles do not hold. Raises KeyError for what is no
    cycle of the order."""
    cycles = tuple(cycles)
    if not cycles:
        return formula.text
    if formula.order is None:
        raise KeyError(cycles[0])
    return formula.text + formula.order.clauses(cycles)
