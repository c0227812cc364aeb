"""Which waits wait for which sections: TLB flushes by IPI for irq-off regions, grace periods for read-side critical
sections.

A wait covers the sections that were open when it began. So for each such pair, a total order of all steps has either
the section's begin after the begin of the wait, or an end of the section before the end of the wait.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from encoder.graph.events import Event, EventKind, Graph
from encoder.graph.lock_balance import is_srcu_lock, is_srcu_unlock, matching_locks
from encoder.graph.term import Term
from encoder.program.core import Grace, Statement
from encoder.program.traverse import events


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The flush or grace period from `begin` to `end` waits, if `applies` holds, for the section that `section` begins.
    The section ends with any of `ends` that happens while its condition holds."""

    begin: Event
    end: Event
    section: Event
    applies: Term
    ends: tuple[tuple[Event, Term], ...]


def find_waits(graph: Graph) -> Iterator[Wait]:
    """Every pair of a wait and a section that it may have to wait for."""
    ends = [e for e in graph.events if e.kind in (EventKind.FLUSH_END, EventKind.GRACE_END)]
    sections = {section: section_ends(graph, section) for section in graph.events if ends and begins_section(section)}
    for end in ends:
        for begin in end.begins:
            for section, closed in sections.items():
                applies = waits_for(graph, begin, section)
                later = section.thread == begin.thread and section.step.index > begin.step.index
                if applies is not graph.terms.false and not later:
                    yield Wait(begin=begin, end=end, section=section, applies=applies, ends=closed)


def begins_section(event: Event) -> bool:
    """Whether the event begins an irq-off region or a read-side critical section."""
    return event.kind is EventKind.REGION_BEGIN or is_srcu_lock(event)


def section_ends(graph: Graph, section: Event) -> tuple[tuple[Event, Term], ...]:
    """The events that may end the section, or an outer one with it, each with the condition that it does."""
    own = graph.threads[section.thread].events
    later = [e for e in own if e.step.index > section.step.index]
    if section.kind is EventKind.REGION_BEGIN:
        return tuple((e, e.takes) for e in later if e.kind is EventKind.REGION_END and e.region == section.region)
    ended = ((e, ends) for e in later if is_srcu_unlock(e) for lock, ends in matching_locks(e, own) if lock is section)
    return tuple(ended)


def waits_for(graph: Graph, wait: Event, section: Event) -> Term:
    """The condition under which the wait that begins here covers such a section: a flush waits for irq-off regions of
    other threads that run the mm, a grace period for the sections of its kind, or of its srcu_struct, on any thread."""
    terms = graph.terms
    if wait.kind is EventKind.FLUSH_BEGIN:
        assert wait.mm is not None
        runs = graph.program.threads[section.thread].runs
        if section.region != "irq" or section.thread == wait.thread or not runs:
            return terms.false
        return terms.eq(wait.mm, terms.const(runs))
    if wait.region == "srcu":
        return terms.truth(is_srcu_lock(section) and section.cell == wait.domain)
    return terms.truth(section.region in (("rcu", "irq") if graph.program.irq_readers else ("rcu",)))


def has_srcu_grace_period(body: Iterable[Statement]) -> bool:
    """Whether the statements contain a synchronize_srcu()."""
    return any(isinstance(event, Grace) and event.kind == "srcu" for event in events(body))
