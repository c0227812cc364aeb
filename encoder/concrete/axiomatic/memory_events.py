"""Steps as a memory model counts them: a read-modify-write is a read and a write, with its fences where it succeeds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from encoder.concrete.axiomatic.thread_runs import Done, ThreadRuns
from encoder.concrete.semantics.event_effect import Partial
from encoder.program.core import Acquire, CellName, Fence, Flush, Grace, Load, Region, Release, Rmw, Store

_REGIONS = {
    ("rcu", True): "Rcu-lock",
    ("rcu", False): "Rcu-unlock",
    ("irq", True): "Irq-begin",
    ("irq", False): "Irq-end",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedNode:
    """One event of the model. A thread's nodes are numbered in program order; `half` is R, W or F; `step` is the step
    that it is part of, 0 for what only closes a section (see `closing`). Of fences only those of a grace period have a
    location, its SRCU struct; that of its begin has no tag, as it orders nothing. `source` is the step that is read
    from, `value` what is read or written."""

    number: int
    step: int
    thread: int
    half: str
    cell: CellName | None
    tags: frozenset[str]
    source: int | None = None
    value: Partial | None = None


NodePart = tuple[str, tuple[str, ...]]
"""A half and its tags."""


def nodes(found: ThreadRuns, locks: frozenset[CellName]) -> list[ExecutedNode]:
    """The nodes of what happened. `locks` are the cells that are locks."""
    made: list[ExecutedNode] = []
    for thread in range(len(found.walks)):
        for done in found.of(thread):
            for half, tags in _parts(done, locks):
                made.append(_node(len(made), done, half, tags))
    return made


def _node(number: int, done: Done, half: str, tags: tuple[str, ...]) -> ExecutedNode:
    kinds = (half,) if half == "F" else (half, "M")
    value = {"R": done.deed.read, "W": done.deed.written}.get(half)
    located = half != "F" or isinstance(done.deed.event, Grace)
    return ExecutedNode(
        number=number,
        step=done.step,
        thread=done.thread,
        half=half,
        cell=done.deed.cell if located else None,
        tags=frozenset((*kinds, *tags)),
        source=done.source if half == "R" else None,
        value=value,
    )


def _parts(done: Done, locks: frozenset[CellName]) -> Iterator[NodePart]:
    wrote = bool(done.deed.wrote)
    match done.deed.event:
        case Load(order=order):
            yield "R", ("RL",) if done.deed.cell in locks else _tags(order, "acquire", "noreturn", "srcu-lock")
        case Store(order=order):
            yield "W", _tags(order, "release", "srcu-unlock")
        case Rmw() as event:
            yield from _modifying(event, wrote)
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
    """The tag of an access's order: plain has none."""
    if order == "plain":
        return ()
    return (order.capitalize(),) if order in strong else ("Once",)


def _modifying(event: Rmw, wrote: bool) -> Iterator[NodePart]:
    """Nothing but what a `noreturn` read is survives a failure, and that x86 locks it."""
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
