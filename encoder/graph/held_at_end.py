"""How often a thread holds each resource along its path, as terms: the basis of `program.core.Keeps`.

`lock_balance` counts the locks and regions whose unmatched release is a fault. This module also counts what nobody
checks: SRCU read-side critical sections, where an extra end is no fault if no grace period waits for them, and locks
that are plain numbers to the memory model (`Cell.balanced`). Of the latter a thread holds the sum of its own changes,
whichever primitives make them; it does not hold a bit that it has cleared.
"""

from encoder.graph.events import Event, EventKind, Resource
from encoder.graph.term import Term, Terms
from encoder.program.core import BOOL, Cell

HeldCounts = dict[Resource, Term]
"""How often each resource is held; one that is absent is not held."""


def held_after(terms: Terms, counts: HeldCounts, event: Event, cell: Cell | None) -> HeldCounts:
    """The counts after `event`, whose cell is `cell`."""
    key, first = _resource(event, cell), terms.const(1)
    if key is None:
        return counts
    count = counts.get(key, terms.const(0))
    match event.kind:
        case EventKind.ACQUIRE:
            after = terms.choose(event.takes, terms.arith("+", count, first), count)
        case EventKind.REGION_BEGIN | EventKind.READ:
            after = terms.arith("+", count, first)
        case EventKind.REGION_END | EventKind.RELEASE:
            after = _decremented(terms, count)
        case EventKind.WRITE if key[0] == "srcu":
            after = _decremented(terms, count)
        case _:
            assert cell is not None
            after = terms.choose(event.succeeds, _balance(terms, event, cell, count), count)
    return counts | {key: terms.choose(event.target, after, count)}


def _resource(event: Event, cell: Cell | None) -> Resource | None:
    """The resource that the event takes or gives back, None for neither."""
    match event.kind:
        case EventKind.ACQUIRE | EventKind.RELEASE:
            return "lock", event.cell
        case EventKind.REGION_BEGIN | EventKind.REGION_END:
            return ("irq" if event.region == "irq" else "rcu"), None
        case EventKind.READ | EventKind.WRITE if event.tags[0] in ("srcu-lock", "srcu-unlock"):
            return "srcu", event.cell
        case EventKind.WRITE | EventKind.RMW if cell is not None and cell.balanced:
            return "lock", event.cell
        case _:
            return None


def _decremented(terms: Terms, count: Term) -> Term:
    """The count minus one, but not below zero."""
    none = terms.const(0)
    return terms.choose(terms.eq(count, none), none, terms.arith("-", count, terms.const(1)))


def _balance(terms: Terms, event: Event, cell: Cell, count: Term) -> Term:
    """The sum of the thread's changes to a balanced cell after a write to it; a store sets the sum to its value."""
    assert event.writes is not None
    (new,) = event.writes
    if cell.components[0].type == BOOL:
        taken = terms.choose(event.takes, terms.const(1), count)
        return terms.choose(terms.as_bool(new), taken, terms.const(0))
    if event.kind is EventKind.WRITE:
        return new
    added = terms.arith("-", new, event.reads[0]) if event.delta is None else event.delta
    return terms.arith("+", count, added)
