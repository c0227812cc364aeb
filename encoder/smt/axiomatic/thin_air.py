"""Values out of thin air: values that plain accesses copy in a cycle although nothing produced them.

LKMM does not constrain such a value, so an execution with one is possible but cannot be shown: a property that only
such executions violate is undecided. For litmus tests herd7 solves the equations between values. A value that only
equals itself stays undetermined, equal to no number; unsolvable equations are no execution.
"""

from encoder.graph.conflicts import subterm_ids
from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.graph.value_cycles import EventKey, value_cycles
from encoder.smt.axiomatic.acyclicity import assert_acyclic
from encoder.smt.axiomatic.communication import Communication
from encoder.smt.axiomatic.memory_events import EventNode, both_happen
from encoder.smt.axiomatic.sparse_relation import Alternatives, add, one_condition
from encoder.smt.text.clauses import ALWAYS, Cond, both

UNDETERMINED = 0x7EA1


def assert_grounded(graph: Graph, nodes: list[EventNode], communication: Communication) -> None:
    """Assert that each value is derived from others, in the end from constants, or is `UNDETERMINED`."""
    if on_cycles := value_cycles(graph.threads):
        _Flow(on_cycles, nodes, communication).forbid_cycles(ALWAYS, undetermined=True)


def grounded_literal(graph: Graph, nodes: list[EventNode], communication: Communication) -> str | None:
    """A literal that implies that no value justifies itself; None if no value can."""
    on_cycles = value_cycles(graph.threads)
    if not on_cycles:
        return None
    literal = communication.clauses.boolean("grounded")
    _Flow(on_cycles, nodes, communication).forbid_cycles(frozenset((literal,)), undetermined=False)
    return communication.clauses.text(literal)


class _Flow:
    """The flow of values among the accesses that are on cycles."""

    def __init__(self, on_cycles: frozenset[EventKey], nodes: list[EventNode], communication: Communication) -> None:
        self.nodes = [n for n in nodes if n.half != "F" and (n.thread, n.event.uid) in on_cycles]
        self.communication = communication
        self.clauses = communication.clauses

    def forbid_cycles(self, where: Cond, *, undetermined: bool) -> None:
        """Assert that the flow has no cycle if `where` holds. With `undetermined` an undetermined value may come from
        itself, and what cancels out (`r ^ r`) does not count as derived from r; the replay, which does not
        calculate with unknown values, counts it."""
        self.clauses.script.group("values: none comes from itself")
        flow: Alternatives = {}
        readers = {(n.thread, n.event.uid): n for n in self.nodes if n.half == "R"}
        for node in self.nodes:
            if node.half == "R":
                number = self._determined(node) if undetermined else where
                for source, condition in self.communication.sources[node].items():
                    if source is not None and number is not None:
                        add(flow, source.number, node.number, both(condition, number))
            else:
                used = subterm_ids(list(node.values))
                for uid, under in node.event.data:
                    reader = readers.get((node.thread, uid))
                    if reader and (not undetermined or any(value.ident in used for value in reader.values)):
                        add(flow, reader.number, node.number, self._made_from(reader, under, node))
        assert_acyclic(self.clauses, one_condition(self.clauses, flow))

    def _made_from(self, reader: EventNode, under: Term, node: EventNode) -> Cond | None:
        """The condition that the written value is derived from the value read."""
        counts, happen = self.clauses.condition(under), both_happen(reader, node)
        return None if counts is None or happen is None else both(counts, happen)

    def _determined(self, read: EventNode) -> Cond | None:
        """The condition that the value read is a number; None if it cannot be."""
        terms = self.clauses.terms
        return self.clauses.condition(
            terms.not_(terms.or_(*(terms.eq(v, terms.const(UNDETERMINED)) for v in read.values)))
        )
