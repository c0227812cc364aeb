"""Which pairs of events of different threads conflict, and which of them a common lock already orders."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from encoder.graph.events import Event, EventKind, Graph, LockSection
from encoder.graph.term import Term
from encoder.graph.waits import find_waits
from encoder.program.core import CellName


@dataclass(frozen=True, slots=True)
class Conflicts:
    """`relevant` holds the identities of the terms whose value affects a constraint or a goal. `pairs` are the pairs of
    events of two threads whose order matters. `ordered` are, for each thread, the events that need order literals of
    their own."""

    relevant: frozenset[int]
    pairs: tuple[tuple[Event, Event], ...]
    ordered: tuple[tuple[Event, ...], ...]


def find_conflicts(graph: Graph, goal_terms: frozenset[int], final_cells: frozenset[CellName]) -> Conflicts:
    """The conflicts of a graph. `goal_terms` are identities of terms in the goals, `final_cells` cells whose last
    values the goals read."""
    relevant = terms_in_use(graph) | goal_terms
    pairs = tuple(
        (a, b)
        for cell, events in by_cell(graph).items()
        if cell in final_cells or any(observes(e, graph, relevant) for e in events)
        for a, b in combinations(events, 2)
        if a.thread != b.thread and is_conflict(a, b, graph, relevant)
    ) + tuple(wait_conflicts(graph))
    to_order = {e for a, b in pairs if common_lock(a, b) is None for e in (a, b)}
    return Conflicts(
        relevant=relevant, pairs=pairs,
        ordered=tuple(tuple(e for e in t.events if e in to_order) for t in graph.threads),
    )  # fmt: skip


def by_cell(graph: Graph) -> dict[CellName, list[Event]]:
    """The events of each cell, in the order of `Graph.events`."""
    cells: dict[CellName, list[Event]] = {c.name: [] for c in graph.program.cells}
    for event in graph.events:
        if event.cell is not None:
            cells[event.cell].append(event)
    return cells


def is_conflict(a: Event, b: Event, graph: Graph, relevant: frozenset[int]) -> bool:
    """Whether the order of two accesses of one cell matters. Two additions to a counter commute."""
    if (a.mode == "read" and b.mode == "read") or any(
        e.kind is EventKind.READ and not observes(e, graph, relevant) for e in (a, b)
    ):
        return False
    if a.cell in graph.counters:
        return (a.may_write and observes(b, graph, relevant)) or (b.may_write and observes(a, graph, relevant))
    return a.may_write or b.may_write


def observes(event: Event, graph: Graph, relevant: frozenset[int]) -> bool:
    """Whether the cell's value before the event matters: a relevant term depends on what it reads, it acquires a lock,
    or it is a store to a counter, which is encoded as adding the difference."""
    stores = event.kind is EventKind.WRITE and event.cell in graph.counters
    return stores or event.kind is EventKind.ACQUIRE or any(t.ident in relevant for t in event.reads)


def wait_conflicts(graph: Graph) -> list[tuple[Event, Event]]:
    """The pairs that a wait for another thread's section compares: begin of section with begin of wait, ends of section
    with end of wait."""
    waits = (
        pair
        for wait in find_waits(graph)
        if wait.section.thread != wait.end.thread
        for pair in ((wait.section, wait.begin), *((end, wait.end) for end, _ in wait.ends))
    )
    return list(dict.fromkeys(waits))


def common_lock(a: Event, b: Event) -> tuple[LockSection, LockSection] | None:
    """The critical sections of a common lock that contain the two events, for the outermost such lock; None if there is
    none."""
    for outer in a.held:
        for other in b.held:
            if outer[0].cell == other[0].cell and any(e.mode != "read" for e in outer + other):
                return outer, other
    return None


def is_stray(event: Event, section: LockSection, listed: Iterable[Event]) -> bool:
    """Whether one of these events of the same thread is outside of the section, but listed between its begin and an
    event that is inside. That is so where a section ends on several branches, and others follow on one of them. Where a
    stray event does not happen, its place in the listing says nothing of when the section was."""
    between = range(section[-1].step.index + 1, event.step.index)
    return any(each.step.index in between and section not in each.held for each in listed)


def terms_in_use(graph: Graph) -> frozenset[int]:
    """The identities of all subterms of guards, addresses, conditions, variables and written values."""
    roots: list[Term] = []
    for event in graph.events:
        roots += [event.step.guard, event.target, event.succeeds, event.await_]
        if event.delta is not None:
            roots.append(event.delta)
        if event.mm is not None:
            roots.append(event.mm)
        if event.writes is not None and (event.cell not in graph.counters or event.kind is EventKind.WRITE):
            roots += event.writes
    for thread in graph.threads:
        roots += [t for d in thread.definitions for t in (d.guard, d.value)]
        roots += [stop.guard for stop in thread.bounds + thread.faults + thread.unheld]
    return subterm_ids(roots)


def subterm_ids(roots: list[Term]) -> frozenset[int]:
    """The identities of all subterms of `roots`, which is emptied."""
    seen: set[int] = set()
    while roots:
        term = roots.pop()
        if term.ident not in seen:
            seen.add(term.ident)
            roots.extend(term.args)
    return frozenset(seen)
