"""Builds events from memory accesses: what each reads, writes and adds, and which lock it takes."""

from dataclasses import dataclass, replace
from typing import assert_never

from encoder.graph.dependency import Deps, Sources, VariableSources, sources_of
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
    """The state of the path at an access: the variables' values, the reads that each variable depends on, the reads
    that the enclosing branches and all branches before it depend on (control dependencies), and the critical sections
    around it."""

    variables: Variables
    sources: VariableSources
    control: Deps
    branched: Deps
    held: tuple[LockSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBuilder:
    """Builds the events of one thread. `domains` holds the possible values of each cell's components, `types` the types
    of the thread's variables."""

    terms: Terms
    cells: dict[CellName, Cell]
    domains: Domains
    types: dict[str, Scalar]

    def value(self, expr: Expr, env: Variables) -> Term:
        """The term of a pure expression."""
        return evaluate(self.terms, expr, env)

    def output(self, event: Event, component: str) -> Term:
        """The value that an access returns to its thread: a component that was read, or whether the lock was
        acquired."""
        if event.kind is EventKind.ACQUIRE:
            return event.succeeds
        assert event.cell is not None
        return event.reads[[c.name for c in self.cells[event.cell].components].index(component)]

    def sources_of(self, values: tuple[tuple[str, Expr], ...], sources: VariableSources) -> Sources:
        """The reads that a written value has a data dependency on."""
        return sources_of(self.terms, (value for _, value in values), sources)

    def event(
        self, access: MemoryAccess, cell: CellName, target: Term, step: GraphStep, context: AccessContext, uid: int
    ) -> Event:
        """The event of `access` on `cell`, which is its target where `target` holds."""
        name = f"{step.thread}.{step.index}.{cell}"
        reads = self.read_components(cell, name) if isinstance(access, Load | Rmw) else ()
        address = sources_of(self.terms, (access.place.base,), context.sources)
        base = Event(
            uid=uid, step=step, kind=EventKind.READ, cell=cell, target=target,
            reads=reads, writes=None, succeeds=self.terms.true, await_=self.terms.true, delta=None, mode="",
            takes=self.terms.true, held=context.held, tags=(),
            address=address.data, direct_address=address.direct, control=context.control, branched=context.branched,
            arm64=access.arm64,
        )  # fmt: skip
        match access:
            case Load(order=order):
                return replace(base, tags=(order,))
            case Store(values=values, order=order):
                written = self.new_values(cell, values, context.variables)
                made = self.sources_of(values, context.sources)
                base = replace(base, data=made.data, direct_data=made.direct)
                return replace(base, kind=EventKind.WRITE, writes=written, tags=(order,))
            case Rmw():
                return self.rmw(access, base, context)
            case Acquire(mode=mode, into=into):
                taken = self.terms.true if into is None else self.terms.lit(f"taken.{name}")
                return replace(base, kind=EventKind.ACQUIRE, mode=mode, succeeds=taken, takes=taken)
            case Release(mode=mode):
                return replace(base, kind=EventKind.RELEASE, mode=mode)
            case _:
                assert_never(access)

    def rmw(self, access: Rmw, base: Event, context: AccessContext) -> Event:
        """The event of a read-modify-write, completing `base`."""
        assert base.cell is not None
        names = [c.name for c in self.cells[base.cell].components]
        read = {variable: base.reads[names.index(component)] for component, variable in access.into}
        inner = context.variables.assigned(read)
        own = ((base.uid, self.terms.true),)
        sources = context.sources.assigned(dict.fromkeys(read, Sources(own, direct=own)))
        made = self.sources_of(access.values, sources)
        delta = self.delta(access, inner) if len(names) == 1 else None
        await_ = self.terms.as_bool(self.value(access.await_, inner))
        free = self.terms.not_(self.terms.as_bool(base.reads[0])) if len(names) == 1 else self.terms.true
        succeeds = self.terms.as_bool(self.value(access.when, inner))
        return replace(
            base,
            kind=EventKind.RMW,
            writes=self.new_values(base.cell, access.values, inner),
            succeeds=succeeds,
            await_=await_,
            delta=delta,
            takes=self.terms.and_(succeeds, self.terms.true if await_ is free else free),
            tags=(access.read_order, access.write_order),
            fails_locked=access.fails_locked,
            data=made.data,
            direct_data=made.direct,
        )

    def delta(self, access: Rmw, env: Variables) -> Term | None:
        """The amount that the write adds, if it does not depend on the value read: `old + d`, or `n` when `old == m`.
        Else None."""
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

    def read_components(self, cell: CellName, name: str) -> tuple[Term, ...]:
        """A variable for each component that is read, restricted to the cell's possible values."""
        components = self.cells[cell].components
        return tuple(
            self.read_component(f"{name}.{component.name}" if component.name else name, component.type, domain)
            for component, domain in zip(components, self.domains[cell], strict=True)
        )

    def read_component(self, name: str, scalar: Scalar, domain: Domain) -> Term:
        """A variable for one component; a Boolean with one possible value is a constant."""
        if scalar.kind != "bool":
            return self.terms.var(name, domain)
        return self.terms.lit(name) if len(set(domain)) == 2 else self.terms.truth(bool(max(domain)))

    def new_values(self, cell: CellName, values: tuple[tuple[str, Expr], ...], env: Variables) -> tuple[Term, ...]:
        """The value written to each component, converted to its type."""
        by_name = dict(values)
        return tuple(to_type(self.terms, self.value(by_name[c.name], env), c.type) for c in self.cells[cell].components)


def outputs(access: MemoryAccess) -> tuple[tuple[str, str], ...]:
    """The variables that the access sets, as pairs (component, variable); the outcome of a trylock has component ""."""
    match access:
        case Load(into=into) | Rmw(into=into):
            return into
        case Acquire(into=into):
            return (("", into),) if into is not None else ()
        case Store() | Release():
            return ()
        case _:
            assert_never(access)


def sets_bit(event: Event, terms: Terms) -> bool:
    """Whether the event is a read-modify-write that stores the constant 1, as test_and_set_bit() does."""
    return event.kind is EventKind.RMW and event.writes is not None and constant_bit(event.writes, terms) == 1


def clears_bit(event: Event, terms: Terms) -> bool:
    """Whether the event unconditionally stores the constant 0."""
    return event.writes is not None and constant_bit(event.writes, terms) == 0 and event.succeeds is terms.true


def constant_bit(values: tuple[Term, ...], terms: Terms) -> int | None:
    """The constant 0 or 1 that is written, else None."""
    only = terms.as_int(values[0]).value if len(values) == 1 else None
    return only if only in (0, 1) else None
