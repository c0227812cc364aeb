"""What a thread has taken and not given back, as terms along its path: see `program.core.Keeps`.

`holds` asks who may release a lock or end a region; this is what is left at the end, of what nobody checks too: some
sections of SRCU, of which one end too many is none where no grace period waits, and locks that are numbers to the
memory model (`Cell.balanced`). Of these a thread holds what its own changes add up to, whichever primitives make them;
a bit that it clears it does not hold.
"""

from encoder.graph.events import Event, EventKind, Takeable
from encoder.graph.term import Term, Terms
from encoder.program.core import BOOL, Cell

HeldCounts = dict[Takeable, Term]
"""How often each is held; what is missing is not."""


def kept_after(terms: Terms, keeps: HeldCounts, event: Event, cell: Cell | None) -> HeldCounts:
    """What is held after the event, which is on `cell`."""
    key, one = _key(event, cell), terms.const(1)
    if key is None:
        return keeps
    now = keeps.get(key, terms.const(0))
    match event.kind:
        case EventKind.ACQUIRE:
            after = terms.choose(event.takes, terms.arith("+", now, one), now)
        case EventKind.REGION_BEGIN | EventKind.READ:
            after = terms.arith("+", now, one)
        case EventKind.REGION_END | EventKind.RELEASE:
            after = _less(terms, now)
        case EventKind.WRITE if key[0] == "srcu":
            after = _less(terms, now)
        case _:
            assert cell is not None
            after = terms.choose(event.succeeds, _balance(terms, event, cell, now), now)
    return keeps | {key: terms.choose(event.target, after, now)}


def _key(event: Event, cell: Cell | None) -> Takeable | None:
    """What the event takes or gives back."""
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


def _less(terms: Terms, now: Term) -> Term:
    none = terms.const(0)
    return terms.choose(terms.eq(now, none), none, terms.arith("-", now, terms.const(1)))


def _balance(terms: Terms, event: Event, cell: Cell, now: Term) -> Term:
    """What the thread's changes to a balanced cell add up to after a write to it; a store begins anew."""
    assert event.writes is not None
    (new,) = event.writes
    if cell.components[0].type == BOOL:
        taken = terms.choose(event.takes, terms.const(1), now)
        return terms.choose(terms.as_bool(new), taken, terms.const(0))
    if event.kind is EventKind.WRITE:
        return new
    added = terms.arith("-", new, event.reads[0]) if event.delta is None else event.delta
    return terms.arith("+", now, added)
