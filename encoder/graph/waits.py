"""Who waits for whom to leave a section: flushes by IPI for irq regions, grace periods for sections of their kind.

A flush, or grace period, waits for what was open when it began. So of each such pair a total order of all steps has the
section's begin after the begin of the wait, or an end of the section before the end of the wait.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from encoder.graph.events import Event, EventKind, Graph
from encoder.graph.lock_balance import begins, is_lock, is_unlock
from encoder.graph.term import Term
from encoder.program.core import Grace, Statement
from encoder.program.traverse import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """`begin` and `end` are those of a flush or grace period that waits, when `meant` holds, for a section that begins
    with `opened`: until one of `ends` has happened for which its condition holds."""

    begin: Event
    end: Event
    opened: Event
    meant: Term
    ends: tuple[tuple[Event, Term], ...]


def waits(graph: Graph) -> Iterator[Wait]:
    """Every pair of a wait and a section that it may be for."""
    ends = [e for e in graph.events if e.kind in (EventKind.FLUSH_END, EventKind.GRACE_END)]
    found = {opened: sections_end(graph, opened) for opened in graph.events if ends and opens(opened)}
    for end in ends:
        for begin in end.opened:
            for opened, closed in found.items():
                meant = meets(graph, begin, opened)
                later = opened.thread == begin.thread and opened.step.index > begin.step.index
                if meant is not graph.terms.false and not later:
                    yield Wait(begin=begin, end=end, opened=opened, meant=meant, ends=closed)


def opens(event: Event) -> bool:
    """Whether a section, or irq region, begins."""
    return event.kind is EventKind.REGION_BEGIN or is_lock(event)


def sections_end(graph: Graph, opened: Event) -> tuple[tuple[Event, Term], ...]:
    """The events that may end the section, or with it those around it, each with its condition."""
    own = graph.threads[opened.thread].events
    later = [e for e in own if e.step.index > opened.step.index]
    if opened.kind is EventKind.REGION_BEGIN:
        return tuple((e, e.takes) for e in later if e.kind is EventKind.REGION_END and e.region == opened.region)
    ended = ((e, ends) for e in later if is_unlock(e) for lock, ends in begins(e, own) if lock is opened)
    return tuple(ended)


def meets(graph: Graph, begin: Event, opened: Event) -> Term:
    """When what begins here waits for such a section: a flush for irq regions of others that run the mm, a grace period
    for those of its kind, or srcu_struct, on any thread."""
    terms = graph.terms
    if begin.kind is EventKind.FLUSH_BEGIN:
        assert begin.mm is not None
        runs = graph.program.threads[opened.thread].runs
        if opened.region != "irq" or opened.thread == begin.thread or not runs:
            return terms.false
        return terms.eq(begin.mm, terms.const(runs))
    if begin.region == "srcu":
        return terms.truth(is_lock(opened) and opened.cell == begin.domain)
    return terms.truth(opened.region in (("rcu", "irq") if graph.program.irq_readers else ("rcu",)))


def waits_for_srcu(body: Iterable[Statement]) -> bool:
    """Whether there is a grace period of SRCU."""
    return any(isinstance(event, Grace) and event.kind == "srcu" for event in events(body))
