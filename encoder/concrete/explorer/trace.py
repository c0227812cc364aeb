"""The path by which a search came to a state, as a schedule from a concrete initial state."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from encoder.concrete.explorer.transitions import Transitions
from encoder.concrete.interleaving.state import MachineState
from encoder.concrete.semantics.affine import Affine, SymbolBox


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """`schedule` has a thread's name for each step; `story` has the steps as `thread: label`, and the draining of
    stores. `end` is the state that the schedule leads to, `symbols` the smallest values for which it does."""

    schedule: tuple[str, ...]
    story: tuple[str, ...]
    symbols: tuple[tuple[str, int], ...]
    end: MachineState


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Rebuilds traces. `numbers` numbers the visited states, `origins` has by number the state from which each was
    first reached, `starts` the initial state, before it was made canonical, and its symbols. `canonical` maps a state
    to the one that stands for all symmetric ones."""

    transitions: Transitions
    canonical: Callable[[MachineState], MachineState]
    numbers: Mapping[MachineState, int]
    origins: Sequence[MachineState | None]
    starts: Mapping[MachineState, tuple[MachineState, Mapping[str, int]]]

    def trace_to(self, state: MachineState, box: SymbolBox) -> Trace:
        """A path to a state for initial values in `box`, found again from the initial state."""
        chain = [state]
        while (origin := self.origins[self.numbers[chain[-1]]]) is not None:
            chain.append(origin)
        true, symbols = self.starts[chain.pop()]
        schedule: list[str] = []
        story: list[str] = []
        for wanted in reversed(chain):
            moves = (move for move in self._labelled_successors(true) if self.canonical(move[2]) == wanted)
            thread, text, true = next(moves)
            if thread is not None:
                schedule.append(thread)
            story.append(text)
        chosen = {
            name: box[value.symbol][0] + value.offset if isinstance(value, Affine) else value
            for name, value in symbols.items()
        }
        return Trace(schedule=tuple(schedule), story=tuple(story), symbols=tuple(chosen.items()), end=true)

    def _labelled_successors(self, state: MachineState) -> Iterator[tuple[str | None, str, MachineState]]:
        """Each step and each draining of a store: the thread's name (None for draining), a description, the state after
        it."""
        program = self.transitions.machine.program
        for number, thread in enumerate(program.threads):
            event = self.transitions.machine.next_event(state, number)
            for after in self.transitions.thread_successors(state, number):
                assert event is not None
                yield thread.name, f"{thread.name}: {event.site.label}", after
        for number, after in self.transitions.drains(state):
            cell = program.cells[state.buffers[number][0][0]].name
            yield None, f"{program.threads[number].name}: {cell} is seen", after
