"""A lock that the program does not have, held over blocks of steps: the constraints that it would impose."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from encoder.graph.events import GraphStep
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.axiomatic.order_graph import OrderGraph
from encoder.smt.axiomatic.sparse_relation import add
from encoder.smt.progress import prefix_name
from encoder.smt.text.clauses import Cond, both
from encoder.smt.text.script import Script, negate, quote

LockedBlock = tuple[GraphStep, ...]


def excluding_pairs(blocks: Sequence[LockedBlock]) -> Iterator[tuple[LockedBlock, LockedBlock]]:
    """The pairs of blocks of different threads, which exclude each other."""
    return ((a, b) for a, b in combinations(blocks, 2) if a[0].thread != b[0].thread)


def first_literal(a: LockedBlock, b: LockedBlock) -> str:
    """The name of the literal that block `a` has the lock before block `b`."""
    return f"lock.{a[0].thread}.{a[0].index}.{b[0].thread}.{b[0].index}"


def assert_exclusion(script: Script, happened: dict[GraphStep, str], blocks: Sequence[LockedBlock]) -> None:
    """Assert that of two blocks that have both begun, the first one has ended."""
    for a, b in excluding_pairs(blocks):
        before = script.boolean(first_literal(a, b))
        for one, other, order in ((a, b, before), (b, a, negate(before))):
            ended = quote(prefix_name(one[0].thread, one[-1].index + 1))
            begun = script.define(
                f"{first_literal(one, other)}.begun", f"(or {' '.join(happened[step] for step in one)} false)"
            )
            for step in other:
                script.clause(negate(order), negate(begun), negate(happened[step]), ended)


def add_order(order_graph: OrderGraph, blocks: Sequence[LockedBlock]) -> None:
    """Add edges to the order graph: all of the first block is before all of the second."""
    clauses = order_graph.clauses
    for a, b in excluding_pairs(blocks):
        literal = clauses.boolean(first_literal(a, b))
        for one, other, when in ((a, b, literal), (b, a, -literal)):
            middle = order_graph.vertex()
            for node in nodes_of(order_graph.nodes, one):
                add(order_graph.edges, order_graph.main[node.number][0], middle, happens_and(node, when))
            for node in nodes_of(order_graph.nodes, other):
                add(order_graph.edges, middle, order_graph.main[node.number][0], happens_and(node, when))


def nodes_of(nodes: Sequence[EventNode], block: LockedBlock) -> list[EventNode]:
    """The nodes of a block's steps."""
    steps = frozenset(block)
    return [node for node in nodes if node.event.step in steps]


def happens_and(node: EventNode, literal: int) -> Cond | None:
    """The condition that the node happens and the literal holds; None if that is impossible."""
    return both(node.guard, frozenset((literal,)))
