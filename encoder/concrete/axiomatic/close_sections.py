"""Sections that are still open where their thread has stopped end after every executed event.

Said in events: the execution goes on a little. Every thread writes to a location of its own, a reader with an open
section reads all of these, and only then ends its section. Every real execution that has come so far can go on so, and
nothing that is added comes before anything that was executed.
"""

from dataclasses import replace

from encoder.concrete.axiomatic.execution import Skeleton, execution, nested
from encoder.concrete.axiomatic.memory_events import ExecutedNode
from encoder.concrete.axiomatic.relations import RelationEvaluator
from encoder.memory.lkmm import srcu_rscs
from encoder.program.core import CellName


def close_sections(frame: Skeleton) -> Skeleton:
    """The execution with its open RCU and SRCU sections ended."""
    open_rcu = still_open(frame, "Rcu-lock", "Rcu-unlock")
    over = {lock for lock, _ in RelationEvaluator(execution(frame)).relation(srcu_rscs)}
    open_srcu = [node for node in frame.nodes if "Srcu-lock" in node.tags and node.number not in over]
    readers = sorted({node.thread for node in (*open_rcu, *open_srcu)})
    if not readers:
        return frame
    longer = _heard(frame, readers)
    for lock in open_rcu:
        longer, _ = _added(longer, lock.thread, "F", None, "Rcu-unlock")
    for lock in open_srcu:
        longer = _srcu_unlocked(longer, lock)
    return longer


def still_open(frame: Skeleton, begin: str, end: str) -> list[ExecutedNode]:
    """The begins of the sections that have no end."""
    over = {number for number, _ in nested(frame.nodes, begin, end)}
    return [node for node in frame.nodes if begin in node.tags and node.number not in over]


def _added(frame: Skeleton, thread: int, half: str, cell: CellName | None, tag: str) -> tuple[Skeleton, int]:
    number = len(frame.nodes)
    kinds = frozenset((half, tag) if half == "F" else (half, "M", tag))
    node = ExecutedNode(number=number, step=0, thread=thread, half=half, cell=cell, tags=kinds)
    return replace(frame, nodes=(*frame.nodes, node)), number


def _related(frame: Skeleton, name: str, *pairs: tuple[int, int]) -> Skeleton:
    return replace(frame, pairs={**frame.pairs, name: frame.pairs[name] | frozenset(pairs)})


def _heard(frame: Skeleton, readers: list[int]) -> Skeleton:
    """Every thread writes, and every reader then reads that."""
    written = []
    for thread in sorted({node.thread for node in frame.nodes}):
        cell = CellName(f"end of thread {thread}", "")
        frame, write = _added(frame, thread, "W", cell, "Once")
        written.append((write, cell))
    for reader in readers:
        for write, cell in written:
            frame, read = _added(frame, reader, "R", cell, "Once")
            frame = _related(frame, "rf", (write, read))
    return frame


def _srcu_unlocked(frame: Skeleton, lock: ExecutedNode) -> Skeleton:
    earlier = [node.number for node in frame.nodes if node.half == "W" and node.cell == lock.cell]
    frame, unlock = _added(frame, lock.thread, "W", lock.cell, "Srcu-unlock")
    return _related(_related(frame, "co", *((write, unlock) for write in earlier)), "data", (lock.number, unlock))
