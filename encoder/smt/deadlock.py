"""Deadlock: for each event that can make its thread wait, the condition under which it cannot happen.

The condition is about the state in which an execution stops, with the thread just before the event: the last value of
each location in coherence order, all executed writes included. If no thread does anything more, the state stays like
that.
"""

from collections.abc import Callable, Mapping

from encoder.graph.events import Event, EventKind, Graph
from encoder.graph.lock_balance import releases_of
from encoder.graph.term import Term, Terms
from encoder.graph.waits import find_waits
from encoder.program.core import CellName
from encoder.smt.progress import done

LastValues = Callable[[CellName], tuple[Term, ...]]
"""Gives the last values of a cell's components."""
BeganBefore = Callable[[Event, Event], Term]
"""Gives, for the begin of a section and the begin of a flush or grace period that both happened, the condition that the
section began first."""


def blocked(graph: Graph, event: Event, last_values: LastValues, began_before: BeganBefore) -> Term:
    """The condition under which the event cannot happen until another thread does something."""
    match event.kind:
        case EventKind.ACQUIRE if event.succeeds is graph.terms.true:
            return _lock_held(graph, event)
        case EventKind.RMW if event.await_ is not graph.terms.true:
            assert event.cell is not None
            values = dict(zip(event.reads, last_values(event.cell), strict=True))
            return graph.terms.not_(substitute(graph.terms, event.await_, values))
        case EventKind.FLUSH_END | EventKind.GRACE_END:
            return _section_open(graph, event, began_before)
        case _:
            return graph.terms.false


def _lock_held(graph: Graph, event: Event) -> Term:
    """Some thread, possibly the waiting one, has taken the lock in a conflicting mode and not released it. No order is
    needed, since the thread that takes a lock is the one that releases it."""
    terms, holders = graph.terms, []
    for taken in (e for e in graph.events if e.kind is EventKind.ACQUIRE and e.cell == event.cell):
        if not (taken.mode == event.mode == "read"):
            releases = releases_of(terms, taken, graph.threads[taken.thread].events)
            later = [terms.and_(done(terms, r.step), r.target, ends) for r, ends in releases]
            took = terms.and_(done(terms, taken.step), taken.target, taken.succeeds)
            holders.append(terms.and_(took, terms.not_(terms.or_(*later))))
    return terms.or_(*holders)


def _section_open(graph: Graph, end: Event, began_before: BeganBefore) -> Term:
    """A section that the flush or grace period waits for began before it did and has not ended."""
    terms, open_sections = graph.terms, []
    for wait in find_waits(graph):
        if wait.end is end:
            begun = (terms.and_(done(terms, e.step), e.target) for e in (wait.begin, wait.section))
            over = (terms.and_(done(terms, e.step), e.target, ends) for e, ends in wait.ends)
            own = wait.begin.thread == wait.section.thread
            first = terms.true if own else began_before(wait.section, wait.begin)
            open_sections.append(terms.and_(*begun, wait.applies, terms.not_(terms.or_(*over)), first))
    return terms.or_(*open_sections)


def substitute(terms: Terms, term: Term, by: Mapping[Term, Term]) -> Term:
    """The term with variables replaced by other terms."""
    if term in by or not term.args:
        return by.get(term, term)
    args = [substitute(terms, arg, by) for arg in term.args]
    match term.op:
        case "not":
            return terms.not_(args[0])
        case "and":
            return terms.and_(*args)
        case "or":
            return terms.or_(*args)
        case "eq":
            return terms.eq(*args)
        case "le":
            return terms.le(*args)
        case "ite":
            return terms.choose(*args)
        case "wrap":
            return terms.wrap(args[0], int(term.name))
        case op:
            return terms.arith(op, *args)
