"""How often a thread holds each lock, as terms: a release by who does not hold the lock is a fault of the program, and
so is the end of an irq region that is not open.

What an execution is beyond such a release nobody says: sections would no longer exclude each other.
"""

from typing import TypeVar

from encoder.graph.events import Event, Kind
from encoder.graph.term import Term, Terms
from encoder.program.core import CellName

IRQ = CellName("irq", "")  # stands for interrupts, which an irq region holds off
Holds = dict[tuple[CellName, str], Term]
"""For each lock and mode how often it is held; what is missing is not."""


def holding(terms: Terms, holds: Holds, event: Event) -> tuple[Holds, Term]:
    """What is held after an acquisition or release, and when the release is of a lock that is not held."""
    key = event.cell or IRQ, event.mode
    count = holds.get(key, terms.const(0))
    if event.kind in (Kind.ACQUIRE, Kind.REGION_BEGIN):
        one = terms.choose(terms.and_(event.target, event.takes), terms.const(1), terms.const(0))
        return holds | {key: terms.arith("+", count, one)}, terms.false
    one = terms.choose(event.target, terms.const(1), terms.const(0))
    return holds | {key: terms.arith("-", count, one)}, terms.and_(event.target, terms.eq(count, terms.const(0)))


def outermost(terms: Terms, holds: Holds) -> Term:
    """Whether the end of an irq region, here, lets interrupts in again."""
    return terms.eq(holds.get((IRQ, ""), terms.const(0)), terms.const(1))


Key = TypeVar("Key")


def joined(terms: Terms, a: dict[Key, Term], under_a: Term, b: dict[Key, Term]) -> dict[Key, Term]:
    """How often each is held where two paths meet."""
    none = terms.const(0)
    return {key: terms.choose(under_a, a.get(key, none), b.get(key, none)) for key in a | b}
