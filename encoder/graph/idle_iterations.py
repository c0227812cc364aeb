"""Rounds of a loop that leave everything as they found it.

Where a thread that goes on to a second round has written nothing in the first, has begun or ended no region, and has
the same values in all variables that are read before they are set again, the first round can be left out: the rest of
the execution stays as it was, under every model here, for what such a round adds are reads, fences and grace periods,
and these only forbid. So of a loop whose first round is like that (`smt.idle_loops` asks the solver) more rounds than
one can be left out one by one, and what holds up to any bound holds without one.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from encoder.graph.dependency import exits
from encoder.graph.evaluate import variables
from encoder.graph.events import Event, EventKind, FirstRound
from encoder.graph.path_state import PathState
from encoder.graph.term import Term, Terms
from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    Exit,
    Expr,
    Fence,
    Flush,
    Grace,
    If,
    Load,
    Loop,
    Region,
    Release,
    Rmw,
    Statement,
    Store,
)


def first_round(
    terms: Terms, variables: Iterable[str], before: PathState, after: PathState, *, first: int, end: int
) -> FirstRound:
    """The round between two paths to the head of a loop. `variables` are those of the thread that matter."""
    pairs = ((before.env.get(name), after.env.get(name)) for name in variables)
    zero = terms.const(0)
    differ = (terms.not_(terms.eq(one or zero, other or zero)) for one, other in pairs if one is not other)
    return FirstRound(first=first, end=end, again=after.guard, changed=terms.or_(*differ))


def effect(event: Event, terms: Terms) -> Term:
    """Whether the event, when it happens, does more than read or order."""
    match event.kind:
        case EventKind.READ:
            return terms.truth(event.tags[0] == "srcu-lock")
        case EventKind.RMW | EventKind.ACQUIRE:
            return event.succeeds
        case EventKind.FENCE | EventKind.GRACE_BEGIN | EventKind.GRACE_END:
            return terms.false
        case (
            EventKind.WRITE
            | EventKind.RELEASE
            | EventKind.REGION_BEGIN
            | EventKind.REGION_END
            | EventKind.FLUSH_BEGIN
            | EventKind.FLUSH_END
        ):
            return terms.true
        case _:
            assert_never(event.kind)


def set_anew(body: Sequence[Statement]) -> set[str]:
    """The variables that every round sets before anything reads them and before it may leave."""
    return _scan(body, set(), ())[0]


def _scan(body: Sequence[Statement], read: set[str], blocks: tuple[int, ...]) -> tuple[set[str], bool]:
    """The variables set first, and whether the way may have left for good; `read` grows with those that are read."""
    found: set[str] = set()
    for statement in body:
        if isinstance(statement, Block) or (isinstance(statement, Loop) and statement.bound != 0):
            inner, gone = _scan(statement.body, read, (*blocks, statement.id))
            found |= inner
            read |= _read((statement,))
            if gone:
                return found, True
            continue
        read |= _read((statement,))
        if targets := exits((statement,)):
            return found, targets != set(blocks[-1:])
        found |= _sets(statement) - read
    return found, False


def _sets(statement: Statement) -> set[str]:
    match statement:
        case Assign(variable=variable):
            return {variable}
        case Load(into=into) | Rmw(into=into):
            return {variable for _, variable in into}
        case Acquire(into=str(variable)):
            return {variable}
        case _:
            return set()


def _read(body: Iterable[Statement]) -> set[str]:
    """The variables that statements read, but for what a read-modify-write has read itself."""
    found: set[str] = set()
    for statement in body:
        own = {name for expr in _expressions(statement) for name in variables(expr)}
        if isinstance(statement, Rmw):
            own -= {name for _, name in statement.into if name not in variables(statement.place.base)}
        found |= own | _read(_inner(statement))
    return found


def _expressions(statement: Statement) -> tuple[Expr, ...]:
    match statement:
        case Load(place=place) | Acquire(place=place) | Release(place=place):
            return (place.base,)
        case Store(place=place, values=values):
            return (place.base, *(value for _, value in values))
        case Rmw(place=place, values=values, when=when, await_=await_):
            return (place.base, when, await_, *(value for _, value in values))
        case Grace(place=where):
            return () if where is None else (where.base,)
        case Flush(mm=mm):
            return (mm,)
        case Assign(value=value):
            return (value,)
        case If(condition=condition):
            return (condition,)
        case Fence() | Region() | Block() | Loop() | Exit():
            return ()
        case _:
            assert_never(statement)


def _inner(statement: Statement) -> tuple[Statement, ...]:
    match statement:
        case If(then=then, otherwise=otherwise):
            return then + otherwise
        case Block(body=body) | Loop(body=body):
            return body
        case _:
            return ()
