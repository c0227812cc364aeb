"""What a thread has taken and not given back: see `program.core.Keeps`."""

from encoder.concrete.semantics.affine import concrete_value
from encoder.program.core import (
    BOOL,
    Acquire,
    Cell,
    CellName,
    EventStatement,
    Keepable,
    Load,
    Region,
    Release,
    Rmw,
    Store,
)

Holding = tuple[Keepable, CellName | None]
Held = tuple[tuple[Holding, int], ...]
"""How often each is held, 0 left out, in the order in which they were first taken."""


def held_after(held: Held, event: EventStatement, cell: Cell | None, old: int, new: int | None) -> Held:
    """What is held after the thread has performed an event, which found `old` in its cell (a location with one
    component) and wrote `new` to it (None: no write)."""
    name = None if cell is None else cell.name
    match event:
        case Region(kind=kind, begin=begin):
            return _with_change(held, ("irq" if kind == "irq" else "rcu", None), 1 if begin else -1)
        case Acquire() if new is not None:
            return _with_change(held, ("lock", name), 1)
        case Release():
            return _with_change(held, ("lock", name), -1)
        case Load(order="srcu-lock"):
            return _with_change(held, ("srcu", name), 1)
        case Store(order="srcu-unlock"):
            return _with_change(held, ("srcu", name), -1)
        case Store() | Rmw() if cell is not None and cell.balanced and new is not None:
            return _with_balance(held, ("lock", name), event, cell, old, new)
        case _:
            return held


def _with_balance(held: Held, what: Holding, event: EventStatement, cell: Cell, old: int, new: int) -> Held:
    """A bit is held by the thread that finds it clear and sets it, a number by a thread whose changes do not add up to
    0."""
    now = dict(held).get(what, 0)
    if cell.components[0].type == BOOL:
        taken = 1 if isinstance(event, Store) or not old else now
        return _with_count(held, what, taken if new else 0)
    return _with_count(held, what, concrete_value(new) if isinstance(event, Store) else now + concrete_value(new - old))


def _with_change(held: Held, what: Holding, by: int) -> Held:
    return _with_count(held, what, max(0, dict(held).get(what, 0) + by))


def _with_count(held: Held, what: Holding, count: int) -> Held:
    counts = {**dict(held), what: count}
    return tuple((each, times) for each, times in counts.items() if times)
