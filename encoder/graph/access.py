"""Accesses to events: what each reads, writes, adds, and which lock it takes."""

from dataclasses import dataclass, replace
from typing import assert_never

from encoder.graph.dependency import Deps, Origins, Sources, sources
from encoder.graph.domain import Domain
from encoder.graph.evaluate import Variables, evaluate, to_type
from encoder.graph.events import Event, EventKind, GraphStep, LockSection
from encoder.graph.term import Term, Terms
from encoder.program.core import (
    Acquire,
    Arith,
    Cell,
    CellName,
    Expr,
    Load,
    Op,
    Release,
    Rmw,
    Scalar,
    Store,
    Var,
)
from encoder.program.traverse import variables

MemoryAccess = Load | Store | Rmw | Acquire | Release
Domains = dict[CellName, tuple[Domain, ...]]


@dataclass(frozen=True, slots=True)
class AccessContext:
    """What an access finds: the variables, the reads that each of them and the branches around depend on, the locks."""

    env: Variables
    origins: Origins
    control: Deps
    held: tuple[LockSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accesses:
    """Makes the events of one thread. `domains` has the values that each cell's components may hold, `types` those of
    the thread's variables."""

    terms: Terms
    cells: dict[CellName, Cell]
    domains: Domains
    types: dict[str, Scalar]

    def value(self, expr: Expr, env: Variables) -> Term:
        return evaluate(self.terms, expr, env)

    def output(self, event: Event, component: str) -> Term:
        """What the event gives its thread: a component of what it read, or whether it took the lock."""
        if event.kind is EventKind.ACQUIRE:
            return event.succeeds
        assert event.cell is not None
        return event.reads[[c.name for c in self.cells[event.cell].components].index(component)]

    def sources(self, values: tuple[tuple[str, Expr], ...], origins: Origins) -> Deps:
        """The reads that a written value is made from."""
        return sources(self.terms, (value for _, value in values), origins).data

    def event(
        self, access: MemoryAccess, cell: CellName, target: Term, step: GraphStep, found: AccessContext, uid: int
    ) -> Event:
        """The event of `access` on `cell`."""
        reads = self.reads(cell, f"{step.thread}.{step.index}.{cell}") if isinstance(access, Load | Rmw) else ()
        base = Event(
            uid=uid, step=step, kind=EventKind.READ, cell=cell, target=target,
            reads=reads, writes=None, succeeds=self.terms.true, await_=self.terms.true, delta=None, mode="",
            takes=self.terms.true, held=found.held, tags=(),
            address=sources(self.terms, (access.place.base,), found.origins).data, control=found.control,
        )  # fmt: skip
        match access:
            case Load(order=order):
                return replace(base, tags=(order,))
            case Store(values=values, order=order):
                written, data = self.words(cell, values, found.env), self.sources(values, found.origins)
                return replace(base, kind=EventKind.WRITE, writes=written, tags=(order,), data=data)
            case Rmw():
                return self.rmw(access, base, found)
            case Acquire(mode=mode, into=into):
                taken = self.terms.true if into is None else self.terms.lit(f"taken.{step.thread}.{step.index}.{cell}")
                return replace(base, kind=EventKind.ACQUIRE, mode=mode, succeeds=taken, takes=taken)
            case Release(mode=mode):
                return replace(base, kind=EventKind.RELEASE, mode=mode)
            case _:
                assert_never(access)

    def rmw(self, access: Rmw, base: Event, found: AccessContext) -> Event:
        assert base.cell is not None
        names = [c.name for c in self.cells[base.cell].components]
        read = {variable: base.reads[names.index(component)] for component, variable in access.into}
        inner = found.env.assigned(read)
        origins = found.origins.assigned(dict.fromkeys(read, Sources(((base.uid, self.terms.true),))))
        delta = self.delta(access, inner) if len(names) == 1 else None
        await_ = self.terms.as_bool(self.value(access.await_, inner))
        free = self.terms.not_(self.terms.as_bool(base.reads[0])) if len(names) == 1 else self.terms.true
        return replace(
            base,
            kind=EventKind.RMW,
            writes=self.words(base.cell, access.values, inner),
            succeeds=self.terms.as_bool(self.value(access.when, inner)),
            await_=await_,
            delta=delta,
            takes=self.terms.true if await_ is free else free,
            tags=(access.read_order, access.write_order),
            fails_locked=access.fails_locked,
            data=self.sources(access.values, origins),
        )

    def delta(self, access: Rmw, env: Variables) -> Term | None:
        """What the write adds, where that does not depend on what was read: `old + d`, or `n` when `old == m`."""
        if not access.into:
            return None
        old = Var(access.into[0][1], self.types[access.into[0][1]])
        new = access.values[0][1]
        if (
            isinstance(new, Arith)
            and new.op in (Op.ADD, Op.SUB)
            and new.left == old
            and old.name not in variables(new.right)
        ):
            amount = self.value(new.right, env)
            return amount if new.op is Op.ADD else self.terms.arith("-", self.terms.const(0), amount)
        when = access.when
        if isinstance(when, Arith) and when.op is Op.EQ and old.name not in variables(new):
            for one, other in ((when.left, when.right), (when.right, when.left)):
                if one == old and old.name not in variables(other):
                    return self.terms.arith("-", self.value(new, env), self.value(other, env))
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

    def words(self, cell: CellName, values: tuple[tuple[str, Expr], ...], env: Variables) -> tuple[Term, ...]:
        by_name = dict(values)
        return tuple(to_type(self.terms, self.value(by_name[c.name], env), c.type) for c in self.cells[cell].components)


def outputs(access: MemoryAccess) -> tuple[tuple[str, str], ...]:
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
    return event.kind is EventKind.RMW and event.writes is not None and bit(event.writes, terms) == 1


def clears(event: Event, terms: Terms) -> bool:
    """The event clears a bit, whatever it was."""
    return event.writes is not None and bit(event.writes, terms) == 0 and event.succeeds is terms.true


def bit(values: tuple[Term, ...], terms: Terms) -> int | None:
    """The constant 0 or 1 that is written, else None."""
    only = terms.as_int(values[0]).value if len(values) == 1 else None
    return only if only in (0, 1) else None
