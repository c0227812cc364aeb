"""A step as the nodes of a memory model: a read-modify-write is a read and a write, with its fences if it succeeds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from encoder.concrete.axiomatic.arm64_code import NodePart, chosen, parts
from encoder.concrete.axiomatic.thread_runs import ExecutedStep, ThreadRuns
from encoder.concrete.semantics.event_effect import PartialWord
from encoder.program.core import Acquire, CellName, Fence, Flush, Grace, Load, Region, Release, Rmw, Store

_REGIONS = {
    ("rcu", True): "Rcu-lock",
    ("rcu", False): "Rcu-unlock",
    ("irq", True): "Irq-begin",
    ("irq", False): "Irq-end",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedNode:
    """One event of the memory model. A thread's nodes are numbered in program order.

    `kind` is R (read), W (write) or F (fence). `step` is the step that the node belongs to, 0 for one that only closes
    a section (see `close_sections`). Among fences only those of a grace period have a location: the srcu_struct; the
    fence of its begin has no tag, as it orders nothing. `source` is the step that is read from (0: the start), `value`
    the word that is read or written.
    """

    number: int
    step: int
    thread: int
    kind: str
    cell: CellName | None
    tags: frozenset[str]
    source: int | None = None
    value: PartialWord | None = None


def executed_nodes(found: ThreadRuns, locks: frozenset[CellName], instructions: str = "") -> list[ExecutedNode]:
    """The nodes of what the threads did, thread by thread. `locks` are the cells that are locks; `instructions` is the
    model's (see `MemoryModel`)."""
    made: list[ExecutedNode] = []
    for thread in range(len(found.runs)):
        for done in found.of_thread(thread):
            for kind, tags in _compiled(done, instructions) if instructions else _halves(done, locks):
                made.append(_node(len(made), done, kind, tags))
    return made


def _node(number: int, done: ExecutedStep, kind: str, tags: tuple[str, ...]) -> ExecutedNode:
    kinds = (kind,) if kind == "F" else (kind, "M")
    value = {"R": done.effect.read, "W": done.effect.written}.get(kind)
    located = kind != "F" or isinstance(done.effect.event, Grace)
    return ExecutedNode(
        number=number,
        step=done.step,
        thread=done.thread,
        kind=kind,
        cell=done.effect.cell if located else None,
        tags=frozenset((*kinds, *tags)),
        source=done.source if kind == "R" else None,
        value=value,
    )


def _compiled(done: ExecutedStep, instructions: str) -> Iterator[NodePart]:
    """The nodes of a step's code on arm64; what marks sections, flushes and grace periods is as for other models."""
    event = done.effect.event
    if isinstance(event, Region | Flush | Grace):
        yield from _halves(done, frozenset())
        return
    marks = {"R": "srcu-lock", "W": "srcu-unlock"}
    order = event.order if isinstance(event, Load | Store) else ""
    for kind, tags in parts(
        chosen(event.arm64, instructions), reading=done.effect.reading, wrote=bool(done.effect.wrote)
    ):
        yield kind, (*tags, order.capitalize()) if order and order == marks.get(kind) else tags


def _halves(done: ExecutedStep, locks: frozenset[CellName]) -> Iterator[NodePart]:
    wrote = bool(done.effect.wrote)
    match done.effect.event:
        case Load(order=order):
            yield "R", ("RL",) if done.effect.cell in locks else _tags(order, "acquire", "noreturn", "srcu-lock")
        case Store(order=order):
            yield "W", _tags(order, "release", "srcu-unlock")
        case Rmw() as event:
            yield from _rmw_halves(event, wrote)
        case Acquire():
            yield "R", ("LKR" if wrote else "LF", "Once")
            if wrote:
                yield "W", ("LKW",)
        case Release(mode=mode):
            if mode == "read":
                yield "R", ("Once",)
            yield "W", ("UL",)
        case Fence(kind=kind):
            yield "F", (kind.capitalize(),)
        case Region(kind=kind, begin=begin):
            yield "F", (_REGIONS[kind, begin],)
        case Flush(begin=begin):
            yield "F", ("Flush-begin" if begin else "Flush-end", "Mb")
        case Grace(kind=kind, begin=begin):
            yield "F", () if begin else (f"Sync-{kind}",)
        case never:
            assert_never(never)


def _tags(order: str, *strong: str) -> tuple[str, ...]:
    """The tag of an access's ordering; a plain access has none, and one whose ordering is not among `strong` is
    `Once`."""
    if order == "plain":
        return ()
    return (order.capitalize(),) if order in strong else ("Once",)


def _rmw_halves(event: Rmw, wrote: bool) -> Iterator[NodePart]:
    """The nodes of a read-modify-write. One that fails has neither fences nor ordering, but for `noreturn`, and for
    being locked on x86 (`fails_locked`)."""
    locked = ("Locked",) if event.fails_locked else ()
    fences = wrote and "mb" in (event.read_order, event.write_order)
    if fences:
        yield "F", ("Mb",)
    if event.read_order == "noreturn" or wrote:
        yield "R", ("RMW", "Once", *locked, *_tags(event.read_order, "acquire", "noreturn", "srcu-lock"))
    else:
        yield "R", ("RMW", "Once", *locked)
    if wrote:
        yield "W", ("RMW", *_tags(event.write_order, "release", "srcu-unlock"), "Once")
        if fences:
            yield "F", ("Mb",)
