"""Cycles in which values may justify themselves: a read's value determines, by way of other threads, that same read.

A value flows from a write to a read of its cell, and from a read to the value that a later write of its thread computes
from it (data) or to the place of a later access (address). LKMM forbids such a cycle of marked accesses. `ppo` leads
from a read to a write that depends on it, and to a read whose address depends on it (`(addr | data) ; [W]`, `addr ;
[R]`). `rfe` leads from a write to another thread's read of it. Where a thread reads its own write, `ppo` leads to that
read from whatever the write depends on (`(addr | data) ; [Marked] ; rfi`). All of these are in `hb`, which is acyclic;
and a cycle has an edge between two threads, or it would go backwards in program order. `hb` says nothing about plain
accesses, so a cycle with one is possible.
"""

from collections.abc import Iterable

from encoder.graph.components import components
from encoder.graph.events import Event, ThreadGraph
from encoder.program.core import Statement
from encoder.program.traverse import events, orders

EventKey = tuple[int, int]
"""An event, as (thread, uid)."""


def value_cycles(threads: Iterable[ThreadGraph]) -> frozenset[EventKey]:
    """The accesses on cycles that contain a plain access."""
    events = [e for thread in threads for e in thread.events if e.cell is not None]
    plain = [(e.thread, e.uid) for e in events if "plain" in e.tags]
    if not plain:
        return frozenset()
    flow = _flow(events)
    part = components(flow)
    cyclic = {part[event] for event, others in flow.items() if any(part[other] == part[event] for other in others)}
    wanted = cyclic.intersection(part[event] for event in plain)
    return frozenset(event for event in flow if part[event] in wanted)


def has_plain(body: Iterable[Statement]) -> bool:
    """Whether some access is plain."""
    return any("plain" in orders(event) for event in events(body))


def _flow(events: list[Event]) -> dict[EventKey, set[EventKey]]:
    """For each event the events that its value flows to. A read-modify-write is one vertex, since what it writes
    follows what it reads."""
    flow: dict[EventKey, set[EventKey]] = {(e.thread, e.uid): set() for e in events}
    for event in events:
        here = event.thread, event.uid
        for uid, _ in (*event.data, *event.address):
            if (event.thread, uid) in flow:
                flow[event.thread, uid].add(here)
    readers: dict[object, list[Event]] = {}
    for event in events:
        if event.reads:
            readers.setdefault(event.cell, []).append(event)
    for event in events:
        if event.writes is not None:
            for reader in readers.get(event.cell, ()):
                if reader.thread != event.thread or reader.uid > event.uid:
                    flow[event.thread, event.uid].add((reader.thread, reader.uid))
    return flow
