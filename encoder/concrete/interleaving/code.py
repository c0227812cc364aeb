"""A thread's body compiled to a list of instructions, so that the thread's position is one number."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from encoder.concrete.interleaving.open_sections import copy_index
from encoder.concrete.semantics.action import (
    CellTable,
    CompiledExpression,
    PreparedAction,
    VariableSlots,
    check_value,
    prepare_action,
)
from encoder.concrete.semantics.faults import EndlessLoop
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
    Scalar,
    Site,
    Statement,
    Store,
    Thread,
)


@dataclass(frozen=True, slots=True)
class PerformEvent:
    """An event: a thread rests here until it is scheduled."""

    action: PreparedAction


@dataclass(frozen=True, slots=True)
class SetVariable:
    """Assign a variable. `source` is the slot of which the value is a mere copy, None where it is none."""

    slot: int
    value: CompiledExpression
    type: Scalar
    reads: frozenset[int]
    source: int | None


@dataclass(frozen=True, slots=True)
class BranchUnless:
    """Go on where the condition holds, else jump to the label."""

    condition: CompiledExpression
    otherwise: int
    reads: frozenset[int]


@dataclass(frozen=True, slots=True)
class Jump:
    """Jump to the label; the loops that this leaves have their counters reset to 0."""

    label: int
    leaves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LoopHead:
    """The head of a loop: begin another iteration or, when the bound is reached, jump to the tests at label `spent`.

    Without a bound iterations are not counted.
    """

    counter: int
    bound: int | None
    spent: int
    site: Site


@dataclass(frozen=True, slots=True)
class BeyondBound:
    """The thread would exceed the loop's bound."""

    site: Site


@dataclass(frozen=True, slots=True)
class EndThread:
    """The thread has ended."""


Instruction = PerformEvent | SetVariable | BranchUnless | Jump | LoopHead | BeyondBound | EndThread


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompiledThread:
    """A thread's body. `frame` has the variables' slots; `labels` maps a label to a place in `instructions`; `counters`
    is the number of loops."""

    frame: VariableSlots
    instructions: tuple[Instruction, ...]
    labels: tuple[int, ...]
    counters: int

    def run_local(self, place: int, values: list[int], rounds: list[int], carried: dict[int, int]) -> int:
        """Run local statements from `place` until the next event, the end, or a loop that exceeds its bound; returns
        that place.

        Changes `values`, the loop counters `rounds`, and `carried`: which variables hold the index of which SRCU
        section. Raises EndlessLoop.
        """
        passed: set[tuple[int, tuple[int, ...]]] = set()
        while True:
            match self.instructions[place]:
                case PerformEvent() | BeyondBound() | EndThread():
                    return place
                case SetVariable(slot, value, type, _, source):
                    values[slot] = check_value(value(values), type)
                    if carried:
                        copy_index(carried, slot, source)
                    place += 1
                case BranchUnless(condition, otherwise):
                    place = place + 1 if condition(values) else self.labels[otherwise]
                case Jump(label, leaves):
                    for counter in leaves:
                        rounds[counter] = 0
                    place = self.labels[label]
                case LoopHead(counter, bound, spent, site):
                    if bound is None:
                        if (place, tuple(values)) in passed:
                            raise EndlessLoop("the loop goes round for ever", site)
                        passed.add((place, tuple(values)))
                    elif rounds[counter] == bound:
                        place = self.labels[spent]
                        continue
                    else:
                        rounds[counter] += 1
                    place += 1
                case never:
                    assert_never(never)


def compile_thread(thread: Thread, memory: CellTable, loops: int | None, *, bounded: bool = True) -> CompiledThread:
    """The thread's code; a loop without a bound of its own gets the bound `loops` (None: none).

    Unless `bounded`, no loop has a bound.
    """
    frame = VariableSlots(
        slots={name: slot for slot, (name, _) in enumerate(thread.variables)},
        types=tuple(type for _, type in thread.variables),
    )
    builder = _Builder(frame=frame, memory=memory, loops=loops, bounded=bounded)
    builder.add(thread.body, ())
    builder.instructions.append(EndThread())
    return CompiledThread(
        frame=frame,
        instructions=tuple(builder.instructions),
        labels=tuple(builder.labels),
        counters=builder.counters,
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """A block or loop around a statement: its id, the label after it, and the loop's counter (None for a block)."""

    id: int
    after: int
    counter: int | None


@dataclass(slots=True, kw_only=True)
class _Builder:
    frame: VariableSlots
    memory: CellTable
    loops: int | None
    bounded: bool
    instructions: list[Instruction] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    counters: int = 0

    def add(self, body: Iterable[Statement], scopes: tuple[_Scope, ...]) -> None:
        for statement in body:
            self._statement(statement, scopes)

    def _statement(self, statement: Statement, scopes: tuple[_Scope, ...]) -> None:
        match statement:
            case Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
                self.instructions.append(PerformEvent(prepare_action(statement, self.frame, self.memory)))
            case Assign(variable=variable, value=value):
                slot = self.frame.slots[variable]
                evaluator, reads = self.frame.evaluator(value), self.frame.reads(value)
                self.instructions.append(
                    SetVariable(slot, evaluator, self.frame.types[slot], reads, self.frame.copied(value))
                )
            case If():
                self._if(statement, scopes)
            case Block(id=id, body=body):
                after = self._label()
                self.add(body, (*scopes, _Scope(id, after, None)))
                self._here(after)
            case Loop():
                self._loop(statement, scopes)
            case Exit(id=id):
                self._exit(id, scopes)
            case never:
                assert_never(never)

    def _if(self, statement: If, scopes: tuple[_Scope, ...]) -> None:
        otherwise, after = self._label(), self._label()
        condition = statement.condition
        self.instructions.append(BranchUnless(self.frame.evaluator(condition), otherwise, self.frame.reads(condition)))
        self.add(statement.then, scopes)
        self.instructions.append(Jump(after, ()))
        self._here(otherwise)
        self.add(statement.otherwise, scopes)
        self._here(after)

    def _loop(self, loop: Loop, scopes: tuple[_Scope, ...]) -> None:
        head, spent, after, counter = self._label(), self._label(), self._label(), self.counters
        self.counters += 1
        within = (*scopes, _Scope(loop.id, after, counter))
        self._here(head)
        bound = self.loops if loop.bound is None else loop.bound
        self.instructions.append(LoopHead(counter, bound if self.bounded else None, spent, loop.site))
        self.add(loop.body, within)
        self.instructions.append(Jump(head, ()))
        self._here(spent)
        self.add(loop.tests, within)
        self.instructions.append(BeyondBound(loop.site))
        self._here(after)

    def _exit(self, id: int, scopes: tuple[_Scope, ...]) -> None:
        left: list[int] = []
        for scope in reversed(scopes):
            if scope.counter is not None:
                left.append(scope.counter)
            if scope.id == id:
                self.instructions.append(Jump(scope.after, tuple(left)))
                return
        raise ValueError(f"exit {id} has no block around it")

    def _label(self) -> int:
        self.labels.append(-1)
        return len(self.labels) - 1

    def _here(self, label: int) -> None:
        self.labels[label] = len(self.instructions)
