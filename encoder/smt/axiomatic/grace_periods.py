"""Grace periods and the critical sections that they wait for: for each pair the encoding chooses which comes first.

The RCU axiom (`irreflexive rb`) is equivalent to the law of RCU: for every critical section and every grace period one
can choose which comes first such that the order, extended by these choices, is acyclic (Alglave, Maranget, McKenney,
Parri, Stern: Frightening Small Children and Disconcerting Grown-ups, ASPLOS 2018). If the section comes first,
everything in it is before whatever follows the grace period; if the grace period comes first, everything before it is
before whatever is in the section. A section that is still open where its thread has stopped cannot come first.

The law is required under every model. Under SC and TSO it describes a machine whose grace periods begin and end with
steps of other threads in between: put the vertex before a grace period where it begins, the vertex after it where it
ends, and those of a section likewise. If the section comes first, it has ended, with its stores in memory, when the
grace period ends; if the grace period comes first, it began before the section did. So of two sections that overlap,
one may contain the begin of a grace period and the other its end; a grace period that is a single step outside of all
sections would rule that out.

A TLB flush by IPI and the irq-off regions of CPUs that run the mm behave in the same way, and so do irq-off regions and
grace periods of RCU if the program says so (`Program.irq_readers`).
"""

from dataclasses import dataclass
from itertools import product

from encoder.graph.events import EventKind
from encoder.memory.lkmm import rcu_rscs, srcu_rscs
from encoder.memory.relation import Relation, base
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.axiomatic.order_graph import Layer, OrderGraph, restricted_to
from encoder.smt.axiomatic.sparse_relation import Alternatives, add
from encoder.smt.text.clauses import ALWAYS, Cond, both
from encoder.smt.text.selectors import Topic


@dataclass(frozen=True, slots=True, eq=False)
class CriticalSection:
    """A read-side critical section, or irq-off region, with its possible ends, each with the condition that it is the
    one."""

    begin: EventNode
    ends: tuple[tuple[EventNode, Cond], ...]


@dataclass(frozen=True, slots=True, eq=False)
class GracePeriod:
    """A grace period or flush: everything before `begin` is over before anything after `end` starts."""

    begin: EventNode
    end: EventNode


class GracePeriods:
    """Adds the edges of sections and grace periods to an order graph.

    `propagated` are the layers of what paths outside of the order have reached. That is propagated to every thread
    before whatever follows a strong fence, as an event itself is.
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

    def open_sections(self) -> Alternatives:
        """From each grace period to the begin of each section of its kind that is open: rcu-open of the model."""
        pairs: Alternatives = {}
        for sections, graces, kind in self.pairs:
            for grace, section in product(graces, (s for s in sections if "Irq-begin" not in s.begin.tags)):
                applies, guard = self._applies(section, grace, kind), both(grace.end.guard, section.begin.guard)
                together = None if applies is None or guard is None else both(guard, applies)
                for way in () if together is None else self._open_ways(section, together):
                    add(pairs, grace.end.number, section.begin.number, way)
        return pairs

    # Sections and grace periods

    def _add_pairs(self, begin: str, matched: Relation, graces: list[GracePeriod], kind: str) -> None:
        """Take note of sections and of what may wait for them; without the latter the sections are not computed."""
        if graces and (sections := self._sections(begin, matched)):
            self.pairs.append((sections, graces, kind))

    def _tagged(self, name: str) -> list[EventNode]:
        """The nodes with this tag."""
        return [n for n in self.nodes if name in n.tags]

    def _sections(self, begin: str, matched: Relation) -> list[CriticalSection]:
        """The sections that begin with this tag; `matched` relates a begin to its end."""
        begins = self._tagged(begin)
        if not begins:
            return []
        pairs = self.relations.relation(matched)
        return [
            CriticalSection(b, tuple((self.nodes[e], c) for e, c in pairs.get(b.number, {}).items())) for b in begins
        ]

    def _grace_periods(self, name: str) -> list[GracePeriod]:
        """The grace periods with this tag."""
        return [GracePeriod(n, n) for n in self._tagged(name)]

    def _flushes(self) -> list[GracePeriod]:
        """The TLB flushes."""
        of = {n.event: n for n in self.nodes if n.event.kind is EventKind.FLUSH_BEGIN}
        return [GracePeriod(of[b], e) for e in self._tagged("Flush-end") for b in e.event.begins if b in of]

    # The choice

    def _vertex(self, where: list[tuple[int, EventNode]], node: EventNode) -> int:
        """A new vertex for a node, listed in `where`."""
        where.append((self.order_graph.vertex(), node))
        return where[-1][0]

    def _assert_choices(self, sections: list[CriticalSection], graces: list[GracePeriod], kind: str) -> None:
        """Add the edges of each choice between a section and a grace period of this kind."""
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
        """Let the grace period come first if no end of the section has happened."""
        for way in self._open_ways(section, together):
            add(self.order_graph.edges, pre, begin, way)

    def _open_ways(self, section: CriticalSection, together: Cond) -> list[Cond]:
        """The conditions, one of them necessary, that no end of the section has happened; none in a complete
        execution, where such a section is none."""
        if self.complete:
            return []
        ways = [together]
        for _, closed in section.ends:
            rest = closed - section.begin.guard
            self.clauses.make_exact(rest)
            ways = [w for way in ways for x in sorted(rest) if (w := both(way, frozenset((-x,)))) is not None]
        return ways

    def _applies(self, section: CriticalSection, grace: GracePeriod, kind: str) -> Cond | None:
        """The condition under which the grace period waits for the section; None if it never does."""
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

    # Connection to the order

    def _connect_to_order(self) -> None:
        """Connect the vertices to the order: what is propagated before an event leads to its vertex in `enters`; its
        vertex in `leaves` leads to what follows the event."""
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
