"""Constraints on an interleaving: reads see the latest write, locks exclude each other, flushes and grace periods wait
for sections."""

from collections.abc import Mapping
from dataclasses import dataclass

from encoder.graph.conflicts import Conflicts, by_cell
from encoder.graph.events import Event, EventKind, Graph, GraphStep
from encoder.graph.lock_balance import releases_of
from encoder.graph.term import Term
from encoder.graph.waits import Wait, find_waits
from encoder.program.core import CellName
from encoder.smt.interleaving.total_order import TotalOrder
from encoder.smt.progress import assert_po_closed, done, interference_sum
from encoder.smt.text.script import FALSE, TRUE, Script, bit_width, both, either, extend, negate
from encoder.smt.text.sums import total


def assert_interleaving(script: Script, graph: Graph, conflicts: Conflicts) -> "InterleavingConstraints":
    """Assert what holds of every interleaving."""
    done = assert_po_closed(script, graph)
    happens = {e: both(done[e.step], script.truth(e.target)) for e in graph.events}
    order = TotalOrder(script, conflicts, happens)
    constraints = InterleavingConstraints(script, graph, conflicts, done, happens, order, by_cell(graph))
    order.assert_total()
    constraints.assert_values()
    constraints.assert_locks()
    constraints.assert_waits()
    return constraints


@dataclass(frozen=True, slots=True)
class InterleavingConstraints:
    """The constraints of interleavings. `done` has the literal that a step happens, `happens` the formula that an event
    does, `cells` the events of each cell."""

    script: Script
    graph: Graph
    conflicts: Conflicts
    done: dict[GraphStep, str]
    happens: dict[Event, str]
    order: TotalOrder
    cells: Mapping[CellName, list[Event]]

    def takes_effect(self, event: Event) -> str:
        """The event happens, and its write or acquisition succeeds."""
        return both(self.happens[event], self.script.truth(event.succeeds))

    # Values

    def assert_values(self) -> None:
        """Assert the value that each event reads, where it is relevant."""
        self.script.group("values: what each event reads")
        for cell, events in self.cells.items():
            shared = any(a.cell == cell for a, _ in self.conflicts.pairs)
            for event in events:
                if event.kind in (EventKind.READ, EventKind.RMW) and any(
                    t.ident in self.conflicts.relevant for t in event.reads
                ):
                    self.script.clause(negate(self.happens[event]), self._read_value(cell, event, shared))
                if event.kind is EventKind.WRITE and cell in self.graph.counters:
                    before = self._counter_variable(cell, f"before.{event.thread}.{event.uid}")
                    self.script.clause(
                        negate(self.happens[event]), self._equals(before, self.counter_before(cell, event))
                    )
                if event.await_ is not self.graph.terms.true:
                    self.script.clause(negate(self.happens[event]), self.script.truth(event.await_))

    def _read_value(self, cell: CellName, event: Event, shared: bool) -> str:
        """The event reads the cell's current value. `shared`: events of several threads conflict on the cell."""
        if self.is_lock(cell):
            return self._equals(event.reads[0], self.lock_value(cell, event))
        if cell in self.graph.counters:
            return self._equals(event.reads[0], self.counter_before(cell, event))
        if not shared:
            return both(
                *(self.script.equal(a, b) for a, b in zip(event.reads, self.latest_write(cell, event), strict=True))
            )
        return self.read_from(cell, event, event.reads, f"{event.thread}.{event.uid}")

    def assert_final(self, cell: CellName, value: tuple[Term, ...]) -> None:
        """Assert that `value` is what the cell holds at the end, all executed writes included."""
        if self.is_lock(cell):
            self.script.clause(self._equals(value[0], self.lock_value(cell, None)))
        elif cell in self.graph.counters:
            self.script.clause(self._equals(value[0], self.counter_before(cell, None)))
        elif not any(a.cell == cell for a, _ in self.conflicts.pairs):
            self.script.clause(
                both(*(self.script.equal(a, b) for a, b in zip(value, self.latest_write(cell, None), strict=True)))
            )
        else:
            self.script.clause(self.read_from(cell, None, value, f"final.{cell}"))

    def _equals(self, read: Term, value: tuple[str, int]) -> str:
        """The term equals a bit-vector, given as text and width."""
        (x, m), (y, n) = self.script.number(read), value
        width = max(m, n)
        return f"(= {extend(x, m, width)} {extend(y, n, width)})"

    def is_lock(self, cell: CellName) -> bool:
        """Whether the cell is a lock."""
        return any(e.kind in (EventKind.ACQUIRE, EventKind.RELEASE) for e in self.cells[cell])

    def latest_write(self, cell: CellName, reader: Event | None) -> tuple[Term, ...]:
        """The value before `reader` (None: at the end) of a cell that only one thread changes: its latest write."""
        terms = self.graph.terms
        value = self.graph.initial[cell]
        for event in self.cells[cell]:
            if event.writes is None or (reader is not None and event.step.index >= reader.step.index):
                continue
            if reader is not None and event.thread != reader.thread:
                raise AssertionError(f"{cell} is shared")
            written = terms.and_(event.step.guard, event.target, event.succeeds)
            if reader is None:
                written = terms.and_(done(terms, event.step), event.target, event.succeeds)
            value = tuple(terms.choose(written, new, old) for new, old in zip(event.writes, value, strict=True))
        return value

    def read_from(self, cell: CellName, reader: Event | None, read: tuple[Term, ...], name: str) -> str:
        """rf: `read` is the value of a write before the reader (None: the end) with no other write in between.

        The formula says that some write, or the initial value, is read from; clauses say that a write that is read from
        has no later one in between.
        """
        writes = [e for e in self.cells[cell] if e.writes is not None and self._precedes(e, reader) != FALSE]
        sources = []
        for source in [None, *writes]:
            literal = self.script.boolean(f"rf.{name}.{'init' if source is None else f'{source.thread}.{source.uid}'}")
            sources.append(literal)
            values = self.graph.initial[cell] if source is None else source.writes
            assert values is not None
            self.script.clause(
                negate(literal), both(*(self.script.equal(r, v) for r, v in zip(read, values, strict=True)))
            )
            if source is not None:
                self.script.clause(negate(literal), self.takes_effect(source))
                self.script.clause(negate(literal), self._precedes(source, reader))
            for other in writes:
                if other is not source:
                    between = (self.order.before(source, other) if source else TRUE, self._precedes(other, reader))
                    self.script.clause(negate(literal), negate(self.takes_effect(other)), *(negate(x) for x in between))
        return either(*sources)

    def _precedes(self, event: Event, reader: Event | None) -> str:
        """The event is before the reader, if there is one."""
        return TRUE if reader is None else self.order.before(event, reader)

    def counter_before(self, cell: CellName, reader: Event | None) -> tuple[str, int]:
        """A counter's value before `reader` (None: at the end): the initial value plus what the writes before it added.

        Sound because addition commutes: the value is the same for every order of these writes, so neither rf nor an
        order among them need be chosen. A conditional add that fails adds nothing. A store adds its value minus the sum
        before it.
        """
        parts = [
            self.script.number(term)
            for term in (self.graph.initial[cell][0], *interference_sum(self.graph, cell, reader))
        ]
        added = [
            (both(self.takes_effect(event), before), self._added(cell, event))
            for event in self.cells[cell]
            if event.writes is not None and event is not reader and (before := self._precedes(event, reader)) != FALSE
        ]
        return total(parts, added, bit_width(self._counter_variable(cell, "range")))

    def _added(self, cell: CellName, event: Event) -> tuple[str, int]:
        """What a write to a counter adds."""
        if event.delta is not None:
            return self.script.number(event.delta)
        assert event.writes is not None
        terms = self.graph.terms
        return self.script.number(
            terms.arith("-", event.writes[0], self._counter_variable(cell, f"before.{event.thread}.{event.uid}"))
        )

    def _counter_variable(self, cell: CellName, name: str) -> Term:
        """A variable that can hold any value of the counter."""
        return self.graph.terms.var(name, self.graph.domains[cell][0])

    # Locks

    def assert_locks(self) -> None:
        """Assert that an acquisition succeeds exactly if nobody holds the lock in a conflicting mode."""
        self.script.group("locks: an acquisition succeeds when nobody holds the lock in a conflicting mode")
        for cell, events in self.cells.items():
            for event in events:
                if event.kind is EventKind.ACQUIRE:
                    free = both(*(negate(h) for h in self.holders(cell, event, event.mode)))
                    wanted = self.script.truth(event.succeeds)
                    self.script.clause(negate(self.happens[event]), free if wanted == TRUE else f"(= {wanted} {free})")

    def holders(self, cell: CellName, at: Event | None, mode: str) -> list[str]:
        """For each acquisition in a mode that conflicts with `mode`, the formula that it holds the lock at the event
        (None: at the end)."""
        holders = []
        for taken in self.cells[cell]:
            if taken.kind is not EventKind.ACQUIRE or taken is at or (taken.mode == "read" and mode == "read"):
                continue
            before = self._precedes(taken, at)
            if before == FALSE:
                continue
            releases = releases_of(self.graph.terms, taken, self.cells[cell])
            released = either(
                *(both(self.happens[u], self.script.truth(ends), self._precedes(u, at)) for u, ends in releases)
            )
            holders.append(both(self.takes_effect(taken), before, negate(released)))
        return holders

    def lock_value(self, cell: CellName, at: Event | None) -> tuple[str, int]:
        """The value of the lock's cell at an event (None: at the end): 0 free, 1 held for writing, 1 + n held by n
        readers."""
        held = [(t, h) for t, h in zip(self._acquisitions(cell, at), self.holders(cell, at, "write"), strict=True)]
        width = len(held).bit_length() + 2
        one, zero = f"(_ bv1 {width})", f"(_ bv0 {width})"
        readers = [h for t, h in held if t.mode == "read"]
        writing = either(*(h for t, h in held if t.mode != "read"))
        count = " ".join(f"(ite {h} {one} {zero})" for h in readers)
        reading = f"(ite {either(*readers)} (bvadd {one} {count}) {zero})" if readers else zero
        return f"(ite {writing} {one} {reading})", width

    def _acquisitions(self, cell: CellName, at: Event | None) -> list[Event]:
        """The acquisitions that may be before the event (None: the end)."""
        return [
            e
            for e in self.cells[cell]
            if e.kind is EventKind.ACQUIRE and e is not at and self._precedes(e, at) != FALSE
        ]

    # Flushes and grace periods

    def assert_waits(self) -> None:
        """Assert that a wait that has ended has waited for every section that began before it did (see
        `graph.waits`)."""
        self.script.group("waits: a flush or grace period ends after the sections that were open at its begin")
        for wait in find_waits(self.graph):
            self._assert_wait(wait)

    def _assert_wait(self, wait: Wait) -> None:
        """Assert it for one wait and one section."""
        over = [
            both(self.happens[end], self.script.truth(ends), self.order.before(end, wait.end))
            for end, ends in wait.ends
        ]
        open_before = (
            self.happens[wait.end],
            self.happens[wait.begin],
            self.script.truth(wait.applies),
            self.happens[wait.section],
            self.order.before(wait.section, wait.begin),
        )
        self.script.clause(*(negate(x) for x in open_before), either(*over))
