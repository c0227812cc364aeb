"""Critical sections that are still open where their thread has stopped: they end after every executed event.

This is expressed by extending the execution. Every thread that has an event writes to a new location of its own; every
thread with an open RCU or SRCU section reads all these locations, and only then ends its section. Every real execution
that has come this far can be continued in this way, and no added event precedes an executed one.
"""

from dataclasses import replace

from encoder.concrete.axiomatic.execution import Skeleton, build_execution, matched_sections
from encoder.concrete.axiomatic.memory_events import ExecutedNode
from encoder.concrete.axiomatic.relations import RelationEvaluator
from encoder.memory.lkmm import srcu_rscs
from encoder.program.core import CellName


def close_sections(skeleton: Skeleton) -> Skeleton:
    """The execution with an end added for every open RCU and SRCU section."""
    open_rcu = open_sections(skeleton, "Rcu-lock", "Rcu-unlock")
    closed = {lock for lock, _ in RelationEvaluator(build_execution(skeleton)).relation(srcu_rscs)}
    open_srcu = [node for node in skeleton.nodes if "Srcu-lock" in node.tags and node.number not in closed]
    readers = sorted({node.thread for node in (*open_rcu, *open_srcu)})
    if not readers:
        return skeleton
    longer = _with_final_reads(skeleton, readers)
    for lock in open_rcu:
        longer, _ = _with_node(longer, lock.thread, "F", None, "Rcu-unlock")
    for lock in open_srcu:
        longer = _with_srcu_unlock(longer, lock)
    return longer


def open_sections(skeleton: Skeleton, begin: str, end: str) -> list[ExecutedNode]:
    """The begin events tagged `begin` that no event tagged `end` matches."""
    closed = {number for number, _ in matched_sections(skeleton.nodes, begin, end)}
    return [node for node in skeleton.nodes if begin in node.tags and node.number not in closed]


def _with_node(skeleton: Skeleton, thread: int, kind: str, cell: CellName | None, tag: str) -> tuple[Skeleton, int]:
    number = len(skeleton.nodes)
    kinds = frozenset((kind, tag) if kind == "F" else (kind, "M", tag))
    node = ExecutedNode(number=number, step=0, thread=thread, kind=kind, cell=cell, tags=kinds)
    return replace(skeleton, nodes=(*skeleton.nodes, node)), number


def _with_pairs(skeleton: Skeleton, name: str, *pairs: tuple[int, int]) -> Skeleton:
    return replace(skeleton, pairs={**skeleton.pairs, name: skeleton.pairs[name] | frozenset(pairs)})


def _with_final_reads(skeleton: Skeleton, readers: list[int]) -> Skeleton:
    """Adds a write by every thread and, by each reader, a read from each of these writes."""
    written = []
    for thread in sorted({node.thread for node in skeleton.nodes}):
        cell = CellName(f"end of thread {thread}", "")
        skeleton, write = _with_node(skeleton, thread, "W", cell, "Once")
        written.append((write, cell))
    for reader in readers:
        for write, cell in written:
            skeleton, read = _with_node(skeleton, reader, "R", cell, "Once")
            skeleton = _with_pairs(skeleton, "rf", (write, read))
    return skeleton


def _with_srcu_unlock(skeleton: Skeleton, lock: ExecutedNode) -> Skeleton:
    earlier = [node.number for node in skeleton.nodes if node.kind == "W" and node.cell == lock.cell]
    skeleton, unlock = _with_node(skeleton, lock.thread, "W", lock.cell, "Srcu-unlock")
    return _with_pairs(
        _with_pairs(skeleton, "co", *((write, unlock) for write in earlier)), "data", (lock.number, unlock)
    )
