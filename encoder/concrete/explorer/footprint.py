"""Footprints for partial-order reduction: cells that a thread may still touch, and property atoms that it can
change."""

from collections.abc import Iterable
from typing import assert_never

from encoder.concrete.explorer.pointers import Pointers
from encoder.concrete.interleaving.code import (
    BeyondBound,
    BranchUnless,
    CompiledThread,
    EndThread,
    Jump,
    LoopHead,
    PerformEvent,
    SetVariable,
)
from encoder.program.core import (
    Arith,
    CellName,
    Choose,
    Const,
    Ended,
    EventStatement,
    Expr,
    Flush,
    Grace,
    Instance,
    Leaf,
    Op,
    ThreadVar,
)
from encoder.program.traverse import leaves, map_expression, place_of

FLUSH = -2
GRACE = -3


def cells_ahead(
    code: CompiledThread, thread: int, pointers: Pointers, numbers: dict[CellName, int]
) -> tuple[frozenset[int], ...]:
    """For each place in the thread's code the numbers of the cells that it may touch from there on; with FLUSH where it
    may flush TLBs, and GRACE where it may pass a grace period of RCU."""
    found: list[frozenset[int]] = [frozenset()] * len(code.instructions)
    changed = True
    while changed:
        changed = False
        for place in reversed(range(len(found))):
            cells = frozenset[int]().union(*(found[after] for after in _after(code, place)))
            match code.instructions[place]:
                case PerformEvent(action):
                    cells |= _cells_touched(action.event, thread, pointers, numbers)
                case _:
                    pass
            changed = changed or cells != found[place]
            found[place] = cells
    return tuple(found)


def _cells_touched(
    event: EventStatement, thread: int, pointers: Pointers, numbers: dict[CellName, int]
) -> frozenset[int]:
    if isinstance(event, Flush):
        return frozenset((FLUSH,))
    if isinstance(event, Grace) and event.kind == "rcu":
        return frozenset((GRACE,))
    place = place_of(event)
    return frozenset() if place is None else frozenset(numbers[cell] for cell in pointers.cells(thread, place))


def _after(code: CompiledThread, place: int) -> tuple[int, ...]:
    """The places that may follow a place."""
    match code.instructions[place]:
        case PerformEvent() | SetVariable():
            return (place + 1,)
        case BranchUnless(otherwise=otherwise):
            return place + 1, code.labels[otherwise]
        case Jump(label):
            return (code.labels[label],)
        case LoopHead(spent=spent):
            return place + 1, code.labels[spent]
        case BeyondBound() | EndThread():
            return ()
        case never:
            assert_never(never)


def observable_leaves(instances: Iterable[Instance], thread: str, pointers: Pointers) -> tuple[Leaf, ...]:
    """The property atoms that a step of `thread` can change.

    An instance whose situation requires that the thread has ended does not depend on what the thread does before. Atoms
    about an object that a pointer never points to are left out.
    """
    found: list[Leaf] = []
    for instance in instances:
        situation = _reachable_parts(instance.situation, pointers)
        if Ended(thread) in _conjuncts(situation):
            found.append(Ended(thread))
        else:
            found += leaves(situation, _reachable_parts(instance.violation, pointers))
    return tuple(found)


def _conjuncts(expr: Expr) -> list[Expr]:
    match expr:
        case Arith(Op.LAND, left, right):
            return _conjuncts(left) + _conjuncts(right)
        case _:
            return [expr]


def _reachable_parts(expr: Expr, pointers: Pointers) -> Expr:
    """The expression without the alternatives for pointer values that never occur."""

    def chosen(part: Expr) -> Expr:
        match part:
            case Choose(Arith(Op.EQ, ThreadVar(thread, name), Const(value)), _, otherwise):
                return part if pointers.may_be(thread, name, value) else otherwise
            case _:
                return part

    return map_expression(expr, chosen)
