"""Mutants of the events that a program's steps make: orders, locks, regions, flushes, grace periods and amounts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from encoder.mutation.mutant import Mutant, MutantKind
from encoder.mutation.rewrite import events
from encoder.program.core import (
    BOOL,
    INT,
    Acquire,
    Arith,
    Assign,
    Const,
    EventStatement,
    Expr,
    Fence,
    Flush,
    Grace,
    Load,
    Op,
    Program,
    Region,
    Release,
    Rmw,
    Statement,
    Store,
    Var,
)

CellField = tuple[str, str]
WEAKENED = {"acquire": "acquire dropped", "release": "release dropped", "mb": "full barrier dropped"}
Rewriting = Callable[[EventStatement], tuple[Statement, ...]]


def of_events(program: Program) -> tuple[Mutant, ...]:
    """The mutants of what the procedures' events do. Where an event is all that a step does, the step is removed."""
    found: dict[tuple[str, str, str], Mutant] = {}
    seen = [event for event in events(program) if event.site.procedure]
    locks = frozenset(_field(event) for event in seen if _takes(event))
    kinds = {(event.site.procedure, event.site.label, _key(event)) for event in seen}
    alone = Counter(kind[:2] for kind in kinds)
    for event in seen:
        site = event.site
        for what, kind, key, change in _changes(event, locks):
            if (
                kind in ("count", "flush", "region")
                and change in (_nothing, _uncounted)
                and alone[site.procedure, site.label] == 1
            ):
                continue
            rewrite = partial(_only, site.procedure, site.label, key, change)
            mutant = Mutant(
                procedure=site.procedure, label=site.label, step=site.label, what=what, kind=kind, rewrite=rewrite
            )
            found.setdefault((site.procedure, site.label, what), mutant)
    return (*found.values(), *_regions(seen), *_locks(seen, locks))


def _only(procedure: str, label: str, key: str, change: Rewriting, event: EventStatement) -> tuple[Statement, ...]:
    """The change, made to the events of one step that look alike."""
    here = (event.site.procedure, event.site.label, _key(event)) == (procedure, label, key)
    return change(event) if here else (event,)


def _key(event: EventStatement) -> str:
    """What an event is, but for the objects it speaks of."""
    match event:
        case Fence(kind=kind) | Grace(kind=kind):
            return f"{type(event).__name__} {kind}"
        case Load(order=order) | Store(order=order):
            return f"{type(event).__name__} {_field(event)} {order}"
        case Rmw():
            return f"Rmw {_field(event)} {_called(event)} {event.read_order} {event.write_order}"
        case _:
            return type(event).__name__


def _called(event: EventStatement) -> str:
    return event.site.event.partition("(")[0] + "()"


def _changes(event: EventStatement, locks: frozenset[CellField]) -> Iterator[tuple[str, MutantKind, str, Rewriting]]:
    key = _key(event)
    match event:
        case Fence(kind=kind):
            yield f"{_called(event)} removed", "order", key, _nothing
            for weaker in ("wmb", "rmb") if kind == "mb" else ():
                yield f"{_called(event)} weakened to smp_{weaker}()", "order", key, partial(_fence, weaker)
        case Load(order="acquire") | Store(order="release"):
            yield f"{_called(event)}: {WEAKENED[event.order]}", "order", key, _once
        case Rmw():
            for order in dict.fromkeys((event.read_order, event.write_order)):
                if order in WEAKENED:
                    yield f"{_called(event)}: {WEAKENED[order]}", "order", key, _relaxed
            if _field(event) not in locks:
                yield from _amounts(event, key)
        case Flush():
            yield "TLB flush removed", "flush", key, _nothing
        case Grace():
            yield f"{_called(event)} removed", "region", key, _nothing
        case _:
            pass


def _amounts(event: Rmw, key: str) -> Iterator[tuple[str, MutantKind, str, Rewriting]]:
    """A count that is changed by another amount, or not at all."""
    amount = _amount(event)
    if amount is None:
        return
    yield f"{_called(event)} does not count", "count", key, _uncounted
    yield f"{_called(event)} counts one too many", "count", key, partial(_counted, 1)
    if abs(amount) > 1:
        yield f"{_called(event)} counts one too few", "count", key, partial(_counted, -1)


def _amount(event: Rmw) -> int | None:
    """The number that an event adds to a count, or takes from it."""
    if len(event.values) == 1 and event.into:
        match event.values[0][1]:
            case Arith(op=Op.ADD | Op.SUB, left=Var(name=name), right=Const(value=amount), type=type) if type == INT:
                return amount if name == event.into[0][1] else None
    return None


def _nothing(event: EventStatement) -> tuple[Statement, ...]:
    return ()


def _fence(kind: str, event: EventStatement) -> tuple[Statement, ...]:
    assert isinstance(event, Fence)
    return (replace(event, kind=kind, site=replace(event.site, event=f"smp_{kind}()")),)


def _once(event: EventStatement) -> tuple[Statement, ...]:
    assert isinstance(event, Load | Store)
    return (replace(event, order="once"),)


def _relaxed(event: EventStatement) -> tuple[Statement, ...]:
    assert isinstance(event, Rmw)
    return (replace(event, read_order="relaxed", write_order="relaxed"),)


def _uncounted(event: EventStatement) -> tuple[Statement, ...]:
    assert isinstance(event, Rmw)
    return (Load(place=event.place, into=event.into, order="once", site=event.site),)


def _counted(more: int, event: EventStatement) -> tuple[Statement, ...]:
    """The amount `more` larger in what is written; what the event reports is as before."""
    assert isinstance(event, Rmw)
    ((component, value),) = event.values
    assert isinstance(value, Arith) and isinstance(value.right, Const)
    amount = replace(value.right, value=value.right.value + more * (1 if value.right.value > 0 else -1))
    return (replace(event, values=((component, replace(value, right=amount)),)),)


def _regions(seen: Iterable[EventStatement]) -> Iterator[Mutant]:
    """A procedure's sections with interrupts off, or of RCU, each taken away."""
    first: dict[tuple[str, str], Region] = {}
    for event in seen:
        if isinstance(event, Region):
            first.setdefault((event.site.procedure, event.kind), event)
    for (procedure, kind), region in first.items():
        rewrite = partial(_without_region, procedure, kind)
        yield Mutant(
            procedure=procedure, label=kind, step=region.site.label, what="section removed", kind="region",
            rewrite=rewrite,
        )  # fmt: skip


def _without_region(procedure: str, kind: str, event: EventStatement) -> tuple[Statement, ...]:
    gone = isinstance(event, Region) and (event.site.procedure, event.kind) == (procedure, kind)
    return () if gone else (event,)


def _locks(seen: Iterable[EventStatement], locks: frozenset[CellField]) -> Iterator[Mutant]:
    """A procedure's use of a lock taken away; of one that it only takes or only drops, with all others' like it."""
    users: dict[CellField, dict[str, list[EventStatement]]] = {}
    for event in seen:
        if _takes(event) or (_field(event) in locks and _drops(event)):
            users.setdefault(_field(event), {}).setdefault(event.site.procedure, []).append(event)
    fields = Counter(name for _, name in users)
    for field, by_procedure in users.items():
        whole = [name for name, own in by_procedure.items() if any(map(_takes, own)) and any(map(_drops, own))]
        parts = [name for name in by_procedure if name not in whole]
        for names in (*([name] for name in whole), *([parts] if parts else ())):
            first = by_procedure[names[0]][0]
            label = field[1] if fields[field[1]] == 1 else ".".join(field)
            yield Mutant(
                procedure=names[0], label=label, step=first.site.label, what="lock removed", kind="lock",
                rewrite=partial(_without_lock, field, frozenset(names)),
            )  # fmt: skip


def _without_lock(field: CellField, procedures: frozenset[str], event: EventStatement) -> tuple[Statement, ...]:
    if _field(event) != field or event.site.procedure not in procedures or not (_takes(event) or _drops(event)):
        return (event,)
    match event:
        case Acquire(into=str(variable)):
            return (Assign(variable=variable, value=Const(1, BOOL)),)
        case Rmw(into=into) if _takes(event):
            return tuple(Assign(variable=variable, value=_free(event)) for _, variable in into)
        case _:
            return ()


def _free(event: Rmw) -> Expr:
    """What an attempt reads that finds the lock free."""
    return Const(0, BOOL) if _sets_bit(event) else Const(0, INT)


def _field(event: EventStatement) -> CellField:
    match event:
        case Load(place=place) | Store(place=place) | Rmw(place=place) | Acquire(place=place) | Release(place=place):
            return place.struct, place.field
        case _:
            return "", ""


def _takes(event: EventStatement) -> bool:
    """Whether the event takes a lock: one of the memory model's, or a word that is waited for or tried with acquire."""
    match event:
        case Acquire():
            return True
        case Rmw(await_=wait):
            return wait != Const(1, BOOL) or (event.read_order == "acquire" and _sets_bit(event))
        case _:
            return False


def _sets_bit(event: Rmw) -> bool:
    return [value for _, value in event.values] == [Const(1, BOOL)]


def _drops(event: EventStatement) -> bool:
    return isinstance(event, Release) or (isinstance(event, Rmw | Store) and not _takes(event))
