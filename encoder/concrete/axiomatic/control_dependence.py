"""Control dependencies after branches merge: which arms lie on every path to a point of the program text.

A statement's position is the path of indices that leads to it from the thread's body: (2, 0, 1) is statement 1 in arm 0
of statement 2; a loop adds the number of the iteration.

Paths that no value can take (`if (0) goto out`) count like any other. An event therefore has no control dependency here
that the encoder, which leaves such paths out, does not give it.
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

CodePath = tuple[int, ...]
"""The indices that lead to a statement."""
BranchArm = tuple[CodePath, int]
"""The path of an `if`, and one of its arms: 0 `then`, 1 `otherwise`."""
BranchArms = frozenset[BranchArm]


def common_arms(statement: Statement, here: CodePath) -> BranchArms:
    """The arms that lie on every path through the statement at `here` to what follows it."""
    return _through(statement, here, frozenset(), {}) or frozenset()


def common_to_both(one: BranchArms | None, other: BranchArms | None) -> BranchArms | None:
    """The arms that two sets of paths have in common; None means that there is no path."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _along(
    body: Sequence[Statement], where: CodePath, at: BranchArms | None, exits: dict[int, BranchArms]
) -> BranchArms | None:
    """The arms on all paths through `body` to its end, given those on all paths to its begin (`at`). `exits` collects,
    by block or loop id, the arms common to the paths that leave early."""
    for position, statement in enumerate(body):
        if at is None:
            return None
        at = _through(statement, (*where, position), at, exits)
    return at


def _through(statement: Statement, here: CodePath, at: BranchArms, exits: dict[int, BranchArms]) -> BranchArms | None:
    match statement:
        case If(then=then, otherwise=otherwise):
            yes = _along(then, (*here, 0), at | {(here, 0)}, exits)
            no = _along(otherwise, (*here, 1), at | {(here, 1)}, exits)
            return common_to_both(yes, no)
        case Block(id=ident, body=body):
            end = _along(body, here, at, exits)
            return common_to_both(exits.pop(ident, None), end)
        case Loop():
            return _rounds(statement, here, at, exits)
        case Exit(id=ident):
            left = common_to_both(exits.get(ident), at)
            assert left is not None
            exits[ident] = left
            return None
        case Assign() | Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
            return at
        case never:
            assert_never(never)


def _rounds(loop: Loop, here: CodePath, at: BranchArms, exits: dict[int, BranchArms]) -> BranchArms | None:
    """Two iterations and the tests of a further one suffice: only arms of the first can be common to all paths. Paths
    beyond the loop bound, which are not followed, would reach the end of the loop as well."""
    rounds = 2 if loop.bound is None else min(loop.bound, 2)
    end: BranchArms | None = at
    for number in range(rounds):
        end = _along(loop.body, (*here, number), end, exits)
    beyond = _along(loop.tests, (*here, rounds), end, exits)
    left = exits.pop(loop.id, None)
    return None if left is None else common_to_both(left, beyond)
