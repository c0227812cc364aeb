"""Loop iterations without effect.

Suppose a thread goes on to a second iteration, has written nothing in the first, has begun or ended no region, and
every variable that is read before it is set again has the same value as before, and still depends on what it depended
on. Then the first iteration can be removed and the rest of the execution stays as it was, under every model here: the
removed events are reads, fences and grace periods, and the removed dependencies lead from them, all of which only ever
forbid executions. (A variable that is set to the value that it has may depend on another read from then on.) So if the
first iteration of a loop is always like that (`smt.idle_loops` asks the solver), all iterations but one can be removed
one by one, and what holds for any bound holds without a bound.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from encoder.graph.dependency import lost_sources
from encoder.graph.events import Event, EventKind, FirstIteration
from encoder.graph.path_state import PathState
from encoder.graph.term import Term, Terms
from encoder.program.core import Block, Loop, Rmw, Statement
from encoder.program.traverse import exits, expressions, statements, variables, variables_set


def first_iteration(
    terms: Terms, used: Iterable[str], seen: Iterable[str], before: PathState, after: PathState, *, first: int, end: int
) -> FirstIteration:
    """The iteration between two visits of the loop head. `used` names the variables that the thread may read in the
    next one or behind the loop, `seen` those that properties read. `first` and `end` are indices of steps."""
    used = tuple(used)
    pairs = ((before.variables.get(name), after.variables.get(name)) for name in sorted({*used, *seen}))
    zero = terms.const(0)
    differ = (
        terms.not_(terms.eq(first_value or zero, second_value or zero))
        for first_value, second_value in pairs
        if first_value is not second_value
    )
    lost = (lost_sources(terms, before.sources.get(name), after.sources.get(name)) for name in used)
    return FirstIteration(first=first, end=end, again=after.guard, changed=terms.or_(*differ, *lost))


def has_effect(event: Event, terms: Terms) -> Term:
    """The condition under which the event, if it happens, does more than read or order."""
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


def set_before_read(body: Sequence[Statement]) -> set[str]:
    """The variables that every iteration sets before anything reads them and before it may leave the loop."""
    return _scan(body, set(), ())[0]


def _scan(body: Sequence[Statement], read: set[str], inside: tuple[int, ...]) -> tuple[set[str], bool]:
    """The variables that are set first, and whether control may have left for good by the end; variables that are read
    are added to `read`."""
    result: set[str] = set()
    for statement in body:
        if isinstance(statement, Block) or (isinstance(statement, Loop) and statement.bound != 0):
            inner, left = _scan(statement.body, read, (*inside, statement.id))
            result |= inner
            read |= _read(statement)
            if left:
                return result, True
            continue
        read |= _read(statement)
        if targets := exits((statement,)):
            return result, targets != set(inside[-1:])
        result |= set(variables_set(statement)) - read
    return result, False


def _read(statement: Statement) -> set[str]:
    """The variables that a statement and its nested statements read, except what a read-modify-write has itself
    read."""
    return {name for each in statements((statement,)) for name in _read_before(each)}


def _read_before(statement: Statement) -> set[str]:
    own = set(variables(*expressions(statement)))
    if isinstance(statement, Rmw):
        own -= set(variables_set(statement)) - set(variables(statement.place.base))
    return own
