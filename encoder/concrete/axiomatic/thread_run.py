"""One thread run for itself: told what each of its reads returns, it says what it does and what that depends on.

Dependencies are those of the text, as herd has them (`r ^ r` depends on r), between events of one thread:

- address: the reads that the variables in the place's base were made from;
- data: the reads that the variables in the written values were made from. A read-modify-write that writes something
  made of what it has read depends on itself; an exchange does not;
- control: the reads that the conditions of the `if`s around the event were made from. An `if` is around what follows
  it until its arms have met: an arm that leaves a block meets the other where the block ends;
- a variable that is set in an arm, be it to what it was, carries the reads of the arm's condition into later control
  dependencies, never into address or data. An arm that was not taken adds nothing.

A thread goes on without a number that is not known yet, up to an `if` that asks for it.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from encoder.concrete.axiomatic.control_dependence import Side, Where, after
from encoder.concrete.semantics.event_effect import (
    NONE,
    EffectEvaluator,
    EventEffect,
    KnownVariables,
    Partial,
    Reads,
)
from encoder.concrete.semantics.faults import EndlessLoop, NullDereference
from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    Cell,
    CellName,
    EventStatement,
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
    Site,
    Statement,
    Store,
    Thread,
)
from encoder.program.traverse import place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An event that the thread does, and the cell it touches: None for no cell, or for one that is not known yet."""

    event: EventStatement
    cell: CellName | None


class Stuck(Exception):
    """The thread needs a number that is not known, at its branch number `branch`."""

    def __init__(self, branch: int) -> None:
        self.branch = branch


class WrongGuess(Exception):
    """A branch went the other way than was guessed."""


@dataclass(frozen=True, slots=True)
class _Branch:
    """An arm that the thread is in, and the reads that its condition depends on, by data or control."""

    side: Side
    condition: Reads


_Steps = Generator[Move, Partial | None, int | None]
"""Yields events and is sent the words that they read; returns the id of the block that is left, or None."""


class ThreadRun:
    """A thread on its way. `guesses` says which way branches go whose condition is not known; `loops` is as in
    `Machine`. `deeds` is what it has done, `stopped` where it is beyond a loop's bound."""

    def __init__(
        self, thread: Thread, cells: Mapping[CellName, Cell], loops: int | None, guesses: Mapping[int, bool]
    ) -> None:
        self.variables = KnownVariables(thread)
        self.deeds: list[EventEffect] = []
        self.stopped: Site | None = None
        self._doer = EffectEvaluator(self.variables, cells)
        self._loops = loops
        self._guesses = guesses
        self._branches: list[_Branch] = []
        self._asked = 0
        self.steps = self._body(thread.body, ())

    # Control

    def _body(self, body: Sequence[Statement], where: Where) -> _Steps:
        for position, statement in enumerate(body):
            left = yield from self._statement(statement, (*where, position))
            if left is not None or self.stopped is not None:
                return left
        return None

    def _statement(self, statement: Statement, here: Where) -> _Steps:
        match statement:
            case Assign(variable=variable, value=value):
                data, control = self.variables.data(value), self.variables.control(value) | self._control()
                self.variables.set(variable, self.variables.value(value), data, control)
                return None
            case Exit(id=ident):
                return ident
            case If() | Block() | Loop():
                return (yield from self._compound(statement, here))
            case Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
                return (yield from self._event(statement))
            case never:
                assert_never(never)

    def _compound(self, statement: If | Block | Loop, here: Where) -> _Steps:
        """After it only those of its branches still stand that every way through it has taken."""
        depth = len(self._branches)
        match statement:
            case If():
                left = yield from self._if(statement, here)
            case Block(id=ident, body=body):
                left = yield from self._body(body, here)
                left = None if left == ident else left
            case Loop():
                left = yield from self._loop(statement, here)
            case never:
                assert_never(never)
        if left is None and self.stopped is None:
            common = after(statement, here)
            inner = self._branches[depth:]
            self._branches[depth:] = [branch for branch in inner if branch.side in common]
        return left

    def _if(self, statement: If, here: Where) -> _Steps:
        taken = self._decided(statement.condition)
        condition = self.variables.data(statement.condition) | self.variables.control(statement.condition)
        self._branches.append(_Branch((here, 0 if taken else 1), condition))
        return (yield from self._body(statement.then if taken else statement.otherwise, (*here, 0 if taken else 1)))

    def _control(self) -> Reads:
        """The reads that the branches around the next statement depend on."""
        return NONE.union(*(branch.condition for branch in self._branches))

    def _decided(self, condition: Expr) -> bool:
        number, self._asked = self._asked, self._asked + 1
        value, guess = self.variables.value(condition), self._guesses.get(number)
        if value is None:
            if guess is None:
                raise Stuck(number)
            return guess
        if guess is not None and guess != bool(value):
            raise WrongGuess
        return bool(value)

    def _loop(self, loop: Loop, here: Where) -> _Steps:
        """Raises EndlessLoop."""
        bound, number = self._loops if loop.bound is None else loop.bound, 0
        passed: set[object] = set()
        while True:
            now = (len(self.deeds), tuple(self.variables.values.values()))
            if bound is None and now in passed:
                raise EndlessLoop("the loop goes round for ever", loop.site)
            passed.add(now)
            spent = bound is not None and number == bound
            left = yield from self._body(loop.tests if spent else loop.body, (*here, number))
            if left is not None:
                return None if left == loop.id else left
            if spent:
                self.stopped = loop.site
            if self.stopped is not None:
                return None
            number += 1

    def _event(self, event: EventStatement) -> _Steps:
        """A thread may stand before an event that it cannot do."""
        place = place_of(event)
        try:
            cell = None if place is None else self._doer.target(place, event.site)
        except NullDereference:
            yield Move(event=event, cell=None)
            raise
        read = yield Move(event=event, cell=cell)
        self.deeds.append(self._doer.do(event, cell, read, self._control(), len(self.deeds)))
        return None
