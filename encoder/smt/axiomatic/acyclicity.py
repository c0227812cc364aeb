"""Acyclicity of a sparse relation: left to the solver (`smt.formula`), or by vertex elimination on each strongly
connected component.

Eliminating a vertex adds an edge from each of its predecessors to each of its successors; a cycle finally shows as two
edges in opposite directions. Added edges get literals of their own, so that no clause forces a choice of the execution.
"""

from heapq import heapify, heappop, heappush

from encoder.graph.components import components
from encoder.smt.axiomatic.sparse_relation import Sparse
from encoder.smt.formula import Order
from encoder.smt.text.clauses import Clauses, Cond

MOST_ELIMINATED = 2_000
"""Edges of an order up to which vertices are eliminated; then one query takes no longer than several (measured)."""


def order_of(clauses: Clauses, relation: Sparse, *, eliminates: bool) -> Order | None:
    """The relation as an order for the solver to keep acyclic; None if it `eliminates` or has few edges, which are then
    asserted to have no cycle."""
    parts = _parts(relation)
    if eliminates or sum(len(row) for part in parts for row in part.values()) <= MOST_ELIMINATED:
        _eliminate(clauses, parts)
        return None
    edges = {(a, b): condition for part in parts for a, row in part.items() for b, condition in row.items()}
    text, declared = clauses.text, clauses.script.declared
    return Order({edge: tuple(declared(text(x)) for x in sorted(edges[edge])) for edge in sorted(edges)})


def assert_acyclic(clauses: Clauses, relation: Sparse) -> None:
    """Assert that the relation has no cycle."""
    _eliminate(clauses, _parts(relation))


def _parts(relation: Sparse) -> list[Sparse]:
    """The edges on cycles, those of each strongly connected component together."""
    component = components(relation)
    parts: dict[int, Sparse] = {}
    for a, row in sorted(relation.items()):
        for b, condition in sorted(row.items()):
            if component[a] == component[b]:
                parts.setdefault(component[a], {}).setdefault(a, {})[b] = condition
    return [part for _, part in sorted(parts.items())]


def _eliminate(clauses: Clauses, parts: list[Sparse]) -> None:
    loops = sorted((a, row.pop(a)) for part in parts for a, row in part.items() if a in row)
    for _, condition in loops:
        clauses.forbid(condition)
    for part in parts:
        Elimination(clauses, part).run()


class Elimination:
    """Eliminates the vertices one by one, the cheapest first. `filled` are the edges that have literals of their
    own."""

    def __init__(self, clauses: Clauses, relation: Sparse) -> None:
        self.clauses = clauses
        self.out: dict[int, dict[int, Cond]] = {a: dict(row) for a, row in relation.items()}
        self.into: dict[int, set[int]] = {a: set() for a in relation}
        self.filled: set[tuple[int, int]] = set()
        for a, row in relation.items():
            for b in row:
                self.into.setdefault(b, set()).add(a)
                self.out.setdefault(b, {})

    def run(self) -> None:
        """Eliminate all vertices."""
        heap = [(self._cost(vertex), vertex) for vertex in self.out]
        heapify(heap)
        while heap:
            cost, vertex = heappop(heap)
            if vertex in self.out and cost == self._cost(vertex):
                self.clauses.check_deadline()
                touched = self.into[vertex] | self.out[vertex].keys()
                self._eliminate(vertex)
                for other in touched:
                    heappush(heap, (self._cost(other), other))

    def _cost(self, vertex: int) -> int:
        """The number of edges that eliminating the vertex may add."""
        return len(self.into[vertex]) * len(self.out[vertex])

    def _eliminate(self, vertex: int) -> None:
        """Remove the vertex and connect its predecessors to its successors."""
        out, into = self.out.pop(vertex), sorted(self.into.pop(vertex))
        for b in out:
            self.into[b].discard(vertex)
        for a in into:
            first = self.out[a].pop(vertex)
            for b, second in out.items():
                if a == b:
                    self.clauses.forbid(first | second)
                else:
                    self._add_edge(a, b, first | second)

    def _add_edge(self, a: int, b: int, condition: Cond) -> None:
        """Add an edge from a to b that holds where the condition does."""
        if any(-x in condition for x in condition):
            return
        row = self.out[a]
        known = row.get(b)
        if known is not None and known <= condition:
            return
        self.into[b].add(a)
        if len(condition) < 2 and (known is None or condition <= known):
            row[b] = condition
            self.filled.discard((a, b))
            return
        if (a, b) not in self.filled:
            row[b] = frozenset((self.clauses.fresh(),))
            self.filled.add((a, b))
            if known is not None:
                self.clauses.forbid(known, *row[b])
        self.clauses.forbid(condition, *row[b])
