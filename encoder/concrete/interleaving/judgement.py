"""Evaluates properties in a state."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, assert_never

from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import Local, MachineState
from encoder.concrete.semantics.affine import Ranges, SymbolBox
from encoder.concrete.semantics.expression import compile_expression
from encoder.program.core import At, Ended, Final, Instance, Keeps, Leaf, Property, ThreadVar, Var, Waits
from encoder.program.traverse import leaves

StateTest = Callable[[MachineState], int]


class PropertyJudge:
    """Judges the states of a machine by a property; results are cached by the values that an instance depends on.

    `ranges` are the ranges of those symbols of the states that were not enumerated.
    """

    def __init__(self, machine: Machine, prop: Property, ranges: Ranges | None = None) -> None:
        own = ranges or Ranges()
        self.instances = tuple(_InstanceJudge(machine, instance, own) for instance in prop.instances)

    def situations(self, state: MachineState) -> tuple[Instance, ...]:
        """The instances whose situation holds for some of the initial values that the state stands for."""
        return tuple(judged.instance for judged in self.instances if judged.holds(state)[0])

    def violations(self, state: MachineState) -> tuple[Instance, ...]:
        """The instances that are broken for some of these initial values: situation and violation hold together."""
        return tuple(judged.instance for judged in self.instances if judged.holds(state)[1] is not None)

    def judge(self, state: MachineState) -> tuple[bool, SymbolBox | None]:
        """(whether some situation holds, the initial values for which the first broken instance is broken, None if none
        is)."""
        found = [judged.holds(state) for judged in self.instances]
        return any(holds for holds, _ in found), next((broken for _, broken in found if broken is not None), None)


def observed_leaves(instance: Instance) -> tuple[Leaf, ...]:
    """The atoms of an instance."""
    return tuple(leaves(instance.situation, instance.violation))


class _InstanceJudge:
    """Judges states by one instance."""

    def __init__(self, machine: Machine, instance: Instance, ranges: Ranges) -> None:
        self.instance = instance
        self._ranges = ranges
        self._situation = compile_expression(instance.situation, leaf_reader(machine))
        self._violation = compile_expression(instance.violation, leaf_reader(machine))
        named = {thread.name: number for number, thread in enumerate(machine.program.threads)}
        cells: set[int] = set()
        threads: dict[int, list[Leaf]] = {}
        for leaf in observed_leaves(instance):
            match leaf:
                case Final(cell):
                    cells.add(machine.numbers[cell])
                case ThreadVar(thread) | At(thread) | Ended(thread) | Keeps(thread) | Waits(thread):
                    threads.setdefault(named[thread], []).append(leaf)
                case Var():
                    pass
                case never:
                    assert_never(never)
        self._memory = _picker(cells)
        self._waiting = tuple(
            sorted({named[leaf.thread] for leaf in observed_leaves(instance) if isinstance(leaf, Waits)})
        )
        self._threads = tuple((number, ThreadView(machine, number, own)) for number, own in threads.items())
        self._known: dict[tuple[object, ...], tuple[bool, SymbolBox | None]] = {}

    def holds(self, state: MachineState) -> tuple[bool, SymbolBox | None]:
        """(whether the situation holds for some initial value, the first box of initial values for which the instance
        is broken)."""
        seen = [view.key(state.locals[number]) for number, view in self._threads]
        words = [_awaited(state, number) for number in self._waiting]
        key = self._memory(state.memory), *seen, *words, state.symbols, state.box
        known = self._known.get(key)
        if known is None:
            found = list(self._ranges.pieces(state.box, lambda: self._judge(state)))
            broken = next((box for box, (_, violated) in found if violated), None)
            known = self._known[key] = (any(situation for _, (situation, _) in found), broken)
        return known

    def _judge(self, state: MachineState) -> tuple[bool, bool]:
        situation = bool(self._situation(state))
        return situation, situation and bool(self._violation(state))


class ThreadView:
    """What these leaves depend on of one thread; leaves about other threads are ignored."""

    def __init__(self, machine: Machine, thread: int, of: Sequence[Leaf]) -> None:
        declared = machine.program.threads[thread]
        own = [leaf for leaf in of if isinstance(leaf, ThreadVar | At | Ended) and leaf.thread == declared.name]
        names = [name for name, _ in declared.variables]
        self._slots = sorted({names.index(leaf.name) for leaf in own if isinstance(leaf, ThreadVar)})
        self._labels = sorted({leaf.label for leaf in own if isinstance(leaf, At)})
        self._ended = any(isinstance(leaf, Ended) for leaf in own)
        self._waits = any(isinstance(leaf, Waits) and leaf.thread == declared.name for leaf in of)
        self._keeps = any(isinstance(leaf, Keeps) and leaf.thread == declared.name for leaf in of)
        self._known: dict[Local, tuple[object, ...]] = {}

    def key(self, local: Local) -> tuple[object, ...]:
        """Equal for two local states that none of the leaves distinguishes."""
        known = self._known.get(local)
        if known is None:
            labels = (_at(local, label) for label in self._labels)
            values = (local.values[slot] for slot in self._slots)
            more = local if self._waits else None, (local.ended, local.held) if self._keeps else None
            known = self._known[local] = (*values, *labels, self._ended and local.ended, *more)
        return known


def _picker(numbers: set[int]) -> Callable[[tuple[Any, ...]], object]:
    """A function that picks these members of a tuple."""
    return itemgetter(*sorted(numbers)) if numbers else lambda whole: None


def leaf_reader(machine: Machine) -> Callable[[Leaf], StateTest]:
    """How to evaluate a property's leaves in a state."""
    program = machine.program
    named = {thread.name: number for number, thread in enumerate(program.threads)}

    def leaf(name: Leaf) -> StateTest:
        match name:
            case Final(cell, component):
                place = machine.numbers[cell]
                part = [known.name for known in program.cells[place].components].index(component)
                return lambda state: state.memory[place][part]
            case ThreadVar(thread, variable):
                number = named[thread]
                slot = [known for known, _ in program.threads[number].variables].index(variable)
                return lambda state: state.locals[number].values[slot]
            case At(thread, label):
                number = named[thread]
                return lambda state: int(_at(state.locals[number], label))
            case Ended(thread):
                number = named[thread]
                return lambda state: int(state.locals[number].ended)
            case Waits(thread):
                number = named[thread]
                return lambda state: int(machine.waits(state, number))
            case Keeps(thread, kind, cell):
                number, what = named[thread], (kind, cell)
                return lambda state: int(state.locals[number].ended and what in dict(state.locals[number].held))
            case Var(symbol):
                place = [known.name for known in program.symbols].index(symbol)
                return lambda state: state.symbols[place]
            case never:
                assert_never(never)

    return leaf


def _awaited(state: MachineState, number: int) -> object:
    """What decides, besides the thread's local state, whether it waits."""
    local = state.locals[number]
    return state.memory[local.cell] if local.cell >= 0 else state.awaited[number]


def _at(local: Local, label: str) -> bool:
    """Whether the thread's next event belongs to the step with this label, at any call depth."""
    return local.action is not None and label in local.action.event.site.path


def violations(machine: Machine, prop: Property, state: MachineState) -> tuple[Instance, ...]:
    """The instances of the property that the state breaks."""
    return PropertyJudge(machine, prop).violations(state)


def situations(machine: Machine, prop: Property, state: MachineState) -> tuple[Instance, ...]:
    """The instances of the property whose situation holds in the state."""
    return PropertyJudge(machine, prop).situations(state)
