"""Where the arms of an `if` meet again: which branches every way to a place has taken, by the text alone.

A statement's place is the path of positions that leads to it from the thread's body: (2, 0, 1) is statement 1 in arm 0
of statement 2; a loop adds the number of the round.

Ways that no value takes (`if (0) goto out`) count like any other, so that an event has at most the control dependencies
that the encoder gives it, which leaves such ways out.
"""

from collections.abc import Sequence
from typing import assert_never

from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    Exit,
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

Where = tuple[int, ...]
Side = tuple[Where, int]
"""An `if` and one of its arms: 0 then, 1 otherwise."""
Sides = frozenset[Side]


def after(statement: Statement, here: Where) -> Sides:
    """The arms that every way through the statement to what follows it has taken."""
    return _through(statement, here, frozenset(), {}) or frozenset()


def meet(one: Sides | None, other: Sides | None) -> Sides | None:
    """What two ways have in common; None is no way at all."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _along(body: Sequence[Statement], where: Where, at: Sides | None, exits: dict[int, Sides]) -> Sides | None:
    """The arms common to all ways to the end of `body` that begin with `at`; `exits` collects the ways that leave."""
    for position, statement in enumerate(body):
        if at is None:
            return None
        at = _through(statement, (*where, position), at, exits)
    return at


def _through(statement: Statement, here: Where, at: Sides, exits: dict[int, Sides]) -> Sides | None:
    match statement:
        case If(then=then, otherwise=otherwise):
            yes = _along(then, (*here, 0), at | {(here, 0)}, exits)
            no = _along(otherwise, (*here, 1), at | {(here, 1)}, exits)
            return meet(yes, no)
        case Block(id=ident, body=body):
            end = _along(body, here, at, exits)
            return meet(exits.pop(ident, None), end)
        case Loop():
            return _rounds(statement, here, at, exits)
        case Exit(id=ident):
            left = meet(exits.get(ident), at)
            assert left is not None
            exits[ident] = left
            return None
        case Assign() | Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
            return at
        case never:
            assert_never(never)


def _rounds(loop: Loop, here: Where, at: Sides, exits: dict[int, Sides]) -> Sides | None:
    """Two rounds and the tests of a further one say it all: only arms of the first can be common to all ways. Rounds
    beyond the bound, which nobody follows, would come to the end of the loop as well."""
    rounds = 2 if loop.bound is None else min(loop.bound, 2)
    end: Sides | None = at
    for number in range(rounds):
        end = _along(loop.body, (*here, number), end, exits)
    beyond = _along(loop.tests, (*here, rounds), end, exits)
    left = exits.pop(loop.id, None)
    return None if left is None else meet(left, beyond)
