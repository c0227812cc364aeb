"""Unrolls a thread to events: all paths at once, with guards for branches and copies for loop iterations."""

from dataclasses import dataclass, replace
from typing import assert_never

from encoder.graph.access import AccessContext, Domains, EventBuilder, MemoryAccess, clears_bit, outputs
from encoder.graph.dependency import (
    NO_SOURCES,
    Arm,
    Sources,
    SourcesJoin,
    VariableSources,
    common_arms,
    falls_through,
    merge_deps,
    sources_of,
)
from encoder.graph.evaluate import Variables, VariablesJoin, evaluate, to_type
from encoder.graph.events import (
    BranchTest,
    ControlPoint,
    Cutoff,
    Definition,
    Event,
    EventKind,
    FirstIteration,
    GraphStep,
    ThreadGraph,
)
from encoder.graph.held_at_end import held_after
from encoder.graph.idle_iterations import first_iteration, set_before_read
from encoder.graph.lock_balance import (
    LockCounts,
    counts_after,
    ends_outermost,
    is_srcu_lock,
    is_srcu_unlock,
    join_counts,
    unmatched_unlock,
)
from encoder.graph.path_state import HeldLock, PathState, control_deps, held_sections, join_held
from encoder.graph.term import Term, Terms
from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    Cell,
    CellName,
    Exit,
    Expr,
    Fence,
    Flush,
    Grace,
    If,
    Load,
    Loop,
    Place,
    Region,
    Release,
    Rmw,
    Site,
    Statement,
    Store,
    Thread,
)
from encoder.program.traverse import exits


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


class Unroller:
    """Unrolls one thread. `domains` holds the possible values of each cell's components, `lock_bits` the cells that
    look like lock bits, `observed` the variables that properties read."""

    def __init__(
        self, terms: Terms, index: int, thread: Thread, cells: dict[CellName, Cell], domains: Domains,
        lock_bits: frozenset[CellName], observed: frozenset[str], options: UnrollOptions,
    ) -> None:  # fmt: skip
        self.terms = terms
        self.options = options
        self.index = index
        self.thread = thread
        self.types = dict(thread.variables)
        self.builder = EventBuilder(terms=terms, cells=cells, domains=domains, types=self.types)
        self.lock_bits = lock_bits
        self.misused_bits: set[CellName] = set()
        self.observed = observed
        self.steps: list[GraphStep] = []
        self.events: list[Event] = []
        self.definitions: list[Definition] = []
        self.bounds: list[Cutoff] = []
        self.faults: list[Cutoff] = []
        self.unheld: list[Cutoff] = []
        self.tests: list[BranchTest] = []
        self.control_points: list[ControlPoint] = []
        self.loops: dict[str, int] = {}
        self.exits: dict[int, list[PathState]] = {}
        self.skipped: dict[int, list[tuple[Arm, ...]]] = {}
        self.longest = 0
        self.branches = 0

    def unrolled(self) -> ThreadGraph:
        """The thread's graph. To be called once."""
        start = PathState(Variables({}, None), self.terms.true, {}, (), 0, VariableSources({}, None), (), {}, {})
        end = self.body(self.thread.body, start)
        return ThreadGraph(
            steps=tuple(self.steps), events=tuple(self.events), definitions=tuple(self.definitions),
            bounds=tuple(self.bounds), faults=tuple(self.faults), loops=tuple(sorted(self.loops.items())),
            longest=self.longest, unheld=tuple(self.unheld), tests=tuple(self.tests),
            control_points=tuple(self.control_points),
            held_at_end=() if end is None else tuple(end.held_counts.items()),
            misused_bits=frozenset(self.misused_bits),
        )  # fmt: skip

    # Control

    def body(self, statements: tuple[Statement, ...], path: PathState | None) -> PathState | None:
        """The path after the statements, None if no execution gets there."""
        for number, statement in enumerate(statements):
            if path is None:
                return None
            before, path = path, self.statement(statement, path)
            if path is None and falls_through(statement):
                self.skip(statements[number + 1 :], before.branches)
        return path

    def skip(self, statements: tuple[Statement, ...], branches: tuple[Arm, ...]) -> None:
        """Record which blocks the unreachable `statements` may exit to. For dependencies, arms join where the text of
        the program joins them, whether or not an execution gets there; that includes the end of a loop, where
        iterations beyond its bound would arrive."""
        for ident in exits(statements):
            self.skipped.setdefault(ident, []).append(branches)

    def statement(self, statement: Statement, path: PathState) -> PathState | None:
        """The path after the statement, None if no execution gets there."""
        match statement:
            case Assign(variable=variable, value=value, site=site):
                self.note_control_point(site, path)
                return self.define(path, variable, self.value(value, path), self.sources_of(value, path))
            case If():
                return self.branch(statement, path)
            case Block(id=ident, body=body):
                return self.joined_exits(ident, self.body(body, path))
            case Exit(id=ident, site=site):
                self.note_control_point(site, path)
                self.exits.setdefault(ident, []).append(path)
                return None
            case Loop():
                return self.loop(statement, path)
            case Load() | Store() | Rmw() | Acquire() | Release():
                return self.access(statement, path)
            case Fence(kind=kind, site=site):
                return self.event_without_access(path, site, EventKind.FENCE, tags=(kind,))
            case Region(kind=kind, begin=begin, site=site):
                return self.event_without_access(
                    path, site, EventKind.REGION_BEGIN if begin else EventKind.REGION_END, region=kind
                )
            case Flush():
                return self.flush(statement, path)
            case Grace():
                return self.grace(statement, path)
            case _:
                assert_never(statement)

    def branch(self, statement: If, path: PathState) -> PathState | None:
        """The path after an `if`."""
        self.note_control_point(statement.site, path)
        condition = self.terms.as_bool(self.value(statement.condition, path))
        sources = self.sources_of(statement.condition, path)
        deps = merge_deps(self.terms, sources.data, sources.control)
        if self.options.both_branches and deps:
            condition = self.terms.lit(f"either.{self.index}.{self.branches}")
        else:
            condition = self.branch_literal(condition, statement.site)
        self.branches += 1
        number, around = self.branches, merge_deps(self.terms, control_deps(path), deps)
        ends: list[PathState | None] = []
        sides = (True, condition, statement.then), (False, self.terms.not_(condition), statement.otherwise)
        for taken, lock_counts, body in sides:
            arm, branches = self.restricted(path, lock_counts), (*path.branches, Arm(number, taken, around))
            if arm is None:
                self.skip(body, branches)
                ends.append(None)
            else:
                ends.append(self.body(body, replace(arm, branches=branches)))
        end = self.merge(ends[0], ends[1])
        if end is not None and all(all(map(falls_through, arm)) for arm in (statement.then, statement.otherwise)):
            end = replace(end, branches=common_arms(end.branches, path.branches))
        return end

    def note_control_point(self, site: Site | None, path: PathState) -> None:
        """Record that the thread gets to a branch, a loop or a local step."""
        if site is not None:
            self.control_points.append(ControlPoint(guard=path.guard, after=len(self.steps), path=site.path))

    def branch_literal(self, condition: Term, site: Site | None) -> Term:
        """The condition of a branch as guards contain it: a literal of its own with `named_branches`, else the
        condition itself."""
        if not self.options.named_branches or site is None or condition in (self.terms.true, self.terms.false):
            return condition
        taken = self.terms.lit(f"test.{self.index}.{self.branches}")
        self.tests.append(BranchTest(taken=taken, condition=condition, site=site, after=len(self.steps)))
        return taken

    def restricted(self, path: PathState, condition: Term) -> PathState | None:
        """The path where the condition holds, None if it cannot."""
        guard = self.terms.and_(path.guard, condition)
        return None if guard is self.terms.false else replace(path, guard=guard)

    def joined_exits(self, ident: int, path: PathState | None) -> PathState | None:
        """The path after the block or loop `ident`: the join of `path` and of all exits from it."""
        for left in self.exits.pop(ident, []):
            path = self.merge(left, path)
        for branches in self.skipped.pop(ident, []):
            path = path and replace(path, branches=common_arms(path.branches, branches))
        return path

    def loop(self, loop: Loop, path: PathState) -> PathState | None:
        """The path after a loop. An execution that would go on beyond the bound stops at a `Cutoff`."""
        bound = self.options.loops if loop.bound is None else loop.bound
        self.loops["/".join(loop.site.path)] = bound
        self.note_control_point(loop.site, path)
        start, going = len(self.steps), self.body(loop.body, path) if bound else path
        once, end = going, len(self.steps)
        for _ in range(bound - 1):
            going = self.body(loop.body, going)
        going = self.body(loop.tests, going)
        if going is not None:
            self.skipped.setdefault(loop.id, []).append(going.branches)
            known = once is not None and bound and not self.options.both_branches
            first = self.first_iteration(loop, path, once, start, end) if once is not None and known else None
            after = len(self.steps)
            self.bounds.append(
                Cutoff(guard=going.guard, after=after, site=loop.site, iterations=bound, first_iteration=first)
            )
        return self.joined_exits(loop.id, None)

    def first_iteration(self, loop: Loop, before: PathState, after: PathState, first: int, end: int) -> FirstIteration:
        """The loop's first iteration, between two visits of its head."""
        kept = sorted(self.types.keys() - (set_before_read(loop.body) - self.observed))
        return first_iteration(self.terms, kept, before, after, first=first, end=end)

    def merge(self, a: PathState | None, b: PathState | None) -> PathState | None:
        """The join of two mutually exclusive paths."""
        if a is None or b is None:
            return a or b
        guard = self.terms.or_(a.guard, b.guard)
        always = self.terms.true
        under = (always, always) if self.options.both_branches else (a.guard, b.guard)
        held = {cell: both for cell in a.held.keys() & b.held.keys() if (both := join_held(self.terms, a, b, cell))}
        return PathState(
            variables=Variables({}, VariablesJoin(self.terms, a.guard, a.variables, b.variables, self.types)),
            guard=guard,
            held=held,
            flush_begins=tuple(dict.fromkeys(a.flush_begins + b.flush_begins)),
            length=max(a.length, b.length),
            sources=VariableSources({}, SourcesJoin(self.terms, a.sources, under[0], b.sources, under[1])),
            branches=common_arms(a.branches, b.branches),
            lock_counts=join_counts(self.terms, a.lock_counts, a.guard, b.lock_counts),
            held_counts=join_counts(self.terms, a.held_counts, a.guard, b.held_counts),
        )

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
        return Sources(tuple((event.uid, self.terms.true) for event in events)) if kept else NO_SOURCES

    def define(self, path: PathState, name: str, value: Term, sources: Sources) -> PathState:
        """The path after an assignment. In an arm the variable then also carries the reads of the arm's condition."""
        value = to_type(self.terms, value, self.types[name])
        deps = Sources(sources.data, merge_deps(self.terms, sources.control, control_deps(path)))
        if name in self.observed:
            self.definitions.append(Definition(variable=name, guard=path.guard, value=value, after=len(self.steps)))
        return replace(
            path, variables=path.variables.assigned({name: value}), sources=path.sources.assigned({name: deps})
        )

    # Events

    def step(self, path: PathState, site: Site) -> tuple[GraphStep, PathState]:
        """A new step on the path, and the path after it."""
        step = GraphStep(thread=self.index, index=len(self.steps), guard=path.guard, site=site)
        self.steps.append(step)
        self.longest = max(self.longest, path.length + 1)
        return step, replace(path, length=path.length + 1)

    def event_without_access(
        self, path: PathState, site: Site, kind: EventKind, *, tags: tuple[str, ...] = (), region: str = "",
        mm: Term | None = None,
    ) -> PathState:  # fmt: skip
        """The path after an event that accesses no memory: a fence, or the edge of a region, flush or grace period."""
        true = self.terms.true
        step, after = self.step(path, site)
        ends = ends_outermost(self.terms, path.lock_counts, region) if kind is EventKind.REGION_END else true
        event = Event(
            uid=len(self.events), step=step, kind=kind, cell=None, target=true, reads=(), writes=None,
            succeeds=true, await_=true, delta=None, mode="", takes=ends, held=held_sections(self.terms, path),
            tags=tags, begins=path.flush_begins if kind is EventKind.FLUSH_END else (), region=region, mm=mm,
        )  # fmt: skip
        self.events.append(event)
        if kind in (EventKind.REGION_BEGIN, EventKind.REGION_END):
            after = replace(after, held_counts=held_after(self.terms, after.held_counts, event, None))
            after = replace(after, lock_counts=self.lock_counts(after, event))
        return replace(after, flush_begins=(event,)) if kind is EventKind.FLUSH_BEGIN else after

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
        context = AccessContext(valid.variables, valid.sources, control_deps(valid), held_sections(self.terms, valid))
        events: list[Event] = []
        for cell, target in chosen:
            event = self.builder.event(access, cell, target, step, context, len(self.events))
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
                lock_counts = self.lock_counts(replace(path, lock_counts=lock_counts), event)
            if event.kind is EventKind.RELEASE or clears_bit(event, self.terms):
                taken = held.pop(event.cell, None)
                if taken is None or taken.section not in event.held or len(events) > 1:
                    self.misused_bits.add(event.cell)
            elif len(events) == 1 and (
                event.kind is EventKind.ACQUIRE or (event.cell in self.lock_bits and event.writes)
            ):
                held[event.cell] = HeldLock((event,), certain=event.takes is self.terms.true)
        return replace(path, held=held, lock_counts=lock_counts, held_counts=held_counts)
