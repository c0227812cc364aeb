"""A thread's body as a list of instructions, so that the place where a thread stands is one number."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from encoder.concrete.interleaving.open_sections import copied
from encoder.concrete.semantics.action import (
    CellTable,
    CompiledExpression,
    PreparedAction,
    VariableSlots,
    action,
    checked,
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
class Do:
    """An event: here a thread stands until it is scheduled."""

    action: PreparedAction


@dataclass(frozen=True, slots=True)
class Set:
    """`source` is the slot that the value is a copy of, None where it is none."""

    slot: int
    value: CompiledExpression
    type: Scalar
    reads: frozenset[int]
    source: int | None


@dataclass(frozen=True, slots=True)
class BranchUnless:
    """Go on when the condition holds, else jump to the label."""

    condition: CompiledExpression
    otherwise: int
    reads: frozenset[int]


@dataclass(frozen=True, slots=True)
class Jump:
    """Jump to the label, leaving loops: their counters go back to 0."""

    label: int
    leaves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LoopHead:
    """The head of a loop: one more round, or, when they are used up, the tests at label `spent`.

    Without a bound rounds are not counted.
    """

    counter: int
    bound: int | None
    spent: int
    site: Site


@dataclass(frozen=True, slots=True)
class Beyond:
    """The thread would go on with a loop beyond its bound."""

    site: Site


@dataclass(frozen=True, slots=True)
class Halt:
    """The thread has ended."""


Instruction = Do | Set | BranchUnless | Jump | LoopHead | Beyond | Halt


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompiledThread:
    """A thread's body. `labels` maps a label to a place in `instructions`; `counters` is the number of loops."""

    frame: VariableSlots
    instructions: tuple[Instruction, ...]
    labels: tuple[int, ...]
    counters: int

    def run(self, place: int, values: list[int], rounds: list[int], carried: dict[int, int]) -> int:
        """Do local statements from `place` on, changing `values`, `rounds` and which variables have `carried` the
        index of a section, until the thread comes to rest.

        Returns the place: an event, the end, or where a loop goes on beyond its bound. Raises EndlessLoop.
        """
        passed: set[tuple[int, tuple[int, ...]]] = set()
        while True:
            match self.instructions[place]:
                case Do() | Beyond() | Halt():
                    return place
                case Set(slot, value, type, _, source):
                    values[slot] = checked(value(values), type)
                    if carried:
                        copied(carried, slot, source)
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


def code(thread: Thread, memory: CellTable, loops: int | None, *, bounded: bool = True) -> CompiledThread:
    """The thread's code; a loop without a bound of its own gets `loops` rounds (None: any number).

    Unless `bounded`, every loop may have any number of rounds.
    """
    frame = VariableSlots(
        slots={name: slot for slot, (name, _) in enumerate(thread.variables)},
        types=tuple(type for _, type in thread.variables),
    )
    builder = _Builder(frame=frame, memory=memory, loops=loops, bounded=bounded)
    builder.add(thread.body, ())
    builder.instructions.append(Halt())
    return CompiledThread(
        frame=frame,
        instructions=tuple(builder.instructions),
        labels=tuple(builder.labels),
        counters=builder.counters,
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """A block or loop around a statement: its id, the label after it, and a loop's counter."""

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
                self.instructions.append(Do(action(statement, self.frame, self.memory)))
            case Assign(variable=variable, value=value):
                slot = self.frame.slots[variable]
                evaluator, reads = self.frame.evaluator(value), self.frame.reads(value)
                self.instructions.append(Set(slot, evaluator, self.frame.types[slot], reads, self.frame.copied(value)))
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
        self.instructions.append(Beyond(loop.site))
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
