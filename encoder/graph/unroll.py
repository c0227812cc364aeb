"""Threads to events: every path at once, guards for branches, copies for loop rounds."""

from dataclasses import dataclass, replace
from typing import assert_never

from encoder.graph.evaluate import Environment, Join, evaluate, to_type
from encoder.graph.events import Definition, Event, Kind, Section, Step, Stop, ThreadGraph
from encoder.graph.term import Domain, Term, Terms
from encoder.program.core import (
    Acquire,
    Arith,
    Assign,
    Block,
    Cell,
    CellName,
    Choose,
    Convert,
    Exit,
    Expr,
    Fence,
    Flush,
    If,
    Load,
    Loop,
    Not,
    Op,
    Place,
    Region,
    Release,
    Rmw,
    Scalar,
    Site,
    Statement,
    Store,
    Thread,
    Var,
)

Domains = dict[CellName, tuple[Domain, ...]]


@dataclass(frozen=True, slots=True)
class Path:
    """The state of all executions that have come this far: variables, condition, the latest flush, how many steps the
    longest has made, and the acquisitions that may hold a lock (`sure`: one of them does)."""

    env: Environment
    guard: Term
    held: "dict[CellName, Held]"
    flush: tuple[Event, ...]
    length: int


@dataclass(frozen=True, slots=True)
class Held:
    section: Section
    sure: bool


class Unroller:
    """Unrolls one thread. `domains` has the values that each cell's components may hold, `bits` the cells that look
    like lock bits; `misused` are those of them that this thread clears without having set them.
    """

    def __init__(
        self, terms: Terms, index: int, thread: Thread, cells: dict[CellName, Cell], domains: Domains,
        bits: frozenset[CellName], observed: frozenset[str], loops: int,
    ) -> None:  # fmt: skip
        self.terms = terms
        self.index = index
        self.types = dict(thread.variables)
        self.cells = cells
        self.domains = domains
        self.bits = bits
        self.misused: set[CellName] = set()
        self.observed = observed
        self.rounds = loops
        self.steps: list[Step] = []
        self.events: list[Event] = []
        self.definitions: list[Definition] = []
        self.bounds: list[Stop] = []
        self.faults: list[Stop] = []
        self.loops: dict[str, int] = {}
        self.exits: dict[int, list[Path]] = {}
        self.longest = 0
        self.body(thread.body, Path(Environment({}, None), terms.true, {}, (), 0))

    def result(self) -> ThreadGraph:
        return ThreadGraph(
            steps=tuple(self.steps), events=tuple(self.events), definitions=tuple(self.definitions),
            bounds=tuple(self.bounds), faults=tuple(self.faults), loops=tuple(sorted(self.loops.items())),
            longest=self.longest,
        )  # fmt: skip

    # Control

    def body(self, statements: tuple[Statement, ...], path: Path | None) -> Path | None:
        for statement in statements:
            if path is None:
                return None
            path = self.statement(statement, path)
        return path

    def statement(self, statement: Statement, path: Path) -> Path | None:
        match statement:
            case Assign(variable=variable, value=value):
                return self.define(path, variable, self.value(value, path))
            case If():
                return self.branch(statement, path)
            case Block(id=ident, body=body):
                return self.leave(ident, self.body(body, path))
            case Exit(id=ident):
                self.exits.setdefault(ident, []).append(path)
                return None
            case Loop():
                return self.loop(statement, path)
            case Load() | Store() | Rmw() | Acquire() | Release():
                return self.access(statement, path)
            case Fence(kind=kind, site=site):
                return self.plain(path, site, Kind.FENCE, tags=(kind,))
            case Region(kind=kind, begin=begin, site=site):
                return self.plain(path, site, Kind.REGION_BEGIN if begin else Kind.REGION_END, region=kind)
            case Flush():
                return self.flush(statement, path)
            case _:
                assert_never(statement)

    def branch(self, statement: If, path: Path) -> Path | None:
        condition = self.terms.as_bool(self.value(statement.condition, path))
        then = self.within(path, condition)
        otherwise = self.within(path, self.terms.not_(condition))
        return self.merge(
            self.body(statement.then, then) if then else None,
            self.body(statement.otherwise, otherwise) if otherwise else None,
        )

    def within(self, path: Path, condition: Term) -> Path | None:
        guard = self.terms.and_(path.guard, condition)
        return None if guard is self.terms.false else replace(path, guard=guard)

    def leave(self, ident: int, path: Path | None) -> Path | None:
        for left in self.exits.pop(ident, []):
            path = self.merge(left, path)
        return path

    def loop(self, loop: Loop, path: Path) -> Path | None:
        bound = self.rounds if loop.bound is None else loop.bound
        self.loops["/".join(loop.site.path)] = bound
        going: Path | None = path
        for _ in range(bound):
            going = self.body(loop.body, going)
        going = self.body(loop.tests, going)
        if going is not None:
            self.bounds.append(Stop(guard=going.guard, after=len(self.steps), site=loop.site, rounds=bound))
        return self.leave(loop.id, None)

    def merge(self, a: Path | None, b: Path | None) -> Path | None:
        """The join of two paths that exclude each other."""
        if a is None or b is None:
            return a or b
        guard = self.terms.or_(a.guard, b.guard)
        env = Environment({}, Join(self.terms, a.guard, a.env, b.env, self.types))
        held = {cell: both for cell in a.held.keys() & b.held.keys() if (both := self.still_held(a, b, cell))}
        return Path(env, guard, held, tuple(dict.fromkeys(a.flush + b.flush)), max(a.length, b.length))

    # Values

    def value(self, expr: Expr, path: Path) -> Term:
        return evaluate(self.terms, expr, path.env)

    def define(self, path: Path, name: str, value: Term) -> Path:
        value = to_type(self.terms, value, self.types[name])
        if name in self.observed:
            self.definitions.append(Definition(variable=name, guard=path.guard, value=value, after=len(self.steps)))
        return replace(path, env=path.env.assigned({name: value}))

    # Events

    def step(self, path: Path, site: Site) -> tuple[Step, Path]:
        """A new step on the path, and the path after it."""
        step = Step(thread=self.index, index=len(self.steps), guard=path.guard, site=site)
        self.steps.append(step)
        self.longest = max(self.longest, path.length + 1)
        return step, replace(path, length=path.length + 1)

    def plain(
        self,
        path: Path,
        site: Site,
        kind: Kind,
        *,
        tags: tuple[str, ...] = (),
        region: str = "",
        mm: Term | None = None,
    ) -> Path:
        """An event that touches no memory."""
        true = self.terms.true
        step, after = self.step(path, site)
        event = Event(
            uid=len(self.events), step=step, kind=kind, cell=None, target=true, reads=(), writes=None,
            succeeds=true, await_=true, delta=None, mode="", takes=true, held=self.protection(path), tags=tags, mm=mm,
            opened=path.flush if kind is Kind.FLUSH_END else (), region=region,
        )  # fmt: skip
        self.events.append(event)
        return replace(after, flush=(event,)) if kind is Kind.FLUSH_BEGIN else after

    def flush(self, flush: Flush, path: Path) -> Path:
        kind = Kind.FLUSH_BEGIN if flush.begin else Kind.FLUSH_END
        return self.plain(path, flush.site, kind, mm=self.terms.as_int(self.value(flush.mm, path)))

    def protection(self, path: Path) -> tuple[Section, ...]:
        """The locks that are held here for certain, the outermost first."""
        found = (held.section for cell, held in sorted(path.held.items()) if self.surely(path, cell))
        return tuple(sorted(found, key=lambda section: section[0].step.index))

    def surely(self, path: Path, cell: CellName) -> bool:
        """Whether the path's condition says that the lock was taken."""
        held = path.held[cell]
        return held.sure or (len(held.section) == 1 and self.terms.implied(path.guard, held.section[0].takes))

    def still_held(self, a: Path, b: Path, cell: CellName) -> Held | None:
        """What is known of a lock where two paths join."""
        one, other = a.held[cell].section, b.held[cell].section
        section = tuple(sorted({*one, *other}, key=lambda e: e.step.index))
        if self.surely(a, cell) and self.surely(b, cell):
            return Held(section, sure=True)
        return Held(section, sure=False) if one == other else None

    def targets(self, place: Place, path: Path, site: Site) -> tuple[list[tuple[CellName, Term]], Path | None]:
        """The cells a place may mean, each with its condition, and the path on which it means one."""
        base = self.terms.as_int(self.value(place.base, path))
        chosen = [(cell, self.terms.eq(base, self.terms.const(index))) for index, cell in place.targets]
        chosen = [(cell, condition) for cell, condition in chosen if condition is not self.terms.false]
        somewhere = self.terms.or_(*(condition for _, condition in chosen))
        if len(chosen) > 1:
            possible = frozenset(index for index, _ in place.targets)
            somewhere = self.terms.true if base.values is not None and base.values <= possible else somewhere
        nowhere = self.within(path, self.terms.not_(somewhere))
        if nowhere is not None:
            self.faults.append(Stop(guard=nowhere.guard, after=len(self.steps), site=site, rounds=0))
        return chosen, self.within(path, somewhere)

    def access(self, access: Load | Store | Rmw | Acquire | Release, path: Path) -> Path | None:
        chosen, sound = self.targets(access.place, path, access.site)
        if sound is None:
            return None
        step, after = self.step(sound, access.site)
        arms: list[Event] = []
        for cell, target in chosen:
            arms.append(self.event(access, cell, target, step, sound))
            self.events.append(arms[-1])
        for component, variable in outputs(access):
            value = self.output(arms[-1], component)
            for arm in reversed(arms[:-1]):
                value = self.terms.choose(arm.target, self.output(arm, component), value)
            after = self.define(after, variable, value)
        return self.locked(after, arms)

    def locked(self, path: Path, arms: list[Event]) -> Path:
        """The path with the locks that are held after an access; an access with several targets takes none."""
        held = dict(path.held)
        for event in arms:
            assert event.cell is not None
            if event.kind is Kind.RELEASE or clears(event, self.terms):
                taken = held.pop(event.cell, None)
                if taken is None or taken.section not in event.held or len(arms) > 1:
                    self.misused.add(event.cell)
            elif len(arms) == 1 and (event.kind is Kind.ACQUIRE or (event.cell in self.bits and event.writes)):
                held[event.cell] = Held((event,), sure=event.takes is self.terms.true)
        return replace(path, held=held)

    def output(self, event: Event, component: str) -> Term:
        """What the event gives its thread: a component of what it read, or whether it took the lock."""
        if event.kind is Kind.ACQUIRE:
            return event.succeeds
        assert event.cell is not None
        return event.reads[[c.name for c in self.cells[event.cell].components].index(component)]

    def event(
        self, access: Load | Store | Rmw | Acquire | Release, cell: CellName, target: Term, step: Step, path: Path
    ) -> Event:
        reads = self.reads(cell, f"{self.index}.{step.index}.{cell}") if isinstance(access, Load | Rmw) else ()
        base = Event(
            uid=len(self.events), step=step, kind=Kind.READ, cell=cell, target=target,
            reads=reads, writes=None, succeeds=self.terms.true, await_=self.terms.true, delta=None, mode="",
            takes=self.terms.true, held=self.protection(path), tags=(),
        )  # fmt: skip
        match access:
            case Load(order=order):
                return replace(base, tags=(order,))
            case Store(values=values, order=order):
                return replace(base, kind=Kind.WRITE, writes=self.words(cell, values, path), tags=(order,))
            case Rmw():
                return self.rmw(access, base, path)
            case Acquire(mode=mode, into=into):
                taken = self.terms.true if into is None else self.terms.lit(f"taken.{self.index}.{step.index}.{cell}")
                return replace(base, kind=Kind.ACQUIRE, mode=mode, succeeds=taken, takes=taken)
            case Release(mode=mode):
                return replace(base, kind=Kind.RELEASE, mode=mode)
            case _:
                assert_never(access)

    def rmw(self, access: Rmw, base: Event, path: Path) -> Event:
        assert base.cell is not None
        names = [c.name for c in self.cells[base.cell].components]
        read = {variable: base.reads[names.index(component)] for component, variable in access.into}
        inner = replace(path, env=path.env.assigned(read))
        delta = self.delta(access, inner) if len(names) == 1 else None
        await_ = self.terms.as_bool(self.value(access.await_, inner))
        free = self.terms.not_(self.terms.as_bool(base.reads[0])) if len(names) == 1 else self.terms.true
        return replace(
            base,
            kind=Kind.RMW,
            writes=self.words(base.cell, access.values, inner),
            succeeds=self.terms.as_bool(self.value(access.when, inner)),
            await_=await_,
            delta=delta,
            takes=self.terms.true if await_ is free else free,
            tags=(access.read_order, access.write_order),
        )

    def delta(self, access: Rmw, path: Path) -> Term | None:
        """What the write adds, where that does not depend on what was read: `old + d`, or `n` when `old == m`."""
        if not access.into:
            return None
        old = Var(access.into[0][1], self.types[access.into[0][1]])
        new = access.values[0][1]
        if (
            isinstance(new, Arith)
            and new.op in (Op.ADD, Op.SUB)
            and new.left == old
            and not mentions(new.right, old.name)
        ):
            amount = self.value(new.right, path)
            return amount if new.op is Op.ADD else self.terms.arith("-", self.terms.const(0), amount)
        when = access.when
        if isinstance(when, Arith) and when.op is Op.EQ and not mentions(new, old.name):
            for one, other in ((when.left, when.right), (when.right, when.left)):
                if one == old and not mentions(other, old.name):
                    return self.terms.arith("-", self.value(new, path), self.value(other, path))
        return None

    def reads(self, cell: CellName, name: str) -> tuple[Term, ...]:
        components = self.cells[cell].components
        return tuple(
            self.read(f"{name}.{component.name}" if component.name else name, component.type, domain)
            for component, domain in zip(components, self.domains[cell], strict=True)
        )

    def read(self, name: str, scalar: Scalar, domain: Domain) -> Term:
        if scalar.kind != "bool":
            return self.terms.var(name, domain)
        return self.terms.lit(name) if len(set(domain)) == 2 else self.terms.truth(bool(max(domain)))

    def words(self, cell: CellName, values: tuple[tuple[str, Expr], ...], path: Path) -> tuple[Term, ...]:
        by_name = dict(values)
        return tuple(
            to_type(self.terms, self.value(by_name[c.name], path), c.type) for c in self.cells[cell].components
        )


def outputs(access: Load | Store | Rmw | Acquire | Release) -> tuple[tuple[str, str], ...]:
    """The variables that the access sets, each with the component that it gets."""
    match access:
        case Load(into=into) | Rmw(into=into):
            return into
        case Acquire(into=into):
            return (("", into),) if into is not None else ()
        case Store() | Release():
            return ()
        case _:
            assert_never(access)


def sets(event: Event, terms: Terms) -> bool:
    """The event sets a bit and tells what it was."""
    return event.kind is Kind.RMW and event.writes is not None and bit(event.writes, terms) == 1


def clears(event: Event, terms: Terms) -> bool:
    """The event clears a bit, whatever it was."""
    return event.writes is not None and bit(event.writes, terms) == 0 and event.succeeds is terms.true


def bit(values: tuple[Term, ...], terms: Terms) -> int | None:
    """The constant 0 or 1 that is written, else None."""
    only = terms.as_int(values[0]).value if len(values) == 1 else None
    return only if only in (0, 1) else None


def mentions(expr: Expr, name: str) -> bool:
    """Whether the variable occurs in the expression."""
    match expr:
        case Var(name=found):
            return found == name
        case Not(operand=operand) | Convert(operand=operand):
            return mentions(operand, name)
        case Arith(left=left, right=right):
            return mentions(left, name) or mentions(right, name)
        case Choose(condition=condition, then=then, otherwise=otherwise):
            return mentions(condition, name) or mentions(then, name) or mentions(otherwise, name)
        case _:
            return False
