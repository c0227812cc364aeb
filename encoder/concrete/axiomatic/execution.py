"""The execution in a memory model's terms: nodes, po, rf, co, fr, rmw, dependencies, and sections matched by
nesting."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from encoder.base.errors import SelfCheckError
from encoder.concrete.axiomatic.memory_events import ExecutedNode, executed_nodes
from encoder.concrete.axiomatic.relations import Execution, NodePair, Pairs, sequence
from encoder.concrete.axiomatic.thread_runs import ExecutedStep, ThreadRuns
from encoder.concrete.semantics.event_effect import EventEffect, Reads
from encoder.program.core import Cell, CellName

Coherence = Mapping[CellName, tuple[int, ...]]
"""For each location its executed writes, by step, in coherence order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """The nodes, indexed by their numbers, and the relations from which the others follow: rf, co, rmw, addr, data,
    ctrl, and of arm64 branch, direct-addr, direct-data."""

    nodes: tuple[ExecutedNode, ...]
    pairs: Mapping[str, Pairs]


def coherence_orders(
    cells: Sequence[Cell], done: Sequence[ExecutedStep], given: Mapping[str, Sequence[int]]
) -> Coherence:
    """The coherence order of every location. `given` has that of each location with several writes, by the location's
    name.

    Raises SelfCheckError where `given` names no location, or an order is not one of all writes to its location.
    """
    if strange := sorted(given.keys() - {str(cell.name) for cell in cells}):
        raise SelfCheckError(f"replay: there is no location {strange[0]}")
    found: dict[CellName, tuple[int, ...]] = {}
    for cell in cells:
        name, writes = str(cell.name), tuple(d.step for d in done if d.effect.cell == cell.name and d.effect.wrote)
        if len(writes) > 1 and name not in given:
            raise SelfCheckError(f"replay: {name} has {len(writes)} writes and no coherence order")
        order = tuple(given.get(name, writes))
        if sorted(order) != sorted(writes):
            raise SelfCheckError(f"replay: the steps that write {name} are {writes}, its coherence order has {order}")
        found[cell.name] = order
    return found


def build_skeleton(found: ThreadRuns, cells: Sequence[Cell], coherence: Coherence, instructions: str = "") -> Skeleton:
    """The execution that the steps and their coherence orders make. `instructions` is the model's (see
    `MemoryModel`)."""
    made = executed_nodes(found, frozenset(cell.name for cell in cells if cell.lock), instructions)
    writers = {node.step: node.number for node in made if node.kind == "W"}
    readers = {node.step: node.number for node in made if node.kind == "R"}
    orders = [[writers[step] for step in steps] for steps in coherence.values()]
    return Skeleton(
        nodes=tuple(made),
        pairs={
            "rf": frozenset((writers[n.source], n.number) for n in made if n.kind == "R" and n.source),
            "co": frozenset((a, b) for order in orders for place, a in enumerate(order) for b in order[place + 1 :]),
            "rmw": frozenset((readers[step], writers[step]) for step in readers.keys() & writers.keys()),
            "addr": _dependencies(found, made, readers, lambda effect: effect.address, ("R", "W")),
            "data": _dependencies(found, made, readers, lambda effect: effect.data, ("W",)),
            "ctrl": _dependencies(found, made, readers, lambda effect: effect.control, ("R", "W")),
            "branch": _dependencies(found, made, readers, lambda effect: effect.branched, ("R", "W")),
            "direct-addr": _dependencies(found, made, readers, lambda effect: effect.direct_address, ("R", "W")),
            "direct-data": _in_registers(
                made, _dependencies(found, made, readers, lambda effect: effect.direct_data, ("W",))
            ),
        },
    )


def _dependencies(
    found: ThreadRuns,
    made: Sequence[ExecutedNode],
    readers: Mapping[int, int],
    reads_of: Callable[[EventEffect], Reads],
    kinds: tuple[str, ...],
) -> Pairs:
    """Pairs from the read of each step that another step depends on (`reads_of` says which) to the nodes of that other
    step that are of one of these `kinds`."""
    steps = {(done.thread, done.index): done.step for done in found.done}
    targets: dict[int, list[int]] = {}
    for node in made:
        if node.kind in kinds:
            targets.setdefault(node.step, []).append(node.number)
    return frozenset(
        (readers[steps[done.thread, read]], target)
        for done in found.done
        for read in reads_of(done.effect)
        for target in targets.get(done.step, ())
    )


def _in_registers(made: Sequence[ExecutedNode], pairs: Pairs) -> Pairs:
    """The dependencies that are by registers: not within an atomic instruction, nor within a loop of load- and
    store-exclusive that stores what was computed before and only compares what it loads."""
    return frozenset(
        (a, b) for a, b in pairs if made[a].step != made[b].step or not (made[a].tags | made[b].tags) & {"Amo", "CBNZ"}
    )


def build_execution(skeleton: Skeleton) -> Execution:
    """All base relations that a model's axioms may name: those of the skeleton, and fr, po, int, ext, loc, id,
    same-value and rcu-rscs."""
    made = skeleton.nodes
    every = [(a, b) for a in made for b in made]
    inverse = frozenset((b, a) for a, b in skeleton.pairs["rf"])
    unread = {node.number for node in made if node.kind == "R"} - {read for read, _ in inverse}
    from_start = frozenset((a.number, b.number) for a, b in every if a.number in unread and _writes_to(b, a))
    tags = sorted({tag for node in made for tag in node.tags})
    return Execution(
        events=frozenset(node.number for node in made),
        tags={tag: frozenset(node.number for node in made if tag in node.tags) for tag in tags},
        given={
            **skeleton.pairs,
            "fr": (sequence(inverse, skeleton.pairs["co"]) | from_start),
            "po": frozenset((a.number, b.number) for a, b in every if a.thread == b.thread and a.number < b.number),
            "int": frozenset((a.number, b.number) for a, b in every if a.thread == b.thread),
            "ext": frozenset((a.number, b.number) for a, b in every if a.thread != b.thread),
            "loc": frozenset((a.number, b.number) for a, b in every if a.cell is not None and a.cell == b.cell),
            "id": frozenset((node.number, node.number) for node in made),
            "same-value": frozenset(
                (a.number, b.number) for a, b in every if a.value is not None and a.value == b.value
            ),
            "rcu-rscs": matched_sections(made, "Rcu-lock", "Rcu-unlock"),
            "rcu-open": frozenset(),  # `close_sections` ends what is open
        },
    )


def _writes_to(write: ExecutedNode, read: ExecutedNode) -> bool:
    return write.kind == "W" and write.cell == read.cell


def matched_sections(made: Sequence[ExecutedNode], begin: str, end: str) -> Pairs:
    """(begin, end) of each section, nested ones included, matched like parentheses within each thread."""
    open_: dict[int, list[int]] = {}
    pairs: set[NodePair] = set()
    for node in made:
        if begin in node.tags:
            open_.setdefault(node.thread, []).append(node.number)
        elif end in node.tags and open_.get(node.thread):
            pairs.add((open_[node.thread].pop(), node.number))
    return frozenset(pairs)
