"""Where it makes a difference that a thread stops: before what changes something that is asked about, or may wait."""

from collections.abc import Collection

from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    CellName,
    Code,
    Const,
    EventStatement,
    Exit,
    Grace,
    If,
    Load,
    Loop,
    Rmw,
    Statement,
)
from encoder.program.traverse import place_of, variables_set


def stop_events(code: Code, cells: Collection[CellName], variables: Collection[str]) -> set[int]:
    """The events, by `id`, before which a thread may have to stop; `cells` and `variables` are what is asked about.

    A thread that stops before another event may as well go on to the next of these: what it does until then changes
    nothing that is asked about, and an event that is the last of its thread, of the latest values, is always allowed.
    A local assignment is done with the event before it, so that one counts.
    """
    found: set[int] = set()
    behind: dict[int, bool] = {}

    def walk(code: Code, *, pending: bool) -> bool:
        """From the end to the begin; `pending`: behind the code something is assigned that is asked about."""
        for statement in reversed(code):
            pending = step(statement, pending=pending)
        return pending

    def step(statement: Statement, *, pending: bool) -> bool:
        match statement:
            case Assign(variable=variable):
                return pending or variable in variables
            case If(then=then, otherwise=otherwise):
                return walk(then, pending=pending) | walk(otherwise, pending=pending)
            case Block(id=id_, body=body):
                behind[id_] = pending
                return walk(body, pending=pending)
            case Loop(id=id_, body=body):
                behind[id_] = pending
                return walk(body, pending=True)
            case Exit(id=id_):
                return behind[id_]
            case _:
                if pending or _matters(statement, cells, variables):
                    found.add(id(statement))
                return False

    walk(code, pending=False)
    return found


def _matters(event: EventStatement, cells: Collection[CellName], variables: Collection[str]) -> bool:
    if waits(event) or not set(variables_set(event)).isdisjoint(variables):
        return True
    place = place_of(event)
    writes = place is not None and not isinstance(event, Load)
    return writes and place is not None and any(cell in cells for _, cell in place.targets)


def waits(event: EventStatement) -> bool:
    """Whether the event may have to wait for another thread."""
    match event:
        case Acquire(into=into):
            return into is None
        case Rmw(await_=condition):
            return not (isinstance(condition, Const) and condition.value)
        case Grace(begin=begin):
            return not begin
        case _:
            return False
