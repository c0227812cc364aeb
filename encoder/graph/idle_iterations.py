"""Rounds of a loop that leave everything as they found it.

Where a thread that goes on to a second round has written nothing in the first, has begun or ended no region, and has
the same values in all variables that are read before they are set again, the first round can be left out: the rest of
the execution stays as it was, under every model here, for what such a round adds are reads, fences and grace periods,
and these only forbid. So of a loop whose first round is like that (`smt.idle_loops` asks the solver) more rounds than
one can be left out one by one, and what holds up to any bound holds without one.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from encoder.graph.events import Event, EventKind, FirstRound
from encoder.graph.path_state import PathState
from encoder.graph.term import Term, Terms
from encoder.program.core import Block, Loop, Rmw, Statement
from encoder.program.traverse import exits, expressions, statements, variables, variables_set


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
            read |= _read(statement)
            if gone:
                return found, True
            continue
        read |= _read(statement)
        if targets := exits((statement,)):
            return found, targets != set(blocks[-1:])
        found |= set(variables_set(statement)) - read
    return found, False


def _read(statement: Statement) -> set[str]:
    """The variables that a statement and those below it read, but for what a read-modify-write has read itself."""
    return {name for each in statements((statement,)) for name in _read_before(each)}


def _read_before(statement: Statement) -> set[str]:
    own = set(variables(*expressions(statement)))
    if isinstance(statement, Rmw):
        own -= set(variables_set(statement)) - set(variables(statement.place.base))
    return own
