"""Read-side critical sections against grace periods, by choice.

The RCU axiom (`irreflexive rb`) is equivalent to the law of RCU: for every critical section and every grace period
one can be said to come first, such that the order stays acyclic with what that says (Alglave, Maranget, McKenney,
Parri, Stern: Frightening Small Children and Disconcerting Grown-ups, ASPLOS 2018). A section that comes first is over
for everybody who comes after the grace period; a grace period that comes first is over for everybody in the section. A
section that is still open where the thread has stopped cannot come first.

The law is asked under every model. Under SC and TSO it is what a machine does whose grace periods begin and end with
other threads between: put the vertex before a grace period where it begins, the one after it where it ends, those of a
section likewise. A section that comes first has ended, its stores in memory, when the grace period does; where the
grace period comes first it began before the section. So two sections that overlap may lie across one end of a grace
period each, which one step that may not lie inside of a section would rule out.

A TLB flush by IPI and the irq regions of CPUs that run the mm behave in the same way, and so do irq regions and grace
periods of RCU where the program says so (`Program.irq_readers`).
"""

from dataclasses import dataclass

from encoder.graph.events import EventKind
from encoder.memory.lkmm import rcu_rscs, srcu_rscs
from encoder.memory.relation import Relation, base
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.axiomatic.order_graph import Layer, OrderGraph, restricted_to
from encoder.smt.axiomatic.sparse_relation import add
from encoder.smt.text.clauses import ALWAYS, Cond, both
from encoder.smt.text.selectors import Topic


@dataclass(frozen=True, slots=True, eq=False)
class CriticalSection:
    """A critical section with its possible ends, each with the condition that it is the one."""

    begin: EventNode
    ends: tuple[tuple[EventNode, Cond], ...]


@dataclass(frozen=True, slots=True, eq=False)
class GracePeriod:
    """A grace period: everything before `begin` is over before anything after `end` starts."""

    begin: EventNode
    end: EventNode


class GracePeriods:
    """Adds the edges of sections and grace periods to a graph of paths.

    `propagated` are the layers of what paths that have left the order have reached, and so is propagated to everybody before
    what follows it, as an event itself is.
    """

    def __init__(
        self, order_graph: OrderGraph, nodes: list[EventNode], propagated: list[Layer], *, complete: bool
    ) -> None:
        self.order_graph = order_graph
        self.clauses = order_graph.clauses
        self.relations = order_graph.relations
        self.nodes = nodes
        self.complete = complete
        self.propagated = propagated
        self.enters: list[tuple[int, EventNode]] = []
        self.leaves: list[tuple[int, EventNode]] = []
        self.pairs: list[tuple[list[CriticalSection], list[GracePeriod], str]] = []
        self._add_pairs("Rcu-lock", rcu_rscs, self._grace_periods("Sync-rcu"), "rcu")
        if self.relations.communication.graph.program.irq_readers:
            self._add_pairs("Irq-begin", base("irq-rscs"), self._grace_periods("Sync-rcu"), "rcu")
        self._add_pairs("Srcu-lock", srcu_rscs, self._grace_periods("Sync-srcu"), "srcu")
        self._add_pairs("Irq-begin", base("irq-rscs"), self._flushes(), "irq")

    def connect(self) -> None:
        """Add the edges."""
        for sections, graces, kind in self.pairs:
            self._assert_choices(sections, graces, kind)
        if self.enters:
            self._connect_to_order()

    # What there is

    def _add_pairs(self, begin: str, matched: Relation, graces: list[GracePeriod], kind: str) -> None:
        """Sections with those that may wait for them; without any, which sections there are is not worked out."""
        if graces and (sections := self._sections(begin, matched)):
            self.pairs.append((sections, graces, kind))

    def _tagged(self, name: str) -> list[EventNode]:
        return [n for n in self.nodes if name in n.tags]

    def _sections(self, begin: str, matched: Relation) -> list[CriticalSection]:
        begins = self._tagged(begin)
        if not begins:
            return []
        pairs = self.relations.relation(matched)
        return [
            CriticalSection(b, tuple((self.nodes[e], c) for e, c in pairs.get(b.number, {}).items())) for b in begins
        ]

    def _grace_periods(self, name: str) -> list[GracePeriod]:
        return [GracePeriod(n, n) for n in self._tagged(name)]

    def _flushes(self) -> list[GracePeriod]:
        of = {n.event: n for n in self.nodes if n.event.kind is EventKind.FLUSH_BEGIN}
        return [GracePeriod(of[b], e) for e in self._tagged("Flush-end") for b in e.event.begins if b in of]

    # The choice

    def _vertex(self, where: list[tuple[int, EventNode]], node: EventNode) -> int:
        where.append((self.order_graph.vertex(), node))
        return where[-1][0]

    def _assert_choices(self, sections: list[CriticalSection], graces: list[GracePeriod], kind: str) -> None:
        begun = [self._vertex(self.leaves, s.begin) for s in sections]
        ended = [[self._vertex(self.enters, e) for e, _ in s.ends] for s in sections]
        for grace in graces:
            guard = both(grace.begin.guard, grace.end.guard)
            if guard is None:
                continue
            pre, post = self._vertex(self.enters, grace.begin), self._vertex(self.leaves, grace.end)
            add(self.order_graph.edges, pre, post, guard)
            for section, begin, ends in zip(sections, begun, ended, strict=True):
                applies = self._applies(section, grace, kind)
                if applies is not None:
                    applies |= self.clauses.selector(Topic.WAITS, grace.end.event.step.site)
                happen = both(guard, section.begin.guard)
                together = None if applies is None or happen is None else both(happen, applies)
                if together is None:
                    continue
                first = self.clauses.boolean(f"first.{section.begin.number}.{grace.end.number}.{grace.begin.number}")
                add(self.order_graph.edges, pre, begin, both(together, frozenset((-first,))))
                for (_, closed), end in zip(section.ends, ends, strict=True):
                    over = both(together, closed)
                    add(self.order_graph.edges, end, post, None if over is None else both(over, frozenset((first,))))
                self._assert_open(section, together, pre, begin)

    def _assert_open(self, section: CriticalSection, together: Cond, pre: int, begin: int) -> None:
        """Where no end of the section has happened yet, the grace period comes first."""
        if self.complete:
            return
        ways = [together]
        for _, closed in section.ends:
            rest = closed - section.begin.guard
            ways = [w for way in ways for x in sorted(rest) if (w := both(way, frozenset((-x,)))) is not None]
        for way in ways:
            add(self.order_graph.edges, pre, begin, way)

    def _applies(self, section: CriticalSection, grace: GracePeriod, kind: str) -> Cond | None:
        """The condition under which the grace period waits for the section."""
        if section.begin.thread == grace.begin.thread and kind == "irq":
            return None
        if kind == "srcu":
            return frozenset() if section.begin.cell == grace.begin.cell else None
        if kind == "irq":
            mm, terms = grace.begin.event.mm, self.clauses.terms
            assert mm is not None
            runs = self.relations.communication.graph.program.threads[section.begin.thread].runs
            return self.clauses.condition(terms.and_(terms.eq(mm, terms.const(runs)), terms.truth(runs != 0)))
        return frozenset()

    # The rest of the order

    def _connect_to_order(self) -> None:
        """What is propagated before an event enters its vertex; what follows an event leaves its vertex."""
        order_graph = self.order_graph
        memory = [n.number for n in self.nodes if n.half != "F"]
        main = restricted_to(order_graph.main, memory)
        for vertex, node in self.enters:
            for layer in (main, *self.propagated):
                order_graph.program_order(layer, {node.number: (vertex, ALWAYS)})
        for vertex, node in self.leaves:
            start = {node.number: (vertex, ALWAYS)}
            if node.half != "F":
                add(order_graph.edges, vertex, main[node.number][0], node.guard)
            order_graph.program_order(start, main)
            for other, target in self.enters:
                order_graph.program_order(start, {target.number: (other, ALWAYS)})
