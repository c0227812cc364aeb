"""Runs one thread by itself: given what its reads return, yields its events, their effects and their dependencies.

Dependencies are syntactic, as in herd7 (`r ^ r` depends on r), and lead from reads to events of one thread:

- address: the reads from which the variables in the base of the event's place were computed;
- data: the reads from which the variables in the written values were computed. A read-modify-write that writes
  something computed from what it has read depends on itself; an exchange does not;
- branch: the reads from which the conditions of all `if`s before it were computed, whether or not they enclose it;
- control: the reads from which the conditions of the enclosing `if`s were computed. An `if` encloses what follows it
  until its arms have merged: an arm that leaves a block merges with the other where the block ends;
- a variable that is assigned in an arm, even to its old value, carries the reads of the arm's condition into later
  control dependencies, never into address or data. An arm that was not taken adds nothing.

A thread runs on without a number that is not known yet, up to an `if` that needs it.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from encoder.concrete.axiomatic.control_dependence import BranchArm, CodePath, common_arms
from encoder.concrete.semantics.event_effect import (
    NO_READS,
    EffectEvaluator,
    EventEffect,
    KnownVariables,
    PartialWord,
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
class NextEvent:
    """The event that the thread is about to perform, and the cell it touches: None if it touches none, or if that is
    not known yet."""

    event: EventStatement
    cell: CellName | None


class UndecidedBranch(Exception):
    """The thread's branch number `branch` (counted from 0) depends on a number that is not known."""

    def __init__(self, branch: int) -> None:
        self.branch = branch


class WrongGuess(Exception):
    """A branch went the other way than was guessed."""


@dataclass(frozen=True, slots=True)
class _Branch:
    """An arm that the thread is in, and the reads on which its condition depends, by data or control."""

    side: BranchArm
    condition: Reads


EventGenerator = Generator[NextEvent, PartialWord | None, int | None]
"""Yields events and is sent the words that they read; returns the id of the block that was left early, or None."""


class ThreadRun:
    """A thread while it runs.

    `guesses` gives the outcome of branches, by number, whose condition is not known; `loops` is as in `Machine`.
    `effects` has what it has done so far; `stopped` is the loop whose bound it has exceeded, if any. `events` is the
    generator that runs it.
    """

    def __init__(
        self, thread: Thread, cells: Mapping[CellName, Cell], loops: int | None, guesses: Mapping[int, bool]
    ) -> None:
        self.variables = KnownVariables(thread)
        self.effects: list[EventEffect] = []
        self.stopped: Site | None = None
        self._evaluator = EffectEvaluator(self.variables, cells)
        self._loops = loops
        self._guesses = guesses
        self._branches: list[_Branch] = []
        self._branched = NO_READS
        self._branch_count = 0
        self.events = self._run_body(thread.body, ())

    # Control

    def _run_body(self, body: Sequence[Statement], where: CodePath) -> EventGenerator:
        for position, statement in enumerate(body):
            exited = yield from self._run_statement(statement, (*where, position))
            if exited is not None or self.stopped is not None:
                return exited
        return None

    def _run_statement(self, statement: Statement, here: CodePath) -> EventGenerator:
        match statement:
            case Assign(variable=variable, value=value):
                data, control = self.variables.data(value), self.variables.control(value) | self._control_reads()
                direct = self.variables.direct(value)
                self.variables.set(variable, self.variables.value(value), data, control, direct)
                return None
            case Exit(id=ident):
                return ident
            case If() | Block() | Loop():
                return (yield from self._run_compound(statement, here))
            case Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
                return (yield from self._run_event(statement))
            case never:
                assert_never(never)

    def _run_compound(self, statement: If | Block | Loop, here: CodePath) -> EventGenerator:
        """After the statement only those of its arms remain that lie on every path through it."""
        depth = len(self._branches)
        match statement:
            case If():
                exited = yield from self._run_if(statement, here)
            case Block(id=ident, body=body):
                exited = yield from self._run_body(body, here)
                exited = None if exited == ident else exited
            case Loop():
                exited = yield from self._run_loop(statement, here)
            case never:
                assert_never(never)
        if exited is None and self.stopped is None:
            common = common_arms(statement, here)
            inner = self._branches[depth:]
            self._branches[depth:] = [branch for branch in inner if branch.side in common]
        return exited

    def _run_if(self, statement: If, here: CodePath) -> EventGenerator:
        taken = self._decide_branch(statement.condition)
        data = self.variables.data(statement.condition)
        self._branched |= data
        condition = data | self.variables.control(statement.condition)
        self._branches.append(_Branch((here, 0 if taken else 1), condition))
        return (yield from self._run_body(statement.then if taken else statement.otherwise, (*here, 0 if taken else 1)))

    def _control_reads(self) -> Reads:
        """The reads on which the branches around the next statement depend."""
        return NO_READS.union(*(branch.condition for branch in self._branches))

    def _decide_branch(self, condition: Expr) -> bool:
        """The outcome of a condition. Raises UndecidedBranch where it is neither known nor guessed, and WrongGuess."""
        number, self._branch_count = self._branch_count, self._branch_count + 1
        value, guess = self.variables.value(condition), self._guesses.get(number)
        if value is None:
            if guess is None:
                raise UndecidedBranch(number)
            return guess
        if guess is not None and guess != bool(value):
            raise WrongGuess
        return bool(value)

    def _run_loop(self, loop: Loop, here: CodePath) -> EventGenerator:
        """Run the loop up to its bound. Raises EndlessLoop where an iteration of an unbounded loop changes nothing."""
        bound, number = self._loops if loop.bound is None else loop.bound, 0
        passed: set[object] = set()
        while True:
            now = (len(self.effects), tuple(self.variables.values.values()))
            if bound is None and now in passed:
                raise EndlessLoop("the loop goes round for ever", loop.site)
            passed.add(now)
            spent = bound is not None and number == bound
            exited = yield from self._run_body(loop.tests if spent else loop.body, (*here, number))
            if exited is not None:
                return None if exited == loop.id else exited
            if spent:
                self.stopped = loop.site
            if self.stopped is not None:
                return None
            number += 1

    def _run_event(self, event: EventStatement) -> EventGenerator:
        """Yield the event, then perform it. The event is yielded even if it faults: a thread may be stopped before
        it."""
        place = place_of(event)
        try:
            cell = None if place is None else self._evaluator.target(place, event.site)
        except NullDereference:
            yield NextEvent(event=event, cell=None)
            raise
        read = yield NextEvent(event=event, cell=cell)
        effect = self._evaluator.perform(event, cell, read, self._control_reads(), len(self.effects))
        self.effects.append(replace(effect, branched=self._branched))
        return None
