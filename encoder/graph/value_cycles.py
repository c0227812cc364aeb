"""Circles in which values may come from themselves: what a read returns, by way of other threads, from that read.

    circles(threads) -> the accesses on such circles that no memory model here forbids

A value goes from a write to a read of its cell, and from a read to the value that a later write of its thread is made
from (data) or to the place that a later access has (address). Under the kernel's model a circle of marked accesses is
forbidden: from a read to a write that depends on it, and to a read whose address does, leads `ppo` (`(addr | data) ;
[W]`, `addr ; [R]`); from a write to another thread's read of it `rfe`; and where a thread reads its own write, `ppo`
leads on to that read from what the write depends on (`(addr | data) ; [Marked] ; rfi`). All of these are in `hb`, which
is acyclic; a circle has an edge between two threads, or it would go back in program order. Of a plain access `hb` says
nothing, so a circle with one is possible.
"""

from collections.abc import Iterable, Mapping

from encoder.graph.events import Event, ThreadGraph
from encoder.program.core import Statement
from encoder.program.traverse import events, orders

ReadPlace = tuple[int, int]
"""An event: its thread and its uid."""


def circles(threads: Iterable[ThreadGraph]) -> frozenset[ReadPlace]:
    """The accesses on a circle with a plain one."""
    events = [e for thread in threads for e in thread.events if e.cell is not None]
    plain = [(e.thread, e.uid) for e in events if "plain" in e.tags]
    if not plain:
        return frozenset()
    after = _flow(events)
    before = _reversed(after)
    found: set[ReadPlace] = set()
    for place in plain:
        if place not in found:
            found |= _reach(place, after) & _reach(place, before)
    return frozenset(found)


def has_plain(body: Iterable[Statement]) -> bool:
    """Whether some access is plain."""
    return any("plain" in orders(event) for event in events(body))


def _flow(events: list[Event]) -> dict[ReadPlace, set[ReadPlace]]:
    """From each event the events to which a value goes from there. A read-modify-write is one place: what it writes
    follows what it reads."""
    found: dict[ReadPlace, set[ReadPlace]] = {(e.thread, e.uid): set() for e in events}
    for event in events:
        here = event.thread, event.uid
        for uid, _ in (*event.data, *event.address):
            if (event.thread, uid) in found:
                found[event.thread, uid].add(here)
    readers: dict[object, list[Event]] = {}
    for event in events:
        if event.reads:
            readers.setdefault(event.cell, []).append(event)
    for event in events:
        if event.writes is not None:
            for reader in readers.get(event.cell, ()):
                if reader.thread != event.thread or reader.uid > event.uid:
                    found[event.thread, event.uid].add((reader.thread, reader.uid))
    return found


def _reversed(flow: Mapping[ReadPlace, set[ReadPlace]]) -> dict[ReadPlace, set[ReadPlace]]:
    found: dict[ReadPlace, set[ReadPlace]] = {place: set() for place in flow}
    for place, others in flow.items():
        for other in others:
            found[other].add(place)
    return found


def _reach(start: ReadPlace, flow: Mapping[ReadPlace, set[ReadPlace]]) -> set[ReadPlace]:
    """Where a value may go from a place; the place itself only if it comes back."""
    seen: set[ReadPlace] = set()
    todo = [start]
    while todo:
        for other in flow[todo.pop()] - seen:
            seen.add(other)
            todo.append(other)
    return seen
