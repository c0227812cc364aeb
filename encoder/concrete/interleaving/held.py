"""What a thread has taken and not given back: see `program.core.Keeps`."""

from encoder.concrete.semantics.affine import known
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

Takings = tuple[Keepable, CellName | None]
Kept = tuple[tuple[Takings, int], ...]
"""How often each is held, 0 left out, in the order in which they were first taken."""


def kept_after(kept: Kept, event: EventStatement, cell: Cell | None, old: int, new: int | None) -> Kept:
    """What is held after the thread has done an event, which found `old` in its cell (a location with one component)
    and wrote `new` there (None: no write)."""
    name = None if cell is None else cell.name
    match event:
        case Region(kind=kind, begin=begin):
            return _counted(kept, ("irq" if kind == "irq" else "rcu", None), 1 if begin else -1)
        case Acquire() if new is not None:
            return _counted(kept, ("lock", name), 1)
        case Release():
            return _counted(kept, ("lock", name), -1)
        case Load(order="srcu-lock"):
            return _counted(kept, ("srcu", name), 1)
        case Store(order="srcu-unlock"):
            return _counted(kept, ("srcu", name), -1)
        case Store() | Rmw() if cell is not None and cell.balanced and new is not None:
            return _balanced(kept, ("lock", name), event, cell, old, new)
        case _:
            return kept


def _balanced(kept: Kept, what: Takings, event: EventStatement, cell: Cell, old: int, new: int) -> Kept:
    """A bit is held by who finds it clear and sets it, a number by whose changes do not add up to 0."""
    now = dict(kept).get(what, 0)
    if cell.components[0].type == BOOL:
        taken = 1 if isinstance(event, Store) or not old else now
        return _set(kept, what, taken if new else 0)
    return _set(kept, what, known(new) if isinstance(event, Store) else now + known(new - old))


def _counted(kept: Kept, what: Takings, by: int) -> Kept:
    return _set(kept, what, max(0, dict(kept).get(what, 0) + by))


def _set(kept: Kept, what: Takings, count: int) -> Kept:
    counts = {**dict(kept), what: count}
    return tuple((each, times) for each, times in counts.items() if times)
