"""Threads to events: every path at once, guards for branches, copies for loop rounds."""

from dataclasses import dataclass, replace
from typing import assert_never

from encoder.graph.access import AccessContext, Accesses, Domains, MemoryAccess, clears, outputs
from encoder.graph.dependency import (
    NOTHING,
    Arm,
    Meeting,
    Origins,
    Sources,
    common,
    falls_through,
    join,
    sources,
)
from encoder.graph.evaluate import Join, Variables, evaluate, to_type
from encoder.graph.events import (
    BranchTest,
    Cutoff,
    Definition,
    Event,
    EventKind,
    FirstRound,
    GraphStep,
    Passage,
    ThreadGraph,
)
from encoder.graph.held_at_end import kept_after
from encoder.graph.idle_iterations import first_round, set_anew
from encoder.graph.lock_balance import Holds, holding, is_lock, is_unlock, joined, outermost, unmatched
from encoder.graph.path_state import HeldLock, PathState, control, protection, still_held
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
class Unrolling:
    """How threads are unrolled. `loops` bounds the rounds of loops that have no bound of their own. Without
    `dependencies` the events say nothing of what they depend on. If `named`, branches have literals (see `Graph`).

    With `either_way` there are events that no values lead to: a branch that depends on something that was read is taken
    both ways, and dependencies have no conditions. With `anywhere` a pointer made from what was read points to every
    object. With `srcu` an end of a section of SRCU that is not open is a fault: somebody may wait for such sections.
    """

    loops: int
    dependencies: bool = False
    named: bool = False
    srcu: bool = False
    either_way: bool = False
    anywhere: bool = False


class Unroller:
    """Unrolls one thread. `domains` has the values that each cell's components may hold, `bits` the cells that look
    like lock bits."""

    def __init__(
        self, terms: Terms, index: int, thread: Thread, cells: dict[CellName, Cell], domains: Domains,
        bits: frozenset[CellName], observed: frozenset[str], how: Unrolling,
    ) -> None:  # fmt: skip
        self.terms = terms
        self.how = how
        self.index = index
        self.thread = thread
        self.types = dict(thread.variables)
        self.accesses = Accesses(terms=terms, cells=cells, domains=domains, types=self.types)
        self.bits = bits
        self.misused: set[CellName] = set()
        self.observed = observed
        self.steps: list[GraphStep] = []
        self.events: list[Event] = []
        self.definitions: list[Definition] = []
        self.bounds: list[Cutoff] = []
        self.faults: list[Cutoff] = []
        self.unheld: list[Cutoff] = []
        self.tests: list[BranchTest] = []
        self.passages: list[Passage] = []
        self.loops: dict[str, int] = {}
        self.exits: dict[int, list[PathState]] = {}
        self.skipped: dict[int, list[tuple[Arm, ...]]] = {}
        self.longest = 0
        self.branches = 0

    def unrolled(self) -> ThreadGraph:
        """The thread's graph. To be called once."""
        start = PathState(Variables({}, None), self.terms.true, {}, (), 0, Origins({}, None), (), {}, {})
        end = self.body(self.thread.body, start)
        return ThreadGraph(
            steps=tuple(self.steps), events=tuple(self.events), definitions=tuple(self.definitions),
            bounds=tuple(self.bounds), faults=tuple(self.faults), loops=tuple(sorted(self.loops.items())),
            longest=self.longest, unheld=tuple(self.unheld), tests=tuple(self.tests), passages=tuple(self.passages),
            kept=() if end is None else tuple(end.keeps.items()), misused=frozenset(self.misused),
        )  # fmt: skip

    # Control

    def body(self, statements: tuple[Statement, ...], path: PathState | None) -> PathState | None:
        for number, statement in enumerate(statements):
            if path is None:
                return None
            before, path = path, self.statement(statement, path)
            if path is None and falls_through(statement):
                self.skip(statements[number + 1 :], before.branches)
        return path

    def skip(self, statements: tuple[Statement, ...], branches: tuple[Arm, ...]) -> None:
        """Take note where control may go from statements that no execution reaches: arms meet by the text. So they do
        behind a loop, to which its rounds beyond the bound would come as well."""
        for ident in exits(statements):
            self.skipped.setdefault(ident, []).append(branches)

    def statement(self, statement: Statement, path: PathState) -> PathState | None:
        match statement:
            case Assign(variable=variable, value=value, site=site):
                self.passed(site, path)
                return self.define(path, variable, self.value(value, path), self.sources(value, path))
            case If():
                return self.branch(statement, path)
            case Block(id=ident, body=body):
                return self.leave(ident, self.body(body, path))
            case Exit(id=ident, site=site):
                self.passed(site, path)
                self.exits.setdefault(ident, []).append(path)
                return None
            case Loop():
                return self.loop(statement, path)
            case Load() | Store() | Rmw() | Acquire() | Release():
                return self.access(statement, path)
            case Fence(kind=kind, site=site):
                return self.plain(path, site, EventKind.FENCE, tags=(kind,))
            case Region(kind=kind, begin=begin, site=site):
                return self.plain(path, site, EventKind.REGION_BEGIN if begin else EventKind.REGION_END, region=kind)
            case Flush():
                return self.flush(statement, path)
            case Grace():
                return self.grace(statement, path)
            case _:
                assert_never(statement)

    def branch(self, statement: If, path: PathState) -> PathState | None:
        self.passed(statement.site, path)
        condition = self.terms.as_bool(self.value(statement.condition, path))
        made_from = self.sources(statement.condition, path)
        deps = join(self.terms, made_from.data, made_from.control)
        if self.how.either_way and deps:
            condition = self.terms.lit(f"either.{self.index}.{self.branches}")
        else:
            condition = self.tested(condition, statement.site)
        self.branches += 1
        number, around = self.branches, join(self.terms, control(path), deps)
        ends: list[PathState | None] = []
        sides = (True, condition, statement.then), (False, self.terms.not_(condition), statement.otherwise)
        for taken, holds, body in sides:
            arm, branches = self.within(path, holds), (*path.branches, Arm(number, taken, around))
            if arm is None:
                self.skip(body, branches)
                ends.append(None)
            else:
                ends.append(self.body(body, replace(arm, branches=branches)))
        end = self.merge(ends[0], ends[1])
        if end is not None and all(all(map(falls_through, arm)) for arm in (statement.then, statement.otherwise)):
            end = replace(end, branches=common(end.branches, path.branches))
        return end

    def passed(self, site: Site | None, path: PathState) -> None:
        """Take note that a thread comes to a test, a loop or a local step of the variant."""
        if site is not None:
            self.passages.append(Passage(guard=path.guard, after=len(self.steps), path=site.path))

    def tested(self, condition: Term, site: Site | None) -> Term:
        """The condition of a branch as guards have it."""
        if not self.how.named or site is None or condition in (self.terms.true, self.terms.false):
            return condition
        taken = self.terms.lit(f"test.{self.index}.{self.branches}")
        self.tests.append(BranchTest(taken=taken, condition=condition, site=site, after=len(self.steps)))
        return taken

    def within(self, path: PathState, condition: Term) -> PathState | None:
        guard = self.terms.and_(path.guard, condition)
        return None if guard is self.terms.false else replace(path, guard=guard)

    def leave(self, ident: int, path: PathState | None) -> PathState | None:
        for left in self.exits.pop(ident, []):
            path = self.merge(left, path)
        for branches in self.skipped.pop(ident, []):
            path = path and replace(path, branches=common(path.branches, branches))
        return path

    def loop(self, loop: Loop, path: PathState) -> PathState | None:
        bound = self.how.loops if loop.bound is None else loop.bound
        self.loops["/".join(loop.site.path)] = bound
        self.passed(loop.site, path)
        start, going = len(self.steps), self.body(loop.body, path) if bound else path
        once, end = going, len(self.steps)
        for _ in range(bound - 1):
            going = self.body(loop.body, going)
        going = self.body(loop.tests, going)
        if going is not None:
            self.skipped.setdefault(loop.id, []).append(going.branches)
            known = once is not None and bound and not self.how.either_way
            first = self.first_round(loop, path, once, start, end) if once is not None and known else None
            after = len(self.steps)
            self.bounds.append(Cutoff(guard=going.guard, after=after, site=loop.site, rounds=bound, first_round=first))
        return self.leave(loop.id, None)

    def first_round(self, loop: Loop, before: PathState, after: PathState, first: int, end: int) -> FirstRound:
        kept = sorted(self.types.keys() - (set_anew(loop.body) - self.observed))
        return first_round(self.terms, kept, before, after, first=first, end=end)

    def merge(self, a: PathState | None, b: PathState | None) -> PathState | None:
        """The join of two paths that exclude each other."""
        if a is None or b is None:
            return a or b
        guard = self.terms.or_(a.guard, b.guard)
        env = Variables({}, Join(self.terms, a.guard, a.env, b.env, self.types))
        always = self.terms.true
        under = (always, always) if self.how.either_way else (a.guard, b.guard)
        origins = Origins({}, Meeting(self.terms, a.origins, under[0], b.origins, under[1]))
        held = {cell: both for cell in a.held.keys() & b.held.keys() if (both := still_held(self.terms, a, b, cell))}
        flush = tuple(dict.fromkeys(a.flush + b.flush))
        length, holds = max(a.length, b.length), joined(self.terms, a.holds, a.guard, b.holds)
        keeps = joined(self.terms, a.keeps, a.guard, b.keeps)
        return PathState(env, guard, held, flush, length, origins, common(a.branches, b.branches), holds, keeps)

    # Values

    def value(self, expr: Expr, path: PathState) -> Term:
        return evaluate(self.terms, expr, path.env)

    def sources(self, expr: Expr, path: PathState) -> Sources:
        """The reads that the expression depends on."""
        return sources(self.terms, (expr,), path.origins)

    def read_by(self, arms: list[Event]) -> Sources:
        """What a variable depends on that one of these events has read. Which section an `srcu_read_unlock()` ends is
        told by its index under every model."""
        kept = self.how.dependencies or any(map(is_lock, arms))
        return Sources(tuple((arm.uid, self.terms.true) for arm in arms)) if kept else NOTHING

    def define(self, path: PathState, name: str, value: Term, made_from: Sources) -> PathState:
        """The path after the variable is set, which in an arm makes it carry the arm's condition."""
        value = to_type(self.terms, value, self.types[name])
        deps = Sources(made_from.data, join(self.terms, made_from.control, control(path)))
        if name in self.observed:
            self.definitions.append(Definition(variable=name, guard=path.guard, value=value, after=len(self.steps)))
        return replace(path, env=path.env.assigned({name: value}), origins=path.origins.assigned({name: deps}))

    # Events

    def step(self, path: PathState, site: Site) -> tuple[GraphStep, PathState]:
        """A new step on the path, and the path after it."""
        step = GraphStep(thread=self.index, index=len(self.steps), guard=path.guard, site=site)
        self.steps.append(step)
        self.longest = max(self.longest, path.length + 1)
        return step, replace(path, length=path.length + 1)

    def plain(
        self, path: PathState, site: Site, kind: EventKind, *, tags: tuple[str, ...] = (), region: str = "",
        mm: Term | None = None,
    ) -> PathState:  # fmt: skip
        """An event that touches no memory."""
        true = self.terms.true
        step, after = self.step(path, site)
        ends = outermost(self.terms, path.holds, region) if kind is EventKind.REGION_END else true
        event = Event(
            uid=len(self.events), step=step, kind=kind, cell=None, target=true, reads=(), writes=None,
            succeeds=true, await_=true, delta=None, mode="", takes=ends, held=protection(self.terms, path), tags=tags,
            opened=path.flush if kind is EventKind.FLUSH_END else (), region=region, mm=mm,
        )  # fmt: skip
        self.events.append(event)
        if kind in (EventKind.REGION_BEGIN, EventKind.REGION_END):
            after = replace(after, keeps=kept_after(self.terms, after.keeps, event, None))
            after = replace(after, holds=self.held_after(after, event))
        return replace(after, flush=(event,)) if kind is EventKind.FLUSH_BEGIN else after

    def held_after(self, path: PathState, event: Event) -> Holds:
        """What is held after a lock operation or the edge of a region; where it is wrong is noted."""
        holds, fault = holding(self.terms, path.holds, event)
        self.not_held(path, event, fault)
        return holds

    def not_held(self, path: PathState, event: Event, fault: Term) -> None:
        """Take note of when an event ends what is not open."""
        if (bad := self.within(path, fault)) is not None:
            self.unheld.append(Cutoff(guard=bad.guard, after=event.step.index, site=event.step.site, rounds=0))

    def grace(self, grace: Grace, path: PathState) -> PathState | None:
        kind = EventKind.GRACE_BEGIN if grace.begin else EventKind.GRACE_END
        begun = [e for e in self.events if e.kind is EventKind.GRACE_BEGIN and e.step is self.steps[-1]]
        chosen: list[tuple[CellName | None, Term]] = [(None, self.terms.true)]
        sound: PathState | None = path
        if grace.place is not None:
            targets, sound = self.targets(grace.place, path, grace.site)
            chosen = list(targets)
        if sound is None:
            return None
        after = self.plain(sound, grace.site, kind, region=grace.kind)
        first = self.events.pop()
        for cell, target in chosen:
            opened = tuple(e for e in begun if e.domain == cell) if kind is EventKind.GRACE_END else ()
            self.events.append(replace(first, uid=len(self.events), domain=cell, target=target, opened=opened))
        return after

    def flush(self, flush: Flush, path: PathState) -> PathState | None:
        kind = EventKind.FLUSH_BEGIN if flush.begin else EventKind.FLUSH_END
        mm = self.terms.as_int(self.value(flush.mm, path))
        sound = self.sound(path, self.terms.not_(self.terms.eq(mm, self.terms.const(0))), flush.site)
        return None if sound is None else self.plain(sound, flush.site, kind, mm=mm)

    def sound(self, path: PathState, condition: Term, site: Site) -> PathState | None:
        """The path on which a pointer is one: where it is none, the program has a fault."""
        nowhere = self.within(path, self.terms.not_(condition))
        if nowhere is not None:
            self.faults.append(Cutoff(guard=nowhere.guard, after=len(self.steps), site=site, rounds=0))
        return self.within(path, condition)

    def targets(
        self, place: Place, path: PathState, site: Site
    ) -> tuple[list[tuple[CellName, Term]], PathState | None]:
        """The cells a place may mean, each with its condition, and the path on which it means one."""
        if self.how.anywhere and self.sources(place.base, path).data:
            return [(cell, self.terms.true) for _, cell in place.targets], path
        base = self.terms.as_int(self.value(place.base, path))
        chosen = [(cell, self.terms.eq(base, self.terms.const(index))) for index, cell in place.targets]
        chosen = [(cell, condition) for cell, condition in chosen if condition is not self.terms.false]
        somewhere = self.terms.or_(*(condition for _, condition in chosen))
        if len(chosen) > 1:
            possible = frozenset(index for index, _ in place.targets)
            somewhere = self.terms.true if base.values is not None and base.values <= possible else somewhere
        return chosen, self.sound(path, somewhere, site)

    def access(self, access: MemoryAccess, path: PathState) -> PathState | None:
        chosen, sound = self.targets(access.place, path, access.site)
        if sound is None:
            return None
        step, after = self.step(sound, access.site)
        found = AccessContext(sound.env, sound.origins, control(sound), protection(self.terms, sound))
        arms: list[Event] = []
        for cell, target in chosen:
            arms.append(self.accesses.event(access, cell, target, step, found, len(self.events)))
            if self.how.srcu and is_unlock(arms[-1]):
                self.not_held(sound, arms[-1], unmatched(self.terms, arms[-1], self.events))
            self.events.append(arms[-1])
        for component, variable in outputs(access):
            value = self.accesses.output(arms[-1], component)
            for arm in reversed(arms[:-1]):
                value = self.terms.choose(arm.target, self.accesses.output(arm, component), value)
            after = self.define(after, variable, value, self.read_by(arms))
        return self.locked(after, arms)

    def locked(self, path: PathState, arms: list[Event]) -> PathState:
        """The path with the locks that are held after an access; an access with several targets takes none."""
        held, holds, keeps = dict(path.held), path.holds, path.keeps
        for event in arms:
            assert event.cell is not None
            keeps = kept_after(self.terms, keeps, event, self.accesses.cells[event.cell])
            if event.kind in (EventKind.ACQUIRE, EventKind.RELEASE):
                holds = self.held_after(replace(path, holds=holds), event)
            if event.kind is EventKind.RELEASE or clears(event, self.terms):
                taken = held.pop(event.cell, None)
                if taken is None or taken.section not in event.held or len(arms) > 1:
                    self.misused.add(event.cell)
            elif len(arms) == 1 and (event.kind is EventKind.ACQUIRE or (event.cell in self.bits and event.writes)):
                held[event.cell] = HeldLock((event,), sure=event.takes is self.terms.true)
        return replace(path, held=held, holds=holds, keeps=keeps)
