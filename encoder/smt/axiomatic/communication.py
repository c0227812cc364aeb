"""rf, co and fr: which write each read reads from, and the order in which writes reach their location.

Clauses assert that co is a total order of each location's writes, coherence (`acyclic po-loc | rf | co | fr`), and that
no other thread's write comes between the halves of a read-modify-write. Every model here implies these.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations, groupby, permutations

from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.program.core import CellName
from encoder.smt.axiomatic.counters import CounterSums
from encoder.smt.axiomatic.critical_sections import critical_sections
from encoder.smt.axiomatic.memory_events import EventNode, both_happen, covers, exclusive
from encoder.smt.text.clauses import ALWAYS, Clauses, Cond, both
from encoder.smt.text.script import FALSE, TRUE, negate
from encoder.smt.text.selectors import Topic

NEVER = 0  # stands for a literal that is false: co goes the other way
CERTAIN = None  # stands for a literal that is true


def ordered(condition: Cond, literal: int | None) -> Cond | None:
    """The condition and a literal of co; None if that is impossible."""
    if literal == NEVER:
        return None
    return condition if literal is CERTAIN else both(condition, frozenset((literal,)))


def _opposite(literal: int | None) -> int | None:
    """The negation of a literal of co."""
    return NEVER if literal is CERTAIN else CERTAIN if literal == NEVER else -literal


class Communication:
    """The literals of rf and co. `sources[r]` maps each write that the read may read from (None: the initial value) to
    the condition that it does. `orders_sections` is the model's: its critical sections order their accesses.

    `counter_adds` has the reads of read-modify-writes of counters whose values are told by their own writes: what the
    read sees is what comes before the write in co, since nothing comes between. Among any number of other threads all
    other reads of a counter, those of adds that may fail too, are told by what they have seen (`_assert_sum_read`)."""

    def __init__(
        self, clauses: Clauses, graph: Graph, nodes: list[EventNode], rmw: list[tuple[EventNode, EventNode]],
        *, orders_sections: bool,
    ) -> None:  # fmt: skip
        self.clauses = clauses
        self.graph = graph
        self.rmw = rmw
        self.reads: dict[CellName, list[EventNode]] = {}
        self.writes: dict[CellName, list[EventNode]] = {}
        for node in nodes:
            if node.half != "F" and node.cell is not None:
                (self.reads if node.half == "R" else self.writes).setdefault(node.cell, []).append(node)
        self.has_selectors = clauses.script.selectors is not None
        self.critical_sections = critical_sections(
            graph, nodes, orders_sections=orders_sections and not self.has_selectors
        )
        self.counter_sums = CounterSums(clauses, graph)
        self.counter_adds = {
            r: w
            for r, w in rmw
            if r.cell in graph.counters
            and (r.cell not in graph.interference.counters or r.event.succeeds is graph.terms.true)
        }
        self.sources: dict[EventNode, dict[EventNode | None, Cond]] = {}
        self._co: dict[tuple[EventNode, EventNode], int] = {}
        self._older: dict[tuple[EventNode, EventNode], Cond | None] = {}

    def assert_all(self) -> None:
        """Assert coherence, rf, counters and atomicity. To be called once, before anything else."""
        self.clauses.script.group("co: a total order of each location's writes")
        for writes in self.writes.values():
            self._assert_total(writes)
        self.clauses.script.group("rf: what each read reads from, and coherence")
        for cell, reads in self.reads.items():
            for read in reads:
                self.sources[read] = self._sources(read, self.writes.get(cell, []))
        for cell, reads in self.reads.items():
            self._assert_coherence(reads, self.writes.get(cell, []))
        self.clauses.script.group("counters: what an add finds")
        for read, write in self.counter_adds.items():
            self._assert_sum_before(write, read.values[0])
        for cell in sorted(self.graph.counters & self.writes.keys()):
            for write in self.writes[cell]:
                if write.event.delta is None:
                    self._assert_sum_before(write, self.counter_sums.before(write))
        for cell in sorted(self.graph.interference.counters.keys() & self.reads.keys()):
            for read in self.reads[cell]:
                if read not in self.counter_adds:
                    self._assert_sum_read(read)
        self.clauses.script.group("atomic: nothing between the halves of a read-modify-write")
        for read, write in self.rmw:
            self._assert_atomic(read, write)

    # co

    def co_literal(self, a: EventNode, b: EventNode) -> int | None:
        """The literal of co(a, b), provided that both happen; CERTAIN or NEVER if the order is fixed."""
        if a.thread == b.thread:
            return CERTAIN if a.number < b.number else NEVER
        if (a, b) not in self._co:
            sections = self.critical_sections
            one, other = sections.separating_locks(a, b) or (
                sections.co_representative(a), sections.co_representative(b)
            )  # fmt: skip
            first, last = sorted((one.number, other.number))
            literal = self.clauses.boolean(f"co.{first}.{last}")
            self._co[a, b] = literal if one.number < other.number else -literal
        return self._co[a, b]

    def _assert_total(self, writes: list[EventNode]) -> None:
        """Exclude cycles of three writes; a cycle of two cannot be expressed, as opposite pairs have opposite
        literals."""
        placed = [w for w in writes if self.critical_sections.co_representative(w) is w]
        passed = self.critical_sections.passed
        for a, b, c in combinations(placed, 3):
            if len({a.thread, b.thread, c.thread}) > 1:
                happen = [each.guard for each in (a, b, c) if each.event in passed]
                self.forbid((self.co_literal(a, b), self.co_literal(b, c), self.co_literal(c, a)), *happen)
                self.forbid((self.co_literal(a, c), self.co_literal(c, b), self.co_literal(b, a)), *happen)

    def forbid(self, literals: Iterable[int | None], *conditions: Cond) -> None:
        """Assert that not all of the literals and conditions hold."""
        parts: set[int] = set()
        for literal in literals:
            if literal == NEVER:
                return
            if literal is not CERTAIN:
                parts.add(literal)
        for condition in conditions:
            parts |= condition
        if not any(-x in parts for x in parts):
            self.clauses.forbid(frozenset(parts))

    # rf

    def _sources(self, read: EventNode, writes: list[EventNode]) -> dict[EventNode | None, Cond]:
        """The writes that the read may read from, each with the condition that it does."""
        own = [
            w for w in writes if w.thread == read.thread and w.number < read.number and not self._are_exclusive(w, read)
        ]
        candidates: dict[EventNode | None, str] = {}
        if not any(covers(w, read) for w in own):
            assert read.cell is not None
            self._add_candidate(candidates, None, self.graph.initial[read.cell], read)
        for write in writes:
            if write.thread == read.thread:
                hidden = any(w.number > write.number and covers(w, read, write) for w in own)
                if write not in own or hidden:
                    continue
            if not self._are_exclusive(write, read):
                self._add_candidate(candidates, write, write.values, read)
        return self._assert_one_source(read, candidates)

    def _are_exclusive(self, a: EventNode, b: EventNode) -> bool:
        """Whether no path of a thread has both nodes."""
        return a.thread == b.thread and exclusive(self.graph.terms, a, b)

    def _add_candidate(
        self,
        candidates: dict[EventNode | None, str],
        source: EventNode | None,
        values: tuple[Term, ...],
        read: EventNode,
    ) -> None:
        """Add a candidate source with the formula that its value is what is read, unless the values cannot be equal."""
        parts, terms = [], self.graph.terms
        counters = read in self.counter_adds and read.event.succeeds is terms.true
        counters = counters or read.cell in self.graph.interference.counters
        for value, wanted in zip(values, read.values, strict=True):
            if terms.eq(value, wanted) is terms.false:
                return
            if value is not wanted and not counters:
                parts.append(self.clauses.script.equal(value, wanted))
        kept = [p for p in parts if p != TRUE]
        if FALSE not in kept:
            candidates[source] = TRUE if not kept else f"(and {' '.join(kept)})"

    def _assert_one_source(
        self, read: EventNode, candidates: dict[EventNode | None, str]
    ) -> dict[EventNode | None, Cond]:
        """Assert that the read reads from exactly one candidate, whose value it returns."""
        clauses, script = self.clauses, self.clauses.script
        if len(candidates) == 1 and not self.has_selectors:
            ((source, value),) = candidates.items()
            guard = ALWAYS if source is None else source.guard
            for needed in sorted(guard - read.guard):
                clauses.forbid(read.guard, needed)
            script.clause(*(clauses.text(-x) for x in sorted(read.guard)), value)
            return {source: read.guard | guard}
        chosen: dict[EventNode | None, Cond] = {}
        literals = []
        for source, value in candidates.items():
            literal = clauses.boolean(f"rf.{'init' if source is None else source.number}.{read.number}")
            literals.append(literal)
            chosen[source] = frozenset((literal,))
            for needed in sorted(read.guard | (ALWAYS if source is None else source.guard)):
                clauses.clause(-literal, needed)
            script.clause(clauses.text(-literal), negate(self._write_selector(source, read.cell)), value)
        clauses.forbid(read.guard | clauses.selector(Topic.READS, read.event.step.site), *literals)
        for a, b in combinations(literals, 2):
            clauses.clause(-a, -b)
        return chosen

    def _write_selector(self, source: EventNode | None, cell: CellName | None) -> str:
        """The selector of the fact that a write (None: the initial value) has its value."""
        if source is None:
            return self.clauses.script.selector_literal(Topic.START, None, str(cell))
        return self.clauses.script.selector_literal(Topic.WRITES, source.event.step.site)

    def _assert_sum_before(self, write: EventNode, before: Term) -> None:
        """Assert that a write to a counter finds the sum of the writes before it."""
        assert write.cell is not None
        earlier = [(w, self.co_condition(w, write)) for w in self.writes[write.cell] if w is not write]
        counted = [(w, self.clauses.formula(c)) for w, c in earlier if c is not None]
        equation = self.counter_sums.equals(write.cell, before, counted, write.event)
        facts = self.clauses.selector(Topic.READS, write.event.step.site)
        self.clauses.script.clause(*(self.clauses.text(-x) for x in sorted(write.guard | facts)), equation)

    def _assert_sum_read(self, read: EventNode) -> None:
        """Assert that a read of a counter finds the sum of the write that it reads from, of those before it, and of
        what interference has added."""
        assert read.cell is not None
        counted = [(w, self.clauses.formula(self._sees(read, w))) for w in self.writes.get(read.cell, [])]
        equation = self.counter_sums.equals(read.cell, read.values[0], counted, read.event)
        self.clauses.script.clause(*(self.clauses.text(-x) for x in sorted(read.guard)), equation)

    def _sees(self, read: EventNode, write: EventNode) -> Cond:
        """The condition that the write happens and the read's source is this write or a later one."""
        seen = self.clauses.boolean(f"seen.{write.number}.{read.number}")
        for source, condition in self.sources[read].items():
            first = CERTAIN if source is write else NEVER if source is None else self.co_literal(write, source)
            self.forbid((first, -seen), condition, write.guard)
            self.forbid((_opposite(first), seen), condition, write.guard)
        return write.guard | {seen}

    # Coherence

    def _assert_coherence(self, reads: list[EventNode], writes: list[EventNode]) -> None:
        """Assert what coherence requires of a location's accesses, beside the total order of its writes."""
        for read in reads:
            for write in writes:
                if (apart := self.critical_sections.separating_locks(write, read)) is not None:
                    self._assert_locked_write(read, write, self.co_literal(*apart))
        for first, second in self._neighbours(sorted((*reads, *writes), key=lambda node: node.number)):
            if first.half == second.half == "R":
                self._assert_own_reads(first, second)
            elif first.half == "W" and second.half == "R":
                self._forbid_older(second, first, first.guard)
            elif first.half == "R":
                self._assert_later_write(first, second)

    def _neighbours(self, accesses: list[EventNode]) -> Iterator[tuple[EventNode, EventNode]]:
        """The pairs of a thread's accesses of a location, in program order, that coherence has to be asserted of.

        If a third access of the location that comes between the two happens whenever both do, what coherence requires
        of the first and the third, and of the third and the second, implies what it requires of the two: each says that
        what the earlier one reads or writes is not co-after what the later one does, and co is a total order. A read
        without its fact (`Topic.READS`) has no source and would break the chain, so with selectors all pairs count.
        """
        for _, own in groupby(sorted(accesses, key=lambda node: node.thread), key=lambda node: node.thread):
            thread = list(own)
            for place, first in enumerate(thread):
                between: list[Cond] = []
                for second in thread[place + 1 :]:
                    if not self._are_exclusive(first, second):
                        both_paths = first.path | second.path
                        if self.has_selectors or not any(path <= both_paths for path in between):
                            yield first, second
                        between.append(second.path)

    def _assert_own_reads(self, first: EventNode, second: EventNode) -> None:
        """The later of two reads of a thread sees nothing older than the earlier one."""
        for source, condition in self.sources[first].items():
            if source is not None:
                self._forbid_older(second, source, condition)

    def _assert_later_write(self, read: EventNode, write: EventNode) -> None:
        """A read sees no write that is newer than its thread's own later one."""
        for source, condition in self.sources[read].items():
            if source is not None:
                self.forbid((self.co_literal(write, source),), condition, write.guard)

    def _assert_locked_write(self, read: EventNode, write: EventNode, first: int | None) -> None:
        """For a read and a write in critical sections of one lock: the read does not see the write of a later section,
        and sees nothing older than the write of an earlier one (`first`: the write's section is first). It may see
        something newer than a later section's write: a plain write by a third thread, which nothing orders."""
        assert first
        if write in self.sources[read]:
            self.forbid((-first,), self.sources[read][write])
        self._forbid_older(read, write, write.guard, before=first)

    def _assert_atomic(self, read: EventNode, write: EventNode) -> None:
        """No other thread's write comes between the halves of the read-modify-write in co."""
        assert write.cell is not None
        whole = self.clauses.selector(Topic.ATOMIC, write.event.step.site)
        for other in self.writes[write.cell]:
            if other.thread != write.thread:
                self._forbid_older(read, other, other.guard, write.guard, whole, before=self.co_literal(other, write))

    def _forbid_older(self, read: EventNode, write: EventNode, *given: Cond, before: int | None = CERTAIN) -> None:
        """Assert that under these conditions, which imply that the write happens, and where the literal `before` holds,
        the read's source is not co-before the write."""
        older = self._reads_older(read, write)
        if older is not None:
            self.forbid((before,), older, *given)

    def _reads_older(self, read: EventNode, write: EventNode) -> Cond | None:
        """A condition that the read's source being co-before a write that happens implies; None if that is
        impossible. One literal serves all constraints that speak of the two."""
        if (read, write) not in self._older:
            ways = [
                ordered(condition, CERTAIN if source is None else self.co_literal(source, write))
                for source, condition in self.sources[read].items()
                if source is not write
            ]
            possible = [way for way in ways if way is not None]
            self._older[read, write] = self.clauses.any_of(possible) if possible else None
        return self._older[read, write]

    # As relations

    def co(self) -> Iterable[tuple[EventNode, EventNode, Cond]]:
        """The pairs of co, each with its condition."""
        for writes in self.writes.values():
            for a, b in permutations(writes, 2):
                condition = self.co_condition(a, b)
                if condition is not None:
                    yield a, b, condition

    def co_condition(self, a: EventNode, b: EventNode) -> Cond | None:
        """The condition that both happen and co(a, b); None if that is impossible."""
        literal = self.co_literal(a, b)
        if literal == NEVER or self._are_exclusive(a, b):
            return None
        guards = both_happen(a, b)
        return None if guards is None else ordered(guards, literal)

    def rf(self) -> Iterable[tuple[EventNode, EventNode, Cond]]:
        """The pairs of rf, each with its condition; none for a counter with interference (`graph.interference` says
        why)."""
        for read, sources in self.sources.items():
            for source, condition in sources.items():
                if source is not None and read.cell not in self.graph.interference.counters:
                    yield source, read, condition

    def fr(self) -> Iterable[tuple[EventNode, EventNode, list[Cond]]]:
        """The pairs of fr, each with alternative conditions: the read's source is co-before the write."""
        for read, write in self._fr_pairs():
            if write.thread == read.thread:
                certain = both_happen(read, write)
                conditions = [] if certain is None else [certain]
            else:
                ways = [self._fr_condition(each, given, write) for each, given in self.sources[read].items()]
                conditions = [way for way in ways if way is not None]
            if conditions:
                yield read, write, conditions

    def implied_fr(self) -> Iterable[tuple[EventNode, EventNode, Cond]]:
        """The same pairs, each with one condition that the alternatives imply."""
        for read, write in self._fr_pairs():
            if write.thread == read.thread:
                condition = both_happen(read, write)
            else:
                older = self._reads_older(read, write)
                condition = None if older is None else both(older, write.guard)
            if condition is not None:
                yield read, write, condition

    def _fr_pairs(self) -> Iterable[tuple[EventNode, EventNode]]:
        """The reads with the writes that they may be fr-before."""
        for read in self.sources:
            assert read.cell is not None
            for write in self.writes.get(read.cell, []):
                own = write.thread == read.thread
                if not self._are_exclusive(read, write) and not (own and write.number < read.number):
                    yield read, write

    def _fr_condition(self, source: EventNode | None, condition: Cond, write: EventNode) -> Cond | None:
        """The condition that the read has this source and the source is co-before the write; None if that is
        impossible."""
        if source is write:
            return None
        order = both(condition, write.guard) if source is None else self.co_condition(source, write)
        return None if order is None else both(condition, order)

    def assert_last(self, cell: CellName, value: tuple[Term, ...]) -> None:
        """Assert that `value` is what the location holds after all writes that happen."""
        writes = self.writes.get(cell, [])
        if cell in self.graph.counters:
            counted = [(w, self.clauses.formula(w.guard)) for w in writes]
            self.clauses.script.clause(self.counter_sums.equals(cell, value[0], counted, None))
            return
        literals = []
        for source in [None, *writes]:
            literal = self.clauses.boolean(f"last.{cell}.{'init' if source is None else source.number}")
            literals.append(literal)
            given = self.graph.initial[cell] if source is None else source.values
            unless = negate(self._write_selector(source, cell))
            for a, b in zip(given, value, strict=True):
                self.clauses.script.clause(self.clauses.text(-literal), unless, self.clauses.script.equal(a, b))
            for guard in sorted(ALWAYS if source is None else source.guard):
                self.clauses.clause(-literal, guard)
            for other in writes:
                if other is not source:
                    later = CERTAIN if source is None else self.co_literal(source, other)
                    self.forbid((later,), frozenset((literal,)), other.guard)
        self.clauses.clause(*literals)
