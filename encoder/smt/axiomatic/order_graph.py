"""Encodes `acyclic r` by paths instead of the pairs of r.

A vertex stands for a node, or for a node and a position within the expression of the relation. For each pair (a, b) of
the relation there is a path from a's vertex to b's, made of edges between neighbours: program order runs along a line
of vertices, and a fence is entered from what is before it and left to what is after it. So the number of edges grows
with the number of events, not of pairs.

All vertices between the ends of a path belong to the relation alone, and an edge into a vertex requires that its node
happens. A star is a loop; its body must not have cycles of its own in any execution that the model allows.
"""

from collections.abc import Iterable
from functools import cache

from encoder.memory.model import PropPath
from encoder.memory.relation import Events, Relation, RelationOp
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.axiomatic.relations import RelationEncoder
from encoder.smt.axiomatic.sparse_relation import Alternatives, Sparse, add, one_condition
from encoder.smt.axiomatic.static_predicates import intersected, is_static, operand
from encoder.smt.text.clauses import ALWAYS, Cond, both

Layer = dict[int, tuple[int, Cond]]  # for each node its vertex, and the condition that the layer contains it
INTERNAL = frozenset(
    {
        "po", "addr", "data", "ctrl", "direct-addr", "direct-data", "branch", "rmw", "int", "id", "rcu-rscs",
        "irq-rscs",
    }
)  # fmt: skip


class OrderGraph:
    """Collects the edges. `main` is the layer of the nodes themselves; `relation` adds the paths of a relation.

    In `merged`, pairs of a node and its predecessor in program order, both share a vertex of `main`.
    """

    def __init__(self, relations: RelationEncoder, merged: Iterable[tuple[EventNode, EventNode]] = ()) -> None:
        self.relations = relations
        self.clauses = relations.clauses
        self.nodes = relations.nodes
        self.threads: dict[int, list[int]] = {}
        for node in self.nodes:
            self.threads.setdefault(node.thread, []).append(node.number)
        self.guards = [self.clauses.implied_literal(node.guard) for node in self.nodes]
        self.count = 0
        self.edges: Alternatives = {}
        self.main = self.layer()
        self.merged = {later.number: earlier.number for later, earlier in merged}
        for later in sorted(self.merged):
            self.main[later] = self.main[self.merged[later]]

    def graph(self) -> Sparse:
        """The edges, with one condition for each."""
        return one_condition(self.clauses, self.edges)

    def vertex(self) -> int:
        """A new vertex."""
        self.count += 1
        return self.count - 1

    def layer(self) -> Layer:
        """A new vertex for each node."""
        first = self.count
        self.count += len(self.nodes)
        return {n.number: (first + n.number, ALWAYS) for n in self.nodes}

    def relation(self, relation: Relation, start: Layer, end: Layer) -> None:
        """Add for each pair (a, b) of the relation a path from a's vertex in `start` to b's vertex in `end`."""
        match relation.op:
            case _ if self.relations.is_empty(relation):
                pass
            case _ if not has_po(relation) and is_internal(relation):
                self._pairs(relation, start, end)
            case RelationOp.LET:
                self.relation(operand(relation, 0), start, end)
            case RelationOp.UNION:
                self.relation(operand(relation, 0), start, end)
                self.relation(operand(relation, 1), start, end)
            case RelationOp.SEQUENCE:
                self._sequence(factors(relation), start, end)
            case RelationOp.IDENTITY:
                self._identity(self._restricted(start, relation), end)
            case RelationOp.OPTION:
                self._identity(start, end)
                self.relation(operand(relation, 0), start, end)
            case RelationOp.STAR:
                inner = self.layer()
                self._identity(start, inner)
                self.relation(operand(relation, 0), inner, inner)
                self._identity(inner, end)
            case RelationOp.NAME if relation.name == "po":
                self.program_order(start, end)
            case RelationOp.INTERSECTION:
                self._intersection(relation, start, end)
            case _:
                self._pairs(relation, start, end)

    def prop_paths(self, prop_path: PropPath) -> list[Layer]:
        """Add the paths that leave each thread and rejoin it; for each thread the layer of what they have reached,
        optionally by a read of it. A thread that nothing leaves, or where nothing goes on, has none."""
        going_on = (prop_path.cumul_fence, prop_path.a_cumul_fence, prop_path.strong_fence)
        if all(map(self.relations.is_empty, going_on)):
            return []
        layers, leaving = [], self.relations.relation(prop_path.overwrite)
        for numbers in self.threads.values():
            if leaving.keys().isdisjoint(numbers):
                continue
            home = restricted_to(self.main, numbers)
            away, seen = self.layer() | home, self.layer() | home
            self.relation(prop_path.overwrite, home, away)
            outside, seen_outside = without(away, numbers), without(seen, numbers)
            self.relation(prop_path.cumul_fence, outside, away)
            self._identity(outside, seen_outside)
            self.relation(prop_path.rfe, outside, seen)
            self.relation(prop_path.a_cumul_fence, seen_outside, away)
            self.relation(prop_path.strong_fence, seen_outside, self.main)
            layers.append(seen_outside)
        return layers

    def _edge(self, a: tuple[int, Cond], b: tuple[int, Cond], condition: Cond = ALWAYS) -> None:
        """Add an edge that requires the conditions of both layers."""
        if a[0] == b[0]:
            return
        ends = both(a[1], b[1])
        add(self.edges, a[0], b[0], None if ends is None else both(ends, condition))

    def _pairs(self, relation: Relation, start: Layer, end: Layer) -> None:
        """Add the pairs of the relation themselves as edges."""
        for a, row in self.relations.relation(relation).items():
            if a in start:
                for b, condition in row.items():
                    if b in end and not self._implied(a, b):
                        self._edge(start[a], end[b], condition)

    def _implied(self, a: int, b: int) -> bool:
        """Whether the order contains the pair anyway, since a lock separates the two."""
        return self.relations.communication.critical_sections.separating_locks(self.nodes[a], self.nodes[b]) is not None

    def _identity(self, start: Layer, end: Layer) -> None:
        """Add edges between the two vertices of each node."""
        for number, vertex in start.items():
            if number in end:
                self._edge(vertex, end[number])

    def _restricted(self, layer: Layer, identity: Relation) -> Layer:
        """The part of a layer that is in the set of an identity relation."""
        (events,) = identity.args
        assert isinstance(events, Events)
        members = self.relations.events(events)
        part = {n: (v, both(c, members[n])) for n, (v, c) in layer.items() if n in members}
        return {n: (v, c) for n, (v, c) in part.items() if c is not None}

    def _sequence(self, parts: list[Relation], start: Layer, end: Layer) -> None:
        """Add paths through all parts of a sequence."""
        while parts and parts[0].op is RelationOp.IDENTITY:
            start = self._restricted(start, parts.pop(0))
        while parts and parts[-1].op is RelationOp.IDENTITY:
            end = self._restricted(end, parts.pop())
        if not parts:
            self._identity(start, end)
            return
        while start and len(parts) > 1:
            first = parts.pop(0)
            middle = self.layer()
            reached = middle
            while parts[0].op is RelationOp.IDENTITY:
                reached = self._restricted(reached, parts.pop(0))
            self.relation(first, start, reached)
            start = {n: (v, ALWAYS) for n, (v, _) in reached.items()}
        self.relation(parts[0], start, end)

    def program_order(self, start: Layer, end: Layer) -> None:
        """Add program order: a line of vertices for each thread, entered from the nodes in `start` and left to the
        nodes in `end`."""
        shared = {vertex for vertex, _ in start.values()} & {vertex for vertex, _ in end.values()}
        for numbers in self.threads.values():
            here: int | None = None
            left = True
            for place in self._merged_nodes(numbers) if shared else ([number] for number in numbers):
                for number in place:
                    if here is not None and number in end:
                        self._edge((here, ALWAYS), end[number], self.guards[number] | self.nodes[number].ordered)
                        left = True
                for number in place:
                    if number in start:
                        if left:
                            before, here, left = here, self.vertex(), False
                            if before is not None:
                                add(self.edges, before, here, ALWAYS)
                        assert here is not None
                        self._edge(start[number], (here, ALWAYS), self.nodes[number].ordered)

    def _merged_nodes(self, numbers: list[int]) -> list[list[int]]:
        """A thread's nodes in program order, merged ones grouped."""
        groups: list[list[int]] = []
        for number in numbers:
            if groups and self.merged.get(number) == groups[-1][-1]:
                groups[-1].append(number)
            else:
                groups.append([number])
        return groups

    def _intersection(self, relation: Relation, start: Layer, end: Layer) -> None:
        """Add an intersection. For `r & int` the paths of r are copied for each thread if they could leave it."""
        others = [part for part in intersected(relation) if not (part.op is RelationOp.NAME and part.name == "int")]
        if len(others) != 1 or is_static(others[0]) or not has_po(others[0]):
            self._pairs(relation, start, end)
            return
        for part in parts_of(others[0]):
            if is_internal(part):
                self.relation(part, start, end)
            else:
                for numbers in self.threads.values():
                    self.relation(part, restricted_to(start, numbers), restricted_to(end, numbers))


def restricted_to(layer: Layer, numbers: Iterable[int]) -> Layer:
    """The layer with only these nodes."""
    return {n: layer[n] for n in numbers if n in layer}


def without(layer: Layer, numbers: Iterable[int]) -> Layer:
    """The layer without these nodes."""
    return {n: vertex for n, vertex in layer.items() if n not in numbers}


def parts_of(relation: Relation) -> list[Relation]:
    """The members of a union, nested and named unions flattened."""
    body = operand(relation, 0) if relation.op is RelationOp.LET else relation
    if body.op is RelationOp.UNION:
        return parts_of(operand(body, 0)) + parts_of(operand(body, 1))
    return [relation]


def factors(relation: Relation) -> list[Relation]:
    """The parts of a sequence, in order."""
    if relation.op is not RelationOp.SEQUENCE:
        return [relation]
    return factors(operand(relation, 0)) + factors(operand(relation, 1))


@cache
def has_po(relation: Relation) -> bool:
    """Whether program order occurs in the relation."""
    if relation.op is RelationOp.NAME:
        return relation.name == "po"
    return any(has_po(part) for part in relation.args if isinstance(part, Relation))


@cache
def is_internal(relation: Relation) -> bool:
    """Whether the relation never leaves a thread."""
    match relation.op:
        case RelationOp.NAME:
            return relation.name in INTERNAL
        case RelationOp.IDENTITY:
            return True
        case RelationOp.INTERSECTION:
            return any(is_internal(operand(relation, i)) for i in (0, 1))
        case RelationOp.DIFFERENCE:
            return is_internal(operand(relation, 0))
        case RelationOp.PRODUCT:
            return False
        case _:
            return all(is_internal(part) for part in relation.args if isinstance(part, Relation))
