"""How often a thread holds each lock, as terms: a release by who does not hold the lock is a fault of the program.

What an execution is beyond such a release nobody says: sections would no longer exclude each other.
"""

from encoder.graph.events import Event, Kind
from encoder.graph.term import Term, Terms
from encoder.program.core import CellName

Holds = dict[tuple[CellName, str], Term]
"""For each lock and mode how often it is held; what is missing is not."""


def holding(terms: Terms, holds: Holds, event: Event) -> tuple[Holds, Term]:
    """What is held after an acquisition or release, and when the release is of a lock that is not held."""
    assert event.cell is not None
    key = event.cell, event.mode
    count = holds.get(key, terms.const(0))
    if event.kind is Kind.ACQUIRE:
        one = terms.choose(terms.and_(event.target, event.takes), terms.const(1), terms.const(0))
        return holds | {key: terms.arith("+", count, one)}, terms.false
    one = terms.choose(event.target, terms.const(1), terms.const(0))
    return holds | {key: terms.arith("-", count, one)}, terms.and_(event.target, terms.eq(count, terms.const(0)))


def joined(terms: Terms, a: Holds, under_a: Term, b: Holds) -> Holds:
    """What is held where two paths meet."""
    none = terms.const(0)
    return {key: terms.choose(under_a, a.get(key, none), b.get(key, none)) for key in a | b}
