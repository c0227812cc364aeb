"""Partial-order reduction: a step that may be performed first, so that its interleavings with others need not be
explored.

A step of a thread may go first, alone of all possible steps, if it commutes with everything that the other threads and
the store buffers can do until it is performed, is enabled and stays so, and no property distinguishes the states before
and after it. Then every schedule from here on can be rearranged to begin with it, and passes through states that the
properties judge alike (a singleton persistent set, Godefroid: Partial-Order Methods, 1996). Such steps are

- fences, and the begins and ends of regions for which no other thread may still wait: those of IRQ-off regions matter
  while another thread may flush TLBs or be in a grace period of RCU that waits for them, those of RCU sections while
  one may be in such a grace period. The begins and ends of SRCU sections are accesses of the srcu_struct, which a grace
  period of SRCU touches;
- accesses of cells that no other thread will touch;
- under TSO, a store that goes into the buffer: other threads see only its draining, and the thread's earlier stores
  drain before it in any case. States with a store in a buffer are not judged; the state that is judged instead, with
  all stores drained, differs in the stored cell alone, which no property reads.

A step goes first only where the state that it leads to is expanded later; otherwise a thread in a cycle could be
followed for ever while the others wait (the ignoring problem).
"""

from collections.abc import Callable, Iterable
from typing import assert_never

from encoder.concrete.explorer.footprint import FLUSH, GRACE, cells_ahead, observable_leaves
from encoder.concrete.explorer.pointers import points_to
from encoder.concrete.explorer.transitions import Transitions, is_store
from encoder.concrete.interleaving.judgement import ThreadView
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
    """Chooses the thread that may go first. `props` are all the properties that are judged."""

    def __init__(self, transitions: Transitions, props: Iterable[Property]) -> None:
        machine = transitions.machine
        threads = machine.program.threads
        pointers = points_to(machine.program)
        instances = [instance for prop in props for instance in prop.instances]
        self._transitions = transitions
        irq = (FLUSH, GRACE) if machine.program.irq_readers else (FLUSH,)
        self._waiters = {"irq": irq, "rcu": (GRACE,)}
        self._cells_ahead = [
            cells_ahead(machine.codes[number], number, pointers, machine.numbers) for number in range(len(threads))
        ]
        self._observed_cells: list[frozenset[int]] = []
        self._views: list[ThreadView] = []
        for number, thread in enumerate(threads):
            leaves = observable_leaves(instances, thread.name, pointers)
            cells = (machine.numbers[leaf.cell] for leaf in leaves if isinstance(leaf, Final))
            self._observed_cells.append(frozenset(cells))
            self._views.append(ThreadView(machine, number, leaves))

    def independent_step(
        self, state: MachineState, later: Callable[[MachineState, MachineState], bool]
    ) -> MachineState | None:
        """The state after a step that may go first; None: all steps have to be explored. `later(a, b)` says whether
        this question is answered for state b after it was for state a."""
        for thread, local in enumerate(state.locals):
            if local.action is not None and self._commutes(state, thread, local.cell, local.action.event):
                found = list(self._transitions.thread_successors(state, thread))
                view = self._views[thread]
                only = len(found) == 1 and found[0].box == state.box and later(state, found[0])
                if only and view.key(local) == view.key(found[0].locals[thread]):
                    return found[0]
        return None

    def _commutes(self, state: MachineState, thread: int, cell: int, event: EventStatement) -> bool:
        """Whether the thread's step, once possible, commutes with all that other threads do, and changes no cell that a
        property reads."""
        match event:
            case Load():
                return not self._others_may_touch(state, thread, cell)
            case Store() | Release() | Rmw() | Acquire():
                waits = self._transitions.tso and is_store(event)
                return cell not in self._observed_cells[thread] and (
                    waits or not self._others_may_touch(state, thread, cell)
                )
            case Fence():
                return True
            case Region(kind=kind):
                return not any(self._others_may_touch(state, thread, each) for each in self._waiters[kind])
            case Flush() | Grace():
                return False
            case never:
                assert_never(never)

    def _others_may_touch(self, state: MachineState, thread: int, cell: int) -> bool:
        """Whether another thread may still touch the cell, or has a store to it in its buffer."""
        for other, local in enumerate(state.locals):
            if other != thread:
                if cell in self._cells_ahead[other][local.place]:
                    return True
                if state.buffers and any(stored == cell for stored, _ in state.buffers[other]):
                    return True
        return False
