"""Finds the cycles that an assignment leaves in an order."""

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import islice

import z3

from encoder.smt.components import components
from encoder.smt.formula import Edge, Order

MOST = 300
"""Cycles that are forbidden after one assignment; with a tenth of it proofs take three times as long (measured)."""


class CycleFinder:
    """Finds cycles of an order in assignments of one z3 context. `found` has all so far, as their vertices."""

    def __init__(self, order: Order, context: z3.Context) -> None:
        self.order = order
        self.found: list[tuple[int, ...]] = []
        names = sorted({x.removeprefix("(not ").rstrip(")") for row in order.edges.values() for x in row})
        self._declarations = {name: z3.Bool(name.strip("|"), context).decl() for name in names}

    def clauses(self, model: z3.ModelRef) -> str:
        """Assertions that forbid cycles of the assignment, "" if it has none."""
        cycles = list(islice(self._cycles(self._true_edges(model)), MOST))
        self.found += cycles
        return self.order.clauses(cycles)

    def _true_edges(self, model: z3.ModelRef) -> dict[int, dict[int, int]]:
        """The edges that hold within strongly connected parts, each with the number of its literals. A literal that the
        solver left open is false, as in `SolverModel.true`."""
        true = {name for name, declaration in self._declarations.items() if _is_true(model, declaration)}
        literals = true | {f"(not {name})" for name in self._declarations.keys() - true}
        graph: dict[int, dict[int, int]] = {}
        for (a, b), condition in self.order.edges.items():
            if literals.issuperset(condition):
                graph.setdefault(a, {})[b] = len(condition)
        part = components(graph)
        return {a: {b: n for b, n in row.items() if part[a] == part.get(b)} for a, row in graph.items()}

    @staticmethod
    def _cycles(graph: dict[int, dict[int, int]]) -> Iterator[tuple[int, ...]]:
        """Cycles such that every cycle of the graph shares an edge with one of them; each is a shortest one, in
        literals, through its first edge."""
        covered: set[Edge] = set()
        edges = [(a, b) for a, row in graph.items() for b in row]
        for a, b in [edge for edge in edges if graph[edge[0]][edge[1]]] or edges:
            if (a, b) not in covered:
                cycle = (a, *_shortest_path(graph, b, a)[:-1])
                covered.update(zip(cycle, (*cycle[1:], a), strict=True))
                yield cycle


def _is_true(model: z3.ModelRef, declaration: z3.FuncDeclRef) -> bool:
    """Whether a Boolean is true in the model. (`ModelRef.eval` takes ten times as long.)"""
    context = declaration.ctx.ref()
    value = z3.Z3_model_get_const_interp(context, model.model, declaration.ast)
    return bool(value) and z3.Z3_get_bool_value(context, value) == z3.Z3_L_TRUE


def _shortest_path(graph: dict[int, dict[int, int]], start: int, end: int) -> list[int]:
    """The vertices of a path with the fewest literals; there must be one."""
    before: dict[int, int] = {}
    distance = {start: 0}
    heap = [(0, start)]
    while heap:
        length, vertex = heappop(heap)
        if vertex == end:
            break
        if length == distance[vertex]:
            for following, literals in graph[vertex].items():
                if length + literals < distance.get(following, length + literals + 1):
                    distance[following] = length + literals
                    before[following] = vertex
                    heappush(heap, (length + literals, following))
    path = [end]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]
