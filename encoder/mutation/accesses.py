"""Mutants of a program's events: orderings, locks, sections, flushes, grace periods and amounts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from encoder.mutation.mutant import Mutant, MutantKind
from encoder.mutation.rewrite import program_events
from encoder.program.arm64 import relaxed, weakened
from encoder.program.core import (
    BOOL,
    INT,
    PLAIN_LOAD,
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
EventRewrite = Callable[[EventStatement], tuple[Statement, ...]]


def event_mutants(program: Program) -> tuple[Mutant, ...]:
    """The mutants of the procedures' events. Where an event is all that a step does, its removal is left to the mutant
    that removes the step."""
    found: dict[tuple[str, str, str], Mutant] = {}
    seen = [event for event in program_events(program) if event.site.procedure]
    locks = frozenset(_cell_field(event) for event in seen if _takes_lock(event))
    kinds = {(event.site.procedure, event.site.label, _event_key(event)) for event in seen}
    alone = Counter(kind[:2] for kind in kinds)
    for event in seen:
        site = event.site
        for what, kind, key, change in _event_changes(event, locks):
            if (
                kind in ("count", "flush", "region")
                and change in (_remove, _without_adding)
                and alone[site.procedure, site.label] == 1
            ):
                continue
            rewrite = partial(_rewrite_one_step, site.procedure, site.label, key, change)
            mutant = Mutant(
                procedure=site.procedure, label=site.label, step=site.label, what=what, kind=kind, rewrite=rewrite
            )
            found.setdefault((site.procedure, site.label, what), mutant)
    return (*found.values(), *_section_mutants(seen), *_lock_mutants(seen, locks))


def _rewrite_one_step(
    procedure: str, label: str, key: str, change: EventRewrite, event: EventStatement
) -> tuple[Statement, ...]:
    """Apply the change to the events of one step that have this key."""
    here = (event.site.procedure, event.site.label, _event_key(event)) == (procedure, label, key)
    return change(event) if here else (event,)


def _event_key(event: EventStatement) -> str:
    """What an event does, whatever objects it accesses."""
    match event:
        case Fence(kind=kind) | Grace(kind=kind):
            return f"{type(event).__name__} {kind}"
        case Load(order=order) | Store(order=order):
            return f"{type(event).__name__} {_cell_field(event)} {order}"
        case Rmw():
            return f"Rmw {_cell_field(event)} {_call_text(event)} {event.read_order} {event.write_order}"
        case _:
            return type(event).__name__


def _call_text(event: EventStatement) -> str:
    return event.site.event.partition("(")[0] + "()"


def _event_changes(
    event: EventStatement, locks: frozenset[CellField]
) -> Iterator[tuple[str, MutantKind, str, EventRewrite]]:
    """The changes of one event, each as (description, kind, key of the events to change, rewrite)."""
    key = _event_key(event)
    match event:
        case Fence(kind=kind):
            yield f"{_call_text(event)} removed", "order", key, _remove
            for weaker in ("wmb", "rmb") if kind == "mb" else ():
                yield f"{_call_text(event)} weakened to smp_{weaker}()", "order", key, partial(_weaken_fence, weaker)
        case Load(order="acquire") | Store(order="release"):
            yield f"{_call_text(event)}: {WEAKENED[event.order]}", "order", key, _relax_access
        case Rmw():
            for order in dict.fromkeys((event.read_order, event.write_order)):
                if order in WEAKENED:
                    yield f"{_call_text(event)}: {WEAKENED[order]}", "order", key, _relax_rmw
            if _cell_field(event) not in locks:
                yield from _amount_changes(event, key)
        case Flush():
            yield "TLB flush removed", "flush", key, _remove
        case Grace():
            yield f"{_call_text(event)} removed", "region", key, _remove
        case _:
            pass


def _amount_changes(event: Rmw, key: str) -> Iterator[tuple[str, MutantKind, str, EventRewrite]]:
    """Changes of a counter by another amount, or by none."""
    amount = _added_amount(event)
    if amount is None:
        return
    yield f"{_call_text(event)} does not count", "count", key, _without_adding
    yield f"{_call_text(event)} counts one too many", "count", key, partial(_with_other_amount, 1)
    if abs(amount) > 1:
        yield f"{_call_text(event)} counts one too few", "count", key, partial(_with_other_amount, -1)


def _added_amount(event: Rmw) -> int | None:
    """The number that an event adds to a counter or subtracts from it; None if it does neither."""
    if len(event.values) == 1 and event.into:
        match event.values[0][1]:
            case Arith(op=Op.ADD | Op.SUB, left=Var(name=name), right=Const(value=amount), type=type) if type == INT:
                return amount if name == event.into[0][1] else None
    return None


def _remove(event: EventStatement) -> tuple[Statement, ...]:
    return ()


def _weaken_fence(kind: str, event: EventStatement) -> tuple[Statement, ...]:
    assert isinstance(event, Fence)
    site = replace(event.site, event=f"smp_{kind}()")
    return (replace(event, kind=kind, site=site, arm64=weakened(event.arm64, kind)),)


def _relax_access(event: EventStatement) -> tuple[Statement, ...]:
    assert isinstance(event, Load | Store)
    return (replace(event, order="once", arm64=relaxed(event.arm64)),)


def _relax_rmw(event: EventStatement) -> tuple[Statement, ...]:
    assert isinstance(event, Rmw)
    return (replace(event, read_order="relaxed", write_order="relaxed", arm64=relaxed(event.arm64)),)


def _without_adding(event: EventStatement) -> tuple[Statement, ...]:
    assert isinstance(event, Rmw)
    return (Load(place=event.place, into=event.into, order="once", site=event.site, arm64=PLAIN_LOAD),)


def _with_other_amount(more: int, event: EventStatement) -> tuple[Statement, ...]:
    """The event with the written amount larger by `more`, in absolute value; the value that it returns is as before.
    Where this code is called with an amount that is no constant, `more` is what is written beyond it."""
    assert isinstance(event, Rmw)
    ((component, value),) = event.values
    match value:
        case Arith(right=Const(value=amount) as right):
            changed: Expr = replace(value, right=replace(right, value=amount + more * (1 if amount > 0 else -1)))
        case Arith(op=Op.ADD | Op.SUB as op, type=type):
            changed = Arith(op=op, left=value, right=Const(value=more, type=type), type=type)
        case _:
            changed = Arith(op=Op.ADD, left=value, right=Const(value=more, type=INT), type=INT)
    return (replace(event, values=((component, changed),)),)


def _section_mutants(seen: Iterable[EventStatement]) -> Iterator[Mutant]:
    """Each procedure's IRQ-off regions, and its RCU sections, removed."""
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


def _lock_mutants(seen: Iterable[EventStatement], locks: frozenset[CellField]) -> Iterator[Mutant]:
    """A procedure's uses of a lock removed; where it only acquires or only releases the lock, together with those of
    all other such procedures."""
    users: dict[CellField, dict[str, list[EventStatement]]] = {}
    for event in seen:
        if _takes_lock(event) or (_cell_field(event) in locks and _releases_lock(event)):
            users.setdefault(_cell_field(event), {}).setdefault(event.site.procedure, []).append(event)
    fields = Counter(name for _, name in users)
    for field, by_procedure in users.items():
        whole = [
            name for name, own in by_procedure.items() if any(map(_takes_lock, own)) and any(map(_releases_lock, own))
        ]
        parts = [name for name in by_procedure if name not in whole]
        for names in (*([name] for name in whole), *([parts] if parts else ())):
            first = by_procedure[names[0]][0]
            label = field[1] if fields[field[1]] == 1 else ".".join(field)
            yield Mutant(
                procedure=names[0], label=label, step=first.site.label, what="lock removed", kind="lock",
                rewrite=partial(_without_lock, field, frozenset(names)),
            )  # fmt: skip


def _without_lock(field: CellField, procedures: frozenset[str], event: EventStatement) -> tuple[Statement, ...]:
    if (
        _cell_field(event) != field
        or event.site.procedure not in procedures
        or not (_takes_lock(event) or _releases_lock(event))
    ):
        return (event,)
    match event:
        case Acquire(into=str(variable)):
            return (Assign(variable=variable, value=Const(1, BOOL)),)
        case Rmw(into=into) if _takes_lock(event):
            return tuple(Assign(variable=variable, value=_value_of_free_lock(event)) for _, variable in into)
        case _:
            return ()


def _value_of_free_lock(event: Rmw) -> Expr:
    """What an attempt to take the lock reads when the lock is free."""
    return Const(0, BOOL) if _sets_bit(event) else Const(0, INT)


def _cell_field(event: EventStatement) -> CellField:
    """The (struct, field) that an event accesses, ("", "") for one that accesses none."""
    match event:
        case Load(place=place) | Store(place=place) | Rmw(place=place) | Acquire(place=place) | Release(place=place):
            return place.struct, place.field
        case _:
            return "", ""


def _takes_lock(event: EventStatement) -> bool:
    """Whether the event takes a lock: one of the memory model's, or a word that is waited for, or a bit that is tried
    with acquire."""
    match event:
        case Acquire():
            return True
        case Rmw(await_=wait):
            return wait != Const(1, BOOL) or (event.read_order == "acquire" and _sets_bit(event))
        case _:
            return False


def _sets_bit(event: Rmw) -> bool:
    return [value for _, value in event.values] == [Const(1, BOOL)]


def _releases_lock(event: EventStatement) -> bool:
    return isinstance(event, Release) or (isinstance(event, Rmw | Store) and not _takes_lock(event))
