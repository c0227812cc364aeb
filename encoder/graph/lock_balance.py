"""How often a thread holds each lock and region along its path, as terms.

Releasing a lock that the thread does not hold is a fault of the program, and so is ending a region or section that is
not open. Behaviour after it is undefined: sections would no longer exclude each other.
"""

from collections.abc import Iterable
from typing import TypeVar

from encoder.graph.events import Event, EventKind
from encoder.graph.term import Term, Terms
from encoder.program.core import CellName

LockCounts = dict[tuple[CellName | str, str], Term]
"""How often each (lock, mode) and each (region kind, "") is held; one that is absent is not held."""


def counts_after(terms: Terms, counts: LockCounts, event: Event) -> tuple[LockCounts, Term]:
    """The counts after an acquisition, a release or the edge of a region, and the condition under which it ends what is
    not open."""
    key, count = (event.cell or event.region, event.mode), depth(terms, counts, event)
    if event.kind in (EventKind.ACQUIRE, EventKind.REGION_BEGIN):
        one = terms.choose(terms.and_(event.target, event.takes), terms.const(1), terms.const(0))
        return counts | {key: terms.arith("+", count, one)}, terms.false
    one = terms.choose(event.target, terms.const(1), terms.const(0))
    return counts | {key: terms.arith("-", count, one)}, terms.and_(event.target, terms.eq(count, terms.const(0)))


def depth(terms: Terms, counts: LockCounts, event: Event) -> Term:
    """How often the lock that the event takes or releases, or a region of its kind, is held before it."""
    return counts.get((event.cell or event.region, event.mode), terms.const(0))


def ends(terms: Terms, end: Event, begin: Event) -> Term:
    """The condition under which a release, or the end of a region, ends what an earlier event of its thread began in
    the same mode, if nothing has ended that before: what was begun last ends first."""
    assert begin.depth is not None and end.depth is not None
    return terms.eq(end.depth, terms.arith("+", begin.depth, terms.const(1)))


def releases_of(terms: Terms, taken: Event, events: Iterable[Event]) -> tuple[tuple[Event, Term], ...]:
    """The events among `events` that may release what an acquisition has taken, each with the condition that it does;
    the first of them that happens does."""
    return tuple(
        (e, condition)
        for e in events
        if e.kind is EventKind.RELEASE and (e.thread, e.cell, e.mode) == (taken.thread, taken.cell, taken.mode)
        and e.step.index > taken.step.index and (condition := ends(terms, e, taken)) is not terms.false
    )  # fmt: skip


def matching_locks(unlock: Event, locks: Iterable[Event]) -> tuple[tuple[Event, Term], ...]:
    """The srcu_read_lock() events among `locks` that an srcu_read_unlock() may end, each with the condition that it is
    the one: the unlock's index is what that lock returned."""
    sources_of_index = dict(unlock.data)
    return tuple(
        (e, sources_of_index[e.uid])
        for e in locks
        if e.uid in sources_of_index and is_srcu_lock(e) and e.cell == unlock.cell
    )


def is_srcu_lock(event: Event) -> bool:
    """Whether the event is an srcu_read_lock()."""
    return event.kind is EventKind.READ and event.tags[0] == "srcu-lock"


def is_srcu_unlock(event: Event) -> bool:
    """Whether the event is an srcu_read_unlock()."""
    return event.kind is EventKind.WRITE and event.tags[0] == "srcu-unlock"


def unmatched_unlock(terms: Terms, unlock: Event, before: list[Event]) -> Term:
    """The condition under which an `srcu_read_unlock()` ends nothing, ends a section that another one has ended
    already, or has another index than its section (linux-kernel.cat's srcu-bad-value-match). `before` holds the
    thread's earlier events. False if the index depends on other reads than srcu_read_lock()s of the thread: such an
    index is not checked."""
    read = {uid for uid, _ in unlock.data}
    if not all(is_srcu_lock(e) for e in before if e.uid in read):
        return terms.false
    locks = matching_locks(unlock, before)
    matched = terms.or_(*(terms.and_(lock.target, ends, _same_index(terms, lock, unlock)) for lock, ends in locks))
    again = [
        terms.and_(other.step.guard, other.target, earlier, ends)
        for other in before
        if is_srcu_unlock(other)
        for lock, earlier in matching_locks(other, before)
        for same, ends in locks
        if same is lock
    ]
    return terms.and_(unlock.target, terms.or_(terms.not_(matched), *again))


def _same_index(terms: Terms, lock: Event, unlock: Event) -> Term:
    """The unlock's index is the value that the lock returned."""
    assert unlock.writes is not None
    return terms.and_(*(terms.eq(read, wrote) for read, wrote in zip(lock.reads, unlock.writes, strict=True)))


HoldKey = TypeVar("HoldKey")


def join_counts(terms: Terms, a: dict[HoldKey, Term], under_a: Term, b: dict[HoldKey, Term]) -> dict[HoldKey, Term]:
    """The counts after two paths join; `under_a` is the condition of the first."""
    none = terms.const(0)
    return {key: terms.choose(under_a, a.get(key, none), b.get(key, none)) for key in a | b}
