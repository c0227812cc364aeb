"""What happened as an execution of a memory model: nodes, po, rf, co, fr, rmw, dependencies, sections by nesting."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from encoder.base.errors import SelfCheckError
from encoder.concrete.axiomatic.memory_events import ExecutedNode, nodes
from encoder.concrete.axiomatic.relations import Execution, NodePair, Pairs, sequence
from encoder.concrete.axiomatic.thread_runs import Done, ThreadRuns
from encoder.concrete.semantics.event_effect import EventEffect, Reads
from encoder.program.core import Cell, CellName

Coherence = Mapping[CellName, tuple[int, ...]]
"""For each location its executed writes, by step, in coherence order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """Nodes, by number, and the relations that the others follow from: rf, co, rmw, addr, data, ctrl."""

    nodes: tuple[ExecutedNode, ...]
    pairs: Mapping[str, Pairs]


def coherent(cells: Sequence[Cell], done: Sequence[Done], given: Mapping[str, Sequence[int]]) -> Coherence:
    """The coherence order of every location; `given` has those with several writes, by the location's name.

    Raises SelfCheckError where it is not one order of all writes.
    """
    if strange := sorted(given.keys() - {str(cell.name) for cell in cells}):
        raise SelfCheckError(f"replay: there is no location {strange[0]}")
    found: dict[CellName, tuple[int, ...]] = {}
    for cell in cells:
        name, writes = str(cell.name), tuple(d.step for d in done if d.deed.cell == cell.name and d.deed.wrote)
        if len(writes) > 1 and name not in given:
            raise SelfCheckError(f"replay: {name} has {len(writes)} writes and no coherence order")
        order = tuple(given.get(name, writes))
        if sorted(order) != sorted(writes):
            raise SelfCheckError(f"replay: the steps that write {name} are {writes}, its coherence order has {order}")
        found[cell.name] = order
    return found


def skeleton(found: ThreadRuns, cells: Sequence[Cell], coherence: Coherence) -> Skeleton:
    """The execution that the steps and the coherence order make."""
    made = nodes(found, frozenset(cell.name for cell in cells if cell.lock))
    writers = {node.step: node.number for node in made if node.half == "W"}
    readers = {node.step: node.number for node in made if node.half == "R"}
    orders = [[writers[step] for step in steps] for steps in coherence.values()]
    return Skeleton(
        nodes=tuple(made),
        pairs={
            "rf": frozenset((writers[n.source], n.number) for n in made if n.half == "R" and n.source),
            "co": frozenset((a, b) for order in orders for place, a in enumerate(order) for b in order[place + 1 :]),
            "rmw": frozenset((readers[step], writers[step]) for step in readers.keys() & writers.keys()),
            "addr": _dependencies(found, made, readers, lambda deed: deed.address, ("R", "W")),
            "data": _dependencies(found, made, readers, lambda deed: deed.data, ("W",)),
            "ctrl": _dependencies(found, made, readers, lambda deed: deed.control, ("R", "W")),
        },
    )


def _dependencies(
    found: ThreadRuns,
    made: Sequence[ExecutedNode],
    readers: Mapping[int, int],
    kind: Callable[[EventEffect], Reads],
    halves: tuple[str, ...],
) -> Pairs:
    """From the read half of each event that another one depends on to these halves of that one."""
    steps = {(done.thread, done.index): done.step for done in found.done}
    targets: dict[int, list[int]] = {}
    for node in made:
        if node.half in halves:
            targets.setdefault(node.step, []).append(node.number)
    return frozenset(
        (readers[steps[done.thread, read]], target)
        for done in found.done
        for read in kind(done.deed)
        for target in targets.get(done.step, ())
    )


def execution(frame: Skeleton) -> Execution:
    """All that a model's axioms may name."""
    made = frame.nodes
    every = [(a, b) for a in made for b in made]
    inverse = frozenset((b, a) for a, b in frame.pairs["rf"])
    unread = {node.number for node in made if node.half == "R"} - {read for read, _ in inverse}
    from_start = frozenset((a.number, b.number) for a, b in every if a.number in unread and _writes_to(b, a))
    tags = sorted({tag for node in made for tag in node.tags})
    return Execution(
        events=frozenset(node.number for node in made),
        tags={tag: frozenset(node.number for node in made if tag in node.tags) for tag in tags},
        given={
            **frame.pairs,
            "fr": (sequence(inverse, frame.pairs["co"]) | from_start),
            "po": frozenset((a.number, b.number) for a, b in every if a.thread == b.thread and a.number < b.number),
            "int": frozenset((a.number, b.number) for a, b in every if a.thread == b.thread),
            "ext": frozenset((a.number, b.number) for a, b in every if a.thread != b.thread),
            "loc": frozenset((a.number, b.number) for a, b in every if a.cell is not None and a.cell == b.cell),
            "id": frozenset((node.number, node.number) for node in made),
            "same-value": frozenset(
                (a.number, b.number) for a, b in every if a.value is not None and a.value == b.value
            ),
            "rcu-rscs": nested(made, "Rcu-lock", "Rcu-unlock"),
        },
    )


def _writes_to(write: ExecutedNode, read: ExecutedNode) -> bool:
    return write.half == "W" and write.cell == read.cell


def nested(made: Sequence[ExecutedNode], begin: str, end: str) -> Pairs:
    """The begin and end of each section, the inner ones too, matched as brackets are, thread by thread."""
    open_: dict[int, list[int]] = {}
    pairs: set[NodePair] = set()
    for node in made:
        if begin in node.tags:
            open_.setdefault(node.thread, []).append(node.number)
        elif end in node.tags and open_.get(node.thread):
            pairs.add((open_[node.thread].pop(), node.number))
    return frozenset(pairs)
