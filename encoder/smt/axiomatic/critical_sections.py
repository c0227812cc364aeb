"""Critical sections: what a lock already orders, so that other constraints need not."""

from collections.abc import Mapping
from dataclasses import dataclass

from encoder.graph.conflicts import is_stray
from encoder.graph.events import Event, EventKind, Graph
from encoder.graph.term import Terms
from encoder.program.core import CellName
from encoder.smt.axiomatic.memory_events import EventNode


def critical_sections(graph: Graph, nodes: list[EventNode], *, orders_sections: bool) -> "CriticalSections":
    """The critical sections of a graph's locks. There are none if `orders_sections` is false: the model does not order
    them, or they have to be named by facts."""
    taken = {n.event: n for n in nodes if n.half == "W" and n.event.kind is EventKind.ACQUIRE}
    matched = orders_sections and not any(thread.unheld for thread in graph.threads)
    return CriticalSections(
        acquisition_of=_matching_acquisitions(graph.terms, nodes) if matched else {}, taken=taken, matched=matched,
        passed=frozenset(e for e in graph.events if _may_be_passed(graph, e, taken)) if matched else frozenset(),
    )  # fmt: skip


def _may_be_passed(graph: Graph, event: Event, taken: Mapping[Event, EventNode]) -> bool:
    """Whether the thread may go on behind the event although it never was inside of a section that the event is in, or
    had left it: by a branch around the section, or because the event is stray."""
    listed = graph.threads[event.thread].events
    return any(
        is_stray(event, section, listed) or any(taken[each].path for each in section if each in taken)
        for section in event.held
    )


def _matching_acquisitions(terms: Terms, nodes: list[EventNode]) -> dict[EventNode, EventNode]:
    """For each release the acquisition whose critical section it certainly ends."""
    latest: dict[tuple[int, CellName], EventNode] = {}
    acquisition_of: dict[EventNode, EventNode] = {}
    for node in nodes:
        if node.half == "W" and node.cell is not None and node.event.kind in (EventKind.ACQUIRE, EventKind.RELEASE):
            key = (node.thread, node.cell)
            taken = latest.pop(key, None)
            if node.event.kind is EventKind.ACQUIRE and node.event.mode != "read":
                latest[key] = node
            elif taken is not None and _ends(terms, taken, node):
                acquisition_of[node] = taken
    return acquisition_of


def _ends(terms: Terms, taken: EventNode, release: EventNode) -> bool:
    """Whether the release, wherever it happens, ends the critical section of this acquisition."""
    took = terms.and_(taken.event.step.guard, taken.event.succeeds)
    return took is release.event.step.guard and taken.event.target is release.event.target


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalSections:
    """`acquisition_of` maps a release to the acquisition whose section it ends, `taken` an acquisition to its write.
    `matched`: no thread releases a lock that it does not hold; only then do sections exclude each other. `passed` are
    the events of which their sections say nothing if they do not happen (see `separating_locks`)."""

    acquisition_of: dict[EventNode, EventNode]
    taken: dict[Event, EventNode]
    matched: bool
    passed: frozenset[Event]

    def co_representative(self, write: EventNode) -> EventNode:
        """The write that stands for this one in co: for a release its acquisition, since nothing comes between the
        two."""
        return self.acquisition_of.get(write, write)

    def separating_locks(self, a: EventNode, b: EventNode) -> tuple[EventNode, EventNode] | None:
        """The acquisitions of a lock in whose critical sections the two accesses, of different threads, are; None if
        there is no such lock.

        Whichever section is first, hb leads from its accesses to those of the other: by the release, the lock's own
        writes and the acquisition. So co, rf and fr between the two accesses go the same way and add nothing to an
        order. They add nothing to a path that has left the order either (`PropPath`): a path that reaches an access of
        the first section reaches, by the release and the read-modify-writes of the lock, the acquisition of the second,
        from which the same fences lead on as from every later access.

        co is total over all writes, those that do not happen among them, and within a thread it is the listing order. A
        write that does not happen can be put right behind the last event before it in that order that happens: if that
        is in the same section, or if its thread does nothing more, what the sections say of the write contradicts
        nothing. For a stray one, and where the thread passes the section by, it may: what others write between two of
        the thread's writes outside of it would have to be before the one and after the other. Such writes are `passed`:
        co need be total over them only where they happen.
        """
        if a.thread == b.thread or a.cell is None or not self.matched:
            return None
        for one in a.event.held:
            for other in b.event.held:
                if one[0].cell == other[0].cell != a.cell and len(one) == len(other) == 1:
                    ends = self.taken.get(one[0]), self.taken.get(other[0])
                    if ends[0] and ends[1] and "read" not in (one[0].mode, other[0].mode):
                        return ends[0], ends[1]
        return None
