"""Properties, judged in one state."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, assert_never

from encoder.concrete.expression import Leaf, compiled, leaves
from encoder.concrete.interpreter import Machine
from encoder.concrete.state import Local, State
from encoder.program.core import At, Ended, Final, Instance, Property, ThreadVar, Var

Test = Callable[[State], int]


class Judge:
    """Judges the states of a machine by a property; the answer for what an instance speaks of is remembered."""

    def __init__(self, machine: Machine, prop: Property) -> None:
        self.instances = tuple(_Judged(machine, instance) for instance in prop.instances)
        self.symbolic = any(isinstance(leaf, Var) for instance in prop.instances for leaf in spoken(instance))

    def situations(self, state: State) -> tuple[Instance, ...]:
        """The instances whose situation holds."""
        return tuple(judged.instance for judged in self.instances if judged.holds(state)[0])

    def violations(self, state: State) -> tuple[Instance, ...]:
        """The instances that are broken: situation and violation hold together."""
        return tuple(judged.instance for judged in self.instances if judged.holds(state)[1])


def spoken(instance: Instance) -> tuple[Leaf, ...]:
    """What an instance speaks of."""
    return (*leaves(instance.situation), *leaves(instance.violation))


class _Judged:
    def __init__(self, machine: Machine, instance: Instance) -> None:
        self.instance = instance
        self._situation = compiled(instance.situation, _reader(machine))
        self._violation = compiled(instance.violation, _reader(machine))
        named = {thread.name: number for number, thread in enumerate(machine.program.threads)}
        cells: set[int] = set()
        threads: set[int] = set()
        for leaf in spoken(instance):
            match leaf:
                case Final(cell):
                    cells.add(machine.numbers[cell])
                case ThreadVar(thread) | At(thread) | Ended(thread):
                    threads.add(named[thread])
                case Var():
                    pass
                case never:
                    assert_never(never)
        self._memory = _picker(cells)
        self._locals = _picker(threads)
        self._known: dict[tuple[object, object, object], tuple[bool, bool]] = {}

    def holds(self, state: State) -> tuple[bool, bool]:
        """(the situation holds, the instance is broken)."""
        key = (self._memory(state.memory), self._locals(state.locals), state.symbols)
        known = self._known.get(key)
        if known is None:
            situation = bool(self._situation(state))
            known = self._known[key] = (situation, situation and bool(self._violation(state)))
        return known


def _picker(numbers: set[int]) -> Callable[[tuple[Any, ...]], object]:
    """A function that picks these members of a tuple."""
    return itemgetter(*sorted(numbers)) if numbers else lambda whole: None


def _reader(machine: Machine) -> Callable[[Leaf], Test]:
    """How a state answers for the leaves of a property."""
    program = machine.program
    named = {thread.name: number for number, thread in enumerate(program.threads)}

    def leaf(name: Leaf) -> Test:
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
            case Var(symbol):
                place = [known.name for known in program.symbols].index(symbol)
                return lambda state: state.symbols[place]
            case never:
                assert_never(never)

    return leaf


def _at(local: Local, label: str) -> bool:
    """Whether the thread's next event belongs to the step with this label, at any call depth."""
    return local.action is not None and label in local.action.event.site.path


def violations(machine: Machine, prop: Property, state: State) -> tuple[Instance, ...]:
    """The instances of the property that the state breaks."""
    return Judge(machine, prop).violations(state)


def situations(machine: Machine, prop: Property, state: State) -> tuple[Instance, ...]:
    """The instances of the property whose situation holds in the state."""
    return Judge(machine, prop).situations(state)
