"""Values out of thin air, as herd7 has them.

Where plain accesses copy a value round in a circle, the kernel's model says nothing of what it is. herd7 solves the
equations of the values: one that only equals itself stays undetermined, equal to no number, and what cannot be solved
is no execution. Here an undetermined value is `UNDETERMINED`, and no other one comes from itself.
"""

from encoder.graph.circles import circles
from encoder.graph.events import Graph
from encoder.smt.acyclic import assert_acyclic
from encoder.smt.clauses import Cond, both
from encoder.smt.communication import Communication
from encoder.smt.nodes import Node, together
from encoder.smt.sparse import Alternatives, add, settle

UNDETERMINED = 0x7EA1


def assert_grounded(graph: Graph, nodes: list[Node], communication: Communication) -> None:
    """Assert that each value is made from others, from constants in the end, or is `UNDETERMINED`."""
    found = circles(graph.threads)
    on_circle = [n for n in nodes if n.half != "F" and (n.thread, n.event.uid) in found]
    if not on_circle:
        return
    clauses = communication.clauses
    clauses.script.group("values: none comes from itself")
    readers = {(n.thread, n.event.uid): n for n in on_circle if n.half == "R"}
    flow: Alternatives = {}
    for node in on_circle:
        if node.half == "R":
            determined = _determined(node, communication)
            for source, condition in communication.sources[node].items():
                if source is not None and determined is not None:
                    add(flow, source.number, node.number, both(condition, determined))
        else:
            for uid, under in node.event.data:
                reader, counts = readers.get((node.thread, uid)), clauses.condition(under)
                happen = None if reader is None else together(reader, node)
                if reader is not None and counts is not None and happen is not None:
                    add(flow, reader.number, node.number, both(counts, happen))
    assert_acyclic(clauses, settle(clauses, flow))


def _determined(read: Node, communication: Communication) -> Cond | None:
    """That what is read is a number; None where it cannot be."""
    clauses = communication.clauses
    terms = clauses.terms
    return clauses.condition(terms.not_(terms.or_(*(terms.eq(v, terms.const(UNDETERMINED)) for v in read.values))))
