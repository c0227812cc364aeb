"""Which events another thread can conflict with, and which of these a common lock orders already."""

from dataclasses import dataclass
from itertools import combinations

from encoder.graph.events import Event, EventKind, Graph, LockSection
from encoder.graph.term import Term
from encoder.graph.waits import waits
from encoder.program.core import CellName


@dataclass(frozen=True, slots=True)
class Conflicts:
    """`used` are the identities of terms whose value matters to somebody; `conflicts` the pairs of events of two
    threads whose order matters; `placed` the events that need a place of their own in the order, by thread."""

    used: frozenset[int]
    conflicts: tuple[tuple[Event, Event], ...]
    placed: tuple[tuple[Event, ...], ...]


def places(graph: Graph, wanted: frozenset[int], finals: frozenset[CellName]) -> Conflicts:
    """Find the conflicts and the events to be placed. `wanted` are terms, `finals` cells that the property uses."""
    used = needed(graph) | wanted
    conflicts = tuple(
        (a, b)
        for cell, events in by_cell(graph).items()
        if cell in finals or any(observes(e, graph, used) for e in events)
        for a, b in combinations(events, 2)
        if a.thread != b.thread and conflict(a, b, graph, used)
    ) + tuple(wait_conflicts(graph))
    unprotected = {e for a, b in conflicts if common_lock(a, b) is None for e in (a, b)}
    return Conflicts(
        used=used, conflicts=conflicts,
        placed=tuple(tuple(e for e in t.events if e in unprotected) for t in graph.threads),
    )  # fmt: skip


def by_cell(graph: Graph) -> dict[CellName, list[Event]]:
    cells: dict[CellName, list[Event]] = {c.name: [] for c in graph.program.cells}
    for event in graph.events:
        if event.cell is not None:
            cells[event.cell].append(event)
    return cells


def conflict(a: Event, b: Event, graph: Graph, used: frozenset[int]) -> bool:
    """Whether the order of two accesses of a cell matters. Adding to a counter commutes with adding to it."""
    if (a.mode == "read" and b.mode == "read") or any(
        e.kind is EventKind.READ and not observes(e, graph, used) for e in (a, b)
    ):
        return False
    if a.cell in graph.summed:
        return (a.may_write and observes(b, graph, used)) or (b.may_write and observes(a, graph, used))
    return a.may_write or b.may_write


def observes(event: Event, graph: Graph, used: frozenset[int]) -> bool:
    """Whether what was in the cell before the event matters: somebody uses what it read, it is an acquisition, or it
    stores to a counter, which adds the difference."""
    stores = event.kind is EventKind.WRITE and event.cell in graph.summed
    return stores or event.kind is EventKind.ACQUIRE or any(t.ident in used for t in event.reads)


def wait_conflicts(graph: Graph) -> list[tuple[Event, Event]]:
    """What a wait for sections of other threads is about: its begin against theirs, its end against theirs."""
    pairs = (
        pair
        for wait in waits(graph)
        if wait.opened.thread != wait.end.thread
        for pair in ((wait.opened, wait.begin), *((end, wait.end) for end, _ in wait.ends))
    )
    return list(dict.fromkeys(pairs))


def common_lock(a: Event, b: Event) -> tuple[LockSection, LockSection] | None:
    """The critical sections of one lock in which the two events are, the outermost such lock."""
    for outer in a.held:
        for other in b.held:
            if outer[0].cell == other[0].cell and any(e.mode != "read" for e in outer + other):
                return outer, other
    return None


def needed(graph: Graph) -> frozenset[int]:
    """The leaves that guards, addresses, conditions, variables and values are made of."""
    roots: list[Term] = []
    for event in graph.events:
        roots += [event.step.guard, event.target, event.succeeds, event.await_]
        if event.delta is not None:
            roots.append(event.delta)
        if event.mm is not None:
            roots.append(event.mm)
        if event.writes is not None and (event.cell not in graph.summed or event.kind is EventKind.WRITE):
            roots += event.writes
    for thread in graph.threads:
        roots += [t for d in thread.definitions for t in (d.guard, d.value)]
        roots += [stop.guard for stop in thread.bounds + thread.faults + thread.unheld]
    return closure(roots)


def closure(roots: list[Term]) -> frozenset[int]:
    """The identities of all subterms."""
    seen: set[int] = set()
    while roots:
        term = roots.pop()
        if term.ident not in seen:
            seen.add(term.ident)
            roots.extend(term.args)
    return frozenset(seen)
