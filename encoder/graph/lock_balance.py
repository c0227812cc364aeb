"""How often a thread holds each lock, as terms: a release by who does not hold the lock is a fault of the program, and
so is the end of a region or section that is not open.

What an execution is beyond such a release nobody says: sections would no longer exclude each other.
"""

from collections.abc import Iterable
from typing import TypeVar

from encoder.graph.events import Event, EventKind
from encoder.graph.term import Term, Terms
from encoder.program.core import CellName

Holds = dict[tuple[CellName | str, str], Term]
"""For each lock and mode, and each kind of region, how often it is held; what is missing is not."""


def holding(terms: Terms, holds: Holds, event: Event) -> tuple[Holds, Term]:
    """What is held after an acquisition or release, and when the release is of a lock that is not held."""
    key = event.cell or event.region, event.mode
    count = holds.get(key, terms.const(0))
    if event.kind in (EventKind.ACQUIRE, EventKind.REGION_BEGIN):
        one = terms.choose(terms.and_(event.target, event.takes), terms.const(1), terms.const(0))
        return holds | {key: terms.arith("+", count, one)}, terms.false
    one = terms.choose(event.target, terms.const(1), terms.const(0))
    return holds | {key: terms.arith("-", count, one)}, terms.and_(event.target, terms.eq(count, terms.const(0)))


def outermost(terms: Terms, holds: Holds, region: str) -> Term:
    """Whether the end of a region of this kind, here, ends the outermost one."""
    return terms.eq(holds.get((region, ""), terms.const(0)), terms.const(1))


def begins(unlock: Event, locks: Iterable[Event]) -> tuple[tuple[Event, Term], ...]:
    """The begins of the section of SRCU that an `srcu_read_unlock()` ends, among these events of its thread, each with
    the condition that it is the one: its index is what that begin returned."""
    given = dict(unlock.data)
    return tuple((e, given[e.uid]) for e in locks if e.uid in given and is_lock(e) and e.cell == unlock.cell)


def is_lock(event: Event) -> bool:
    """Whether the event begins a section of SRCU."""
    return event.kind is EventKind.READ and event.tags[0] == "srcu-lock"


def is_unlock(event: Event) -> bool:
    """Whether the event ends a section of SRCU."""
    return event.kind is EventKind.WRITE and event.tags[0] == "srcu-unlock"


def unmatched(terms: Terms, unlock: Event, before: list[Event]) -> Term:
    """When an `srcu_read_unlock()` ends nothing, or what another one has ended already, or is given another index than
    its section has (linux-kernel.cat's srcu-bad-value-match). `before` is what its thread has done. An index that
    depends on more than what some `srcu_read_lock()` of the thread has returned is not judged."""
    read = {uid for uid, _ in unlock.data}
    if not all(is_lock(e) for e in before if e.uid in read):
        return terms.false
    own = begins(unlock, before)
    found = terms.or_(*(terms.and_(lock.target, ends, _same_index(terms, lock, unlock)) for lock, ends in own))
    again = [
        terms.and_(other.step.guard, other.target, earlier, ends)
        for other in before
        if is_unlock(other)
        for lock, earlier in begins(other, before)
        for same, ends in own
        if same is lock
    ]
    return terms.and_(unlock.target, terms.or_(terms.not_(found), *again))


def _same_index(terms: Terms, lock: Event, unlock: Event) -> Term:
    assert unlock.writes is not None
    return terms.and_(*(terms.eq(read, wrote) for read, wrote in zip(lock.reads, unlock.writes, strict=True)))


HoldKey = TypeVar("HoldKey")


def joined(terms: Terms, a: dict[HoldKey, Term], under_a: Term, b: dict[HoldKey, Term]) -> dict[HoldKey, Term]:
    """How often each is held where two paths meet."""
    none = terms.const(0)
    return {key: terms.choose(under_a, a.get(key, none), b.get(key, none)) for key in a | b}
