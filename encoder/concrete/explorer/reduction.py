"""Steps that may go first, so that the orders in which others come between them need not be looked at.

A step of a thread may go first, alone of all steps that are possible, where it commutes with everything that the other
threads and the store buffers can do until it is done, is enabled and stays so, and no property tells the states before
it from those after it. Then every schedule from here on can be rearranged to begin with it, and passes through states
that the properties judge alike (a singleton persistent set, as in Godefroid: Partial-Order Methods, 1996). Such are

- fences, and the edges of regions for which no other thread may still wait: those of irq regions matter while one may
  flush or be in a grace period of RCU that waits for them, those of RCU's sections while one may be in such a grace
  period. The edges of SRCU's sections are accesses of the srcu_struct, which a grace period of SRCU touches;
- accesses of cells that no other thread will touch;
- under TSO, a store that goes into the buffer: only its draining is seen by others, and own drains come before it in
  any case. States with a store in a buffer are not judged; the one that is judged instead, with everything drained,
  differs in the stored cell alone, of which no property speaks.

A step goes first only where the same is decided later in the state that it leads to, lest a thread that goes in circles
be followed while the others wait for ever.
"""

from collections.abc import Callable, Iterable
from typing import assert_never

from encoder.concrete.explorer.footprint import FLUSH, GRACE, ahead, observed
from encoder.concrete.explorer.pointers import points_to
from encoder.concrete.explorer.transitions import Transitions, is_store
from encoder.concrete.interleaving.judgement import View
from encoder.concrete.interleaving.state import MachineState
from encoder.program.core import (
    Acquire,
    EventStatement,
    Fence,
    Final,
    Flush,
    Grace,
    Load,
    Property,
    Region,
    Release,
    Rmw,
    Store,
)


class Reduction:
    """Which thread may go first. `props` are all that is judged."""

    def __init__(self, system: Transitions, props: Iterable[Property]) -> None:
        machine = system.machine
        threads = machine.program.threads
        pointers = points_to(machine.program)
        instances = [instance for prop in props for instance in prop.instances]
        self._system = system
        irq = (FLUSH, GRACE) if machine.program.irq_readers else (FLUSH,)
        self._waits = {"irq": irq, "rcu": (GRACE,)}
        self._ahead = [
            ahead(machine.codes[number], number, pointers, machine.numbers) for number in range(len(threads))
        ]
        self._told: list[frozenset[int]] = []
        self._views: list[View] = []
        for number, thread in enumerate(threads):
            leaves = observed(instances, thread.name, pointers)
            cells = (machine.numbers[leaf.cell] for leaf in leaves if isinstance(leaf, Final))
            self._told.append(frozenset(cells))
            self._views.append(View(machine, number, leaves))

    def first(self, state: MachineState, later: Callable[[MachineState, MachineState], bool]) -> MachineState | None:
        """The state after a step that may go first; None: everything has to be looked at. `later` says whether the same
        question is answered in the second state after it is in the first."""
        for thread, local in enumerate(state.locals):
            if local.action is not None and self._commutes(state, thread, local.cell, local.action.event):
                found = list(self._system.steps(state, thread))
                view = self._views[thread]
                alone = len(found) == 1 and found[0].box == state.box and later(state, found[0])
                if alone and view.of(local) == view.of(found[0].locals[thread]):
                    return found[0]
        return None

    def _commutes(self, state: MachineState, thread: int, cell: int, event: EventStatement) -> bool:
        """Whether the step, once possible, commutes with all that others do, and leaves what is judged in memory."""
        match event:
            case Load():
                return not self._others(state, thread, cell)
            case Store() | Release() | Rmw() | Acquire():
                waits = self._system.tso and is_store(event)
                return cell not in self._told[thread] and (waits or not self._others(state, thread, cell))
            case Fence():
                return True
            case Region(kind=kind):
                return not any(self._others(state, thread, each) for each in self._waits[kind])
            case Flush() | Grace():
                return False
            case never:
                assert_never(never)

    def _others(self, state: MachineState, thread: int, cell: int) -> bool:
        """Whether another thread may still touch the cell, or has a store to it in its buffer."""
        for other, local in enumerate(state.locals):
            if other != thread:
                if cell in self._ahead[other][local.place]:
                    return True
                if state.buffers and any(stored == cell for stored, _ in state.buffers[other]):
                    return True
        return False
