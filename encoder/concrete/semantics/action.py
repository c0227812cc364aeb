"""What one event does to the word it touches and to its thread's variables, under sequential consistency."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from encoder.concrete.semantics.affine import concrete_value
from encoder.concrete.semantics.expression import compile_expression, fits
from encoder.concrete.semantics.faults import NotHeld
from encoder.program.core import (
    Acquire,
    Cell,
    CellName,
    Component,
    Convert,
    EventStatement,
    Expr,
    Fence,
    Flush,
    Grace,
    Leaf,
    Load,
    Place,
    Region,
    Release,
    Rmw,
    Scalar,
    Site,
    Store,
    Var,
)
from encoder.program.traverse import variables

CellWord = tuple[int, ...]
SlotValues = tuple[int, ...]
CompiledExpression = Callable[[Sequence[int]], int]
ActionOutcome = tuple[SlotValues, CellWord | None]
"""A thread's variables after an event, and the word that it wrote (None: no write)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableSlots:
    """The position of each of a thread's variables in its `SlotValues`, and their types."""

    slots: Mapping[str, int]
    types: tuple[Scalar, ...]

    def evaluator(self, expr: Expr) -> CompiledExpression:
        """`expr` as a function of the thread's values. Raises KeyError for a name that is no variable of the thread."""

        def leaf(name: Leaf) -> CompiledExpression:
            if not isinstance(name, Var):
                raise TypeError(f"{name} stands in a thread")
            slot = self.slots[name.name]
            return lambda values: values[slot]

        return compile_expression(expr, leaf)

    def copied(self, expr: Expr) -> int | None:
        """The slot of the variable of which an expression is a mere copy; None where it is no copy."""
        while isinstance(expr, Convert):
            expr = expr.operand
        return self.slots[expr.name] if isinstance(expr, Var) else None

    def reads(self, *exprs: Expr) -> frozenset[int]:
        """The slots of the variables in the expressions."""
        return frozenset(self.slots[name] for name in variables(*exprs))


@dataclass(frozen=True, slots=True, kw_only=True)
class CellTable:
    """The program's cells, and the number of each."""

    cells: tuple[Cell, ...]
    numbers: Mapping[CellName, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedAction:
    """An event compiled to functions.

    `base` and `targets` find the cell that it touches (None: none). `perform` takes the thread's values and the cell's
    word (() without a cell), and returns the outcome, or None while the event has to wait. `reads` and `writes` are
    slots. `subject` is what a flush or grace period is for: the address space, or 1 + the number of the cell that is
    the srcu_struct; 0 is nothing. `index` is the slot that an `srcu_read_lock()` returns its index to, or that is
    passed to an `srcu_read_unlock()`.
    """

    event: EventStatement
    perform: Callable[[SlotValues, CellWord], ActionOutcome | None]
    base: CompiledExpression | None
    targets: Mapping[int, int]
    subject: CompiledExpression | None
    reads: frozenset[int]
    writes: frozenset[int]
    index: int | None = None


def prepare_action(event: EventStatement, frame: VariableSlots, memory: CellTable) -> PreparedAction:
    """Compile `event` for threads with these slots."""
    match event:
        case Load(place=place, into=into):
            taken = _into(into, _components(place, memory), frame)
            made = _at_place(event, place, _loader(taken), frame, memory, (), taken)
            return replace(made, index=next((slot for _, slot in taken), None))
        case Store(place=place, values=values):
            made = _at_place(event, place, _storer(event, frame, memory), frame, memory, _exprs(values), ())
            return replace(made, index=next((frame.copied(value) for _, value in values), None))
        case Rmw(place=place, into=into, when=when, values=values, await_=await_):
            taken = _into(into, _components(place, memory), frame)
            exprs = (when, await_, *_exprs(values))
            return _at_place(event, place, _modifier(event, taken, frame, memory), frame, memory, exprs, taken)
        case Acquire(place=place, mode=mode, into=into):
            slot = None if into is None else frame.slots[into]
            taken = () if slot is None else ((0, slot),)
            return _at_place(event, place, _acquirer(mode, slot), frame, memory, (), taken)
        case Release(place=place, mode=mode, site=site):
            return _at_place(event, place, _releaser(mode, site), frame, memory, (), ())
        case Flush(mm=mm):
            return _at_none(event, frame.evaluator(mm), frame.reads(mm))
        case Grace(place=Place() as place):
            return _at_none(event, _domain(place, frame, memory), frame.reads(place.base))
        case Fence() | Region() | Grace():
            return _at_none(event, None, frozenset())
        case never:
            assert_never(never)


def check_value(value: int, type: Scalar) -> int:
    """`value`, which must be one of `type`, as the resolver inserts conversions. Raises ValueError where it is not."""
    if not fits(value, type):
        raise ValueError(f"{value} is no {type.kind}")
    return value


TargetSlots = tuple[tuple[int, int], ...]
"""(component number, slot) for each component that a read puts into a variable."""


def _at_place(
    event: EventStatement,
    place: Place,
    perform: Callable[[SlotValues, CellWord], ActionOutcome | None],
    frame: VariableSlots,
    memory: CellTable,
    exprs: tuple[Expr, ...],
    taken: TargetSlots,
) -> PreparedAction:
    written = frozenset(slot for _, slot in taken)
    return PreparedAction(
        event=event,
        perform=perform,
        base=frame.evaluator(place.base),
        targets={value: memory.numbers[cell] for value, cell in place.targets},
        subject=None,
        reads=(frame.reads(*exprs) - written) | frame.reads(place.base),
        writes=written,
    )


def _at_none(event: EventStatement, subject: CompiledExpression | None, reads: frozenset[int]) -> PreparedAction:
    return PreparedAction(
        event=event, perform=_nothing, base=None, targets={}, subject=subject, reads=reads, writes=frozenset()
    )  # fmt: skip


def _domain(place: Place, frame: VariableSlots, memory: CellTable) -> CompiledExpression:
    """1 + the number of the cell that a place denotes, 0 for none."""
    base, targets = frame.evaluator(place.base), {value: 1 + memory.numbers[cell] for value, cell in place.targets}
    return lambda values: targets.get(concrete_value(base(values)), 0)


def _components(place: Place, memory: CellTable) -> tuple[Component, ...]:
    """The components of the cells that a place may denote, which are all alike; () when it can denote none."""
    return memory.cells[memory.numbers[place.targets[0][1]]].components if place.targets else ()


def _exprs(values: tuple[tuple[str, Expr], ...]) -> tuple[Expr, ...]:
    return tuple(expr for _, expr in values)


def _into(into: tuple[tuple[str, str], ...], components: tuple[Component, ...], frame: VariableSlots) -> TargetSlots:
    if not components:
        return ()
    numbers = {component.name: number for number, component in enumerate(components)}
    return tuple((numbers[name], frame.slots[variable]) for name, variable in into)


def _nothing(values: SlotValues, word: CellWord) -> ActionOutcome:
    return values, None


def _filled(values: SlotValues, word: CellWord, taken: TargetSlots) -> SlotValues:
    after = list(values)
    for component, slot in taken:
        after[slot] = word[component]
    return tuple(after)


def _loader(taken: TargetSlots) -> Callable[[SlotValues, CellWord], ActionOutcome]:
    return lambda values, word: (_filled(values, word, taken), None)


def _writer(event: Store | Rmw, frame: VariableSlots, memory: CellTable) -> Callable[[SlotValues], CellWord]:
    """The word that the event's `values` make, in the order of the cell's components."""
    exprs = dict(event.values)
    parts = tuple((frame.evaluator(exprs[c.name]), c.type) for c in _components(event.place, memory))
    return lambda values: tuple(check_value(part(values), type) for part, type in parts)


def _storer(event: Store, frame: VariableSlots, memory: CellTable) -> Callable[[SlotValues, CellWord], ActionOutcome]:
    write = _writer(event, frame, memory)
    return lambda values, word: (values, write(values))


def _modifier(
    event: Rmw, taken: TargetSlots, frame: VariableSlots, memory: CellTable
) -> Callable[[SlotValues, CellWord], ActionOutcome | None]:
    write = _writer(event, frame, memory)
    when, ready = frame.evaluator(event.when), frame.evaluator(event.await_)

    def perform(values: SlotValues, word: CellWord) -> ActionOutcome | None:
        after = _filled(values, word, taken)
        if not ready(after):
            return None
        return after, write(after) if when(after) else None

    return perform


def _acquirer(
    mode: Literal["read", "write"], slot: int | None
) -> Callable[[SlotValues, CellWord], ActionOutcome | None]:
    """A lock's word is 0 when free, 1 when held for writing, 1 + the number of readers when held for reading."""

    def perform(values: SlotValues, word: CellWord) -> ActionOutcome | None:
        (held,) = word
        possible = held == 0 or (mode == "read" and held > 1)
        if slot is None and not possible:
            return None
        after = values if slot is None else _filled(values, (int(possible),), ((0, slot),))
        locked = 1 if mode == "write" else max(held, 1) + 1
        return after, (locked,) if possible else None

    return perform


def _releaser(mode: Literal["read", "write"], site: Site) -> Callable[[SlotValues, CellWord], ActionOutcome]:
    def perform(values: SlotValues, word: CellWord) -> ActionOutcome:
        (held,) = word
        if held == 0 or (held == 1) != (mode == "write"):
            raise NotHeld(f"released for {mode}, but not held for {mode}", site)
        return values, (held - 1 if held > 2 else 0,)

    return perform
