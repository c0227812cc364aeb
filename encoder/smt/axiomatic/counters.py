"""Counters as sums: the value of a location that is only added to is its initial value plus what has been added.

Addition commutes: whatever the coherence order of the adds, what one of them finds is the initial value plus the deltas
of those before it, and at the end all are included. So no chain of values along rf need be followed. A store adds its
value minus the sum before it. This holds under every model, since "before" means the location's own coherence order and
nothing comes between the halves of a read-modify-write.
"""

from collections.abc import Iterable

from encoder.graph.events import Event, Graph
from encoder.graph.term import Term
from encoder.program.core import CellName, Site
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.progress import interference_sum
from encoder.smt.text.clauses import Clauses
from encoder.smt.text.script import TRUE, bit_width, extend
from encoder.smt.text.selectors import Topic
from encoder.smt.text.sums import total


class CounterSums:
    """Sums of the graph's counters."""

    def __init__(self, clauses: Clauses, graph: Graph) -> None:
        self.clauses = clauses
        self.graph = graph
        self.unconstrained = 0

    def before(self, store: EventNode) -> Term:
        """A variable for the sum before a store."""
        assert store.cell is not None
        return self.graph.terms.var(f"before.{store.number}", self.graph.domains[store.cell][0])

    def equals(self, cell: CellName, value: Term, writes: Iterable[tuple[EventNode, str]], reader: Event | None) -> str:
        """The formula that the value is the initial value, plus what these writes add where their conditions hold, plus
        interference up to `reader` (None: up to the end)."""
        script = self.clauses.script
        start = script.number(self.graph.initial[cell][0])
        parts = [self._selected(start, cell, Topic.START, None, str(cell))]
        parts += [script.number(term) for term in interference_sum(self.graph, cell, reader)]
        added = [(condition, self._added(write, cell)) for write, condition in writes]
        wanted, least = script.number(value)
        whole = bit_width(self.graph.terms.var("range", self.graph.domains[cell][0]))
        sum_, width = total(parts, added, max(least, whole))
        return f"(= {extend(wanted, least, width)} {sum_})"

    def _selected(
        self, number: tuple[str, int], cell: CellName, topic: Topic, site: Site | None, detail: str
    ) -> tuple[str, int]:
        """The number if the fact is switched on, else an unconstrained variable."""
        script = self.clauses.script
        fact = script.selector_literal(topic, site, detail)
        if fact == TRUE:
            return number
        self.unconstrained += 1
        other, wide = script.number(self.graph.terms.var(f"free.{self.unconstrained}", self.graph.domains[cell][0]))
        width = max(wide, number[1])
        return f"(ite {fact} {extend(*number, width)} {extend(other, wide, width)})", width

    def _added(self, write: EventNode, cell: CellName) -> tuple[str, int]:
        """What the write adds."""
        delta = write.event.delta or self.graph.terms.arith("-", write.values[0], self.before(write))
        return self._selected(self.clauses.script.number(delta), cell, Topic.WRITES, write.event.step.site, "")
