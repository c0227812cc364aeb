"""Whether it is known which SRCU section every `srcu_read_unlock()` ends.

The kernel's model tells by the index: by data dependencies, through memory and arithmetic too. The machine for SC and
TSO follows an index only from `srcu_read_lock()` through the thread's own variables
(concrete/interleaving/open_sections.py), and so does the encoding of interleavings (graph/lock_balance.py). Where a
program needs more, these two have no answer.
"""

from collections.abc import Iterator

from encoder.program.core import (
    Acquire,
    Assign,
    CellName,
    Const,
    Convert,
    EventStatement,
    Expr,
    Grace,
    Load,
    Program,
    Rmw,
    Site,
    Statement,
    Store,
    Thread,
    Var,
)
from encoder.program.traverse import events, place_of, statements

LOCK, UNLOCK = "srcu-lock", "srcu-unlock"


def unclear_srcu_end(program: Program) -> Site | None:
    """The site of the first event for which this is not known; None if there is none, or nothing waits for SRCU
    sections."""
    every = [event for thread in program.threads for event in events(thread.body)]
    if not any(isinstance(event, Grace) and event.kind == "srcu" for event in every):
        return None
    structs = {cell for event in every if _is_srcu(event) for cell in _cells(event)}
    for thread in program.threads:
        known = index_variables(thread)
        for event in events(thread.body):
            own = _is_srcu(event)
            if own and isinstance(event, Store) and _copied(event.values[0][1]) not in known:
                return event.site
            if not own and not structs.isdisjoint(_cells(event)):
                return event.site
    return None


def index_variables(thread: Thread) -> frozenset[str]:
    """The variables that only ever hold constants and indices returned by some `srcu_read_lock()` of the thread."""
    known = {name for name, _ in thread.variables}
    size = -1
    while size != len(known):
        size = len(known)
        for statement in statements(thread.body):
            known -= {name for name, kept in _assigned_variables(statement, known) if not kept}
    return frozenset(known)


def _assigned_variables(statement: Statement, known: set[str]) -> Iterator[tuple[str, bool]]:
    """The variables that a statement assigns, and whether the value is a constant or an index, as far as `known`
    tells."""
    match statement:
        case Assign(variable=variable, value=value):
            yield variable, isinstance(value, Const) or _copied(value) in known
        case Load(into=into, order=order):
            yield from ((name, order == LOCK) for _, name in into)
        case Rmw(into=into):
            yield from ((name, False) for _, name in into)
        case Acquire(into=str(name)):
            yield name, False
        case _:
            pass


def _copied(expr: Expr) -> str | None:
    """The variable of which the expression is a mere copy."""
    while isinstance(expr, Convert):
        expr = expr.operand
    return expr.name if isinstance(expr, Var) else None


def _is_srcu(event: EventStatement) -> bool:
    match event:
        case Load(order=order) | Store(order=order):
            return order in (LOCK, UNLOCK)
        case Grace(kind=kind):
            return kind == "srcu"
        case _:
            return False


def _cells(event: EventStatement) -> set[CellName]:
    place = place_of(event)
    return set() if place is None else {cell for _, cell in place.targets}
