"""The events of one thread: each statement that is an event, on the path where it stands, and what it leaves behind."""

from dataclasses import dataclass, replace

from encoder.graph.access import AccessContext, Domains, EventBuilder, MemoryAccess, clears_bit, outputs
from encoder.graph.dependency import NO_SOURCES, Sources, merge_deps, sources_of
from encoder.graph.evaluate import evaluate, to_type
from encoder.graph.events import Cutoff, Definition, Event, EventKind, GraphStep
from encoder.graph.held_at_end import held_after
from encoder.graph.lock_balance import (
    LockCounts,
    counts_after,
    depth,
    is_srcu_lock,
    is_srcu_unlock,
    unmatched_unlock,
)
from encoder.graph.path_state import HeldLock, PathState, control_deps, held_sections
from encoder.graph.term import Term, Terms
from encoder.program.core import Arm64Code, Cell, CellName, Expr, Flush, Grace, Place, Site, Thread


@dataclass(frozen=True, slots=True)
class UnrollOptions:
    """How threads are unrolled.

    - `loops`: bounds the iterations of loops that have no bound of their own.
    - `dependencies`: events record which reads they depend on.
    - `named_branches`: the outcomes of branches are literals, see `Graph`.
    - `srcu`: ending an SRCU read-side critical section that is not open is a fault, since a grace period may wait for
      such sections.
    - `both_branches`: a branch that depends on a read is taken both ways, whatever values are possible, and
      dependencies have no conditions.
    - `any_target`: a pointer that depends on a read may point to every object.
    """

    loops: int
    dependencies: bool = False
    named_branches: bool = False
    srcu: bool = False
    both_branches: bool = False
    any_target: bool = False


class EventEmitter:
    """Makes the events of one thread. `domains` holds the possible values of each cell's components, `lock_bits` the
    cells that look like lock bits, `observed` the variables that properties read.

    Each method takes the path before a statement and returns the path after it, None if no execution gets there.
    """

    def __init__(
        self, terms: Terms, index: int, thread: Thread, cells: dict[CellName, Cell], domains: Domains,
        lock_bits: frozenset[CellName], observed: frozenset[str], options: UnrollOptions,
    ) -> None:  # fmt: skip
        self.terms = terms
        self.options = options
        self.index = index
        self.types = dict(thread.variables)
        self.builder = EventBuilder(terms=terms, cells=cells, domains=domains, types=self.types)
        self.lock_bits = lock_bits
        self.misused_bits: set[CellName] = set()
        self.observed = observed
        self.steps: list[GraphStep] = []
        self.events: list[Event] = []
        self.definitions: list[Definition] = []
        self.faults: list[Cutoff] = []
        self.unheld: list[Cutoff] = []
        self.longest = 0

    def restricted(self, path: PathState, condition: Term) -> PathState | None:
        """The path where the condition holds, None if it cannot."""
        guard = self.terms.and_(path.guard, condition)
        if guard is path.guard:
            return path
        return None if guard is self.terms.false else path._replace(guard=guard)

    # Values

    def value(self, expr: Expr, path: PathState) -> Term:
        """The term of a pure expression."""
        return evaluate(self.terms, expr, path.variables)

    def sources_of(self, expr: Expr, path: PathState) -> Sources:
        """The reads that the expression depends on."""
        return sources_of(self.terms, (expr,), path.sources)

    def sources_of_read(self, events: list[Event]) -> Sources:
        """What a variable depends on that one of these events has read. The reads are kept for srcu_read_lock() under
        every model, since its index tells which section an `srcu_read_unlock()` ends."""
        kept = self.options.dependencies or any(map(is_srcu_lock, events))
        reads = tuple((event.uid, self.terms.true) for event in events)
        return Sources(reads, direct=reads) if kept else NO_SOURCES

    def define(self, path: PathState, name: str, value: Term, sources: Sources) -> PathState:
        """The path after an assignment. In an arm the variable then also carries the reads of the arm's condition."""
        value = to_type(self.terms, value, self.types[name])
        deps = replace(sources, control=merge_deps(self.terms, sources.control, control_deps(path)))
        if name in self.observed:
            self.definitions.append(Definition(variable=name, guard=path.guard, value=value, after=len(self.steps)))
        return path._replace(
            variables=path.variables.assigned({name: value}), sources=path.sources.assigned({name: deps})
        )

    # Events

    def step(self, path: PathState, site: Site) -> tuple[GraphStep, PathState]:
        """A new step on the path, and the path after it."""
        step = GraphStep(thread=self.index, index=len(self.steps), guard=path.guard, site=site)
        self.steps.append(step)
        self.longest = max(self.longest, path.length + 1)
        return step, path._replace(length=path.length + 1)

    def event_without_access(
        self, path: PathState, site: Site, kind: EventKind, *, tags: tuple[str, ...] = (), region: str = "",
        mm: Term | None = None, arm64: Arm64Code | None = None,
    ) -> PathState:  # fmt: skip
        """The path after an event that accesses no memory: a fence, or the edge of a region, flush or grace period."""
        true = self.terms.true
        step, after = self.step(path, site)
        event = Event(
            uid=len(self.events), step=step, kind=kind, cell=None, target=true, reads=(), writes=None,
            succeeds=true, await_=true, delta=None, mode="", takes=true, held=held_sections(self.terms, path),
            tags=tags, begins=path.flush_begins if kind is EventKind.FLUSH_END else (), region=region, mm=mm,
            arm64=arm64,
        )  # fmt: skip
        if kind in (EventKind.REGION_BEGIN, EventKind.REGION_END):
            event = self.with_depth(path, event)
        self.events.append(event)
        if event.depth is not None:
            after = after._replace(held_counts=held_after(self.terms, after.held_counts, event, None))
            after = after._replace(lock_counts=self.lock_counts(after, event))
        return after._replace(flush_begins=(event,)) if kind is EventKind.FLUSH_BEGIN else after

    def with_depth(self, path: PathState, event: Event) -> Event:
        """The event that takes or releases a lock or is the edge of a region, with how often that is held here."""
        held = depth(self.terms, path.lock_counts, event)
        outermost = self.terms.eq(held, self.terms.const(1)) if event.kind is EventKind.REGION_END else event.takes
        return replace(event, depth=held, takes=outermost)

    def lock_counts(self, path: PathState, event: Event) -> LockCounts:
        """The counts after a lock operation or the edge of a region; an unmatched release is recorded."""
        lock_counts, fault = counts_after(self.terms, path.lock_counts, event)
        self.note_unheld(path, event, fault)
        return lock_counts

    def note_unheld(self, path: PathState, event: Event, fault: Term) -> None:
        """Record that the event ends what is not open where `fault` holds."""
        if (bad := self.restricted(path, fault)) is not None:
            self.unheld.append(Cutoff(guard=bad.guard, after=event.step.index, site=event.step.site, iterations=0))

    def grace(self, grace: Grace, path: PathState) -> PathState | None:
        """The path after the begin or end of a grace period; a choice of srcu_structs gives one event each."""
        kind = EventKind.GRACE_BEGIN if grace.begin else EventKind.GRACE_END
        begun = [e for e in self.events if e.kind is EventKind.GRACE_BEGIN and e.step is self.steps[-1]]
        chosen: list[tuple[CellName | None, Term]] = [(None, self.terms.true)]
        valid: PathState | None = path
        if grace.place is not None:
            targets, valid = self.targets(grace.place, path, grace.site)
            chosen = list(targets)
        if valid is None:
            return None
        after = self.event_without_access(valid, grace.site, kind, region=grace.kind)
        first = self.events.pop()
        for cell, target in chosen:
            begins = tuple(e for e in begun if e.domain == cell) if kind is EventKind.GRACE_END else ()
            self.events.append(replace(first, uid=len(self.events), domain=cell, target=target, begins=begins))
        return after

    def flush(self, flush: Flush, path: PathState) -> PathState | None:
        """The path after the begin or end of a TLB flush of an mm."""
        kind = EventKind.FLUSH_BEGIN if flush.begin else EventKind.FLUSH_END
        mm = self.terms.as_int(self.value(flush.mm, path))
        valid = self.where_valid(path, self.terms.not_(self.terms.eq(mm, self.terms.const(0))), flush.site)
        return None if valid is None else self.event_without_access(valid, flush.site, kind, mm=mm)

    def where_valid(self, path: PathState, condition: Term, site: Site) -> PathState | None:
        """The path where `condition` says that a pointer is valid; where it is not, the program has a fault."""
        invalid = self.restricted(path, self.terms.not_(condition))
        if invalid is not None:
            self.faults.append(Cutoff(guard=invalid.guard, after=len(self.steps), site=site, iterations=0))
        return self.restricted(path, condition)

    def targets(
        self, place: Place, path: PathState, site: Site
    ) -> tuple[list[tuple[CellName, Term]], PathState | None]:
        """The cells that a place may denote, each with its condition, and the path where it denotes one."""
        if self.options.any_target and self.sources_of(place.base, path).data:
            return [(cell, self.terms.true) for _, cell in place.targets], path
        base = self.terms.as_int(self.value(place.base, path))
        chosen = [(cell, self.terms.eq(base, self.terms.const(index))) for index, cell in place.targets]
        chosen = [(cell, condition) for cell, condition in chosen if condition is not self.terms.false]
        somewhere = self.terms.or_(*(condition for _, condition in chosen))
        if len(chosen) > 1:
            possible = frozenset(index for index, _ in place.targets)
            somewhere = self.terms.true if base.values is not None and base.values <= possible else somewhere
        return chosen, self.where_valid(path, somewhere, site)

    def access(self, access: MemoryAccess, path: PathState) -> PathState | None:
        """The path after a memory access."""
        chosen, valid = self.targets(access.place, path, access.site)
        if valid is None:
            return None
        step, after = self.step(valid, access.site)
        context = AccessContext(
            valid.variables, valid.sources, control_deps(valid), valid.branched, held_sections(self.terms, valid)
        )
        events: list[Event] = []
        for cell, target in chosen:
            event = self.builder.event(access, cell, target, step, context, len(self.events))
            if event.kind in (EventKind.ACQUIRE, EventKind.RELEASE):
                event = self.with_depth(valid, event)
            if self.options.srcu and is_srcu_unlock(event):
                self.note_unheld(valid, event, unmatched_unlock(self.terms, event, self.events))
            events.append(event)
            self.events.append(event)
        for component, variable in outputs(access):
            value = self.builder.output(events[-1], component)
            for event in reversed(events[:-1]):
                value = self.terms.choose(event.target, self.builder.output(event, component), value)
            after = self.define(after, variable, value, self.sources_of_read(events))
        return self.with_locks(after, events)

    def with_locks(self, path: PathState, events: list[Event]) -> PathState:
        """The path with the locks that are held after an access; an access with several possible targets takes none."""
        held, lock_counts, held_counts = dict(path.held), path.lock_counts, path.held_counts
        for event in events:
            assert event.cell is not None
            held_counts = held_after(self.terms, held_counts, event, self.builder.cells[event.cell])
            if event.kind in (EventKind.ACQUIRE, EventKind.RELEASE):
                lock_counts = self.lock_counts(path._replace(lock_counts=lock_counts), event)
            if event.kind is EventKind.RELEASE or clears_bit(event, self.terms):
                taken = held.pop(event.cell, None)
                if taken is None or taken.section not in event.held or len(events) > 1:
                    self.misused_bits.add(event.cell)
            elif len(events) == 1 and (
                event.kind is EventKind.ACQUIRE or (event.cell in self.lock_bits and event.writes)
            ):
                held[event.cell] = HeldLock((event,), certain=event.takes is self.terms.true)
        return path._replace(held=held, lock_counts=lock_counts, held_counts=held_counts)
