"""How a search came to a state: a schedule from a true start, told step by step."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from encoder.concrete.explorer.transitions import Transitions
from encoder.concrete.interleaving.state import MachineState
from encoder.concrete.semantics.affine import Affine, Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """`schedule` has a thread's name per step, `story` the steps as `thread: label`, and where stores drain. `end` is
    the state that it leads to, `symbols` the smallest values for which it does."""

    schedule: tuple[str, ...]
    story: tuple[str, ...]
    symbols: tuple[tuple[str, int], ...]
    end: MachineState


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """`numbers` counts the states that were met, `origins` has by number the state each was first reached from,
    `starts` the true start, with its symbols, of each that is one. States are the `canonical` ones of several that are
    alike."""

    system: Transitions
    canonical: Callable[[MachineState], MachineState]
    numbers: Mapping[MachineState, int]
    origins: Sequence[MachineState | None]
    starts: Mapping[MachineState, tuple[MachineState, Mapping[str, int]]]

    def to(self, state: MachineState, box: Box) -> Trace:
        """The way to a state, for starts in `box`: found again from the true start."""
        chain = [state]
        while (origin := self.origins[self.numbers[chain[-1]]]) is not None:
            chain.append(origin)
        true, symbols = self.starts[chain.pop()]
        schedule: list[str] = []
        story: list[str] = []
        for wanted in reversed(chain):
            moves = (move for move in self._moves(true) if self.canonical(move[2]) == wanted)
            thread, told, true = next(moves)
            if thread is not None:
                schedule.append(thread)
            story.append(told)
        chosen = {
            name: box[value.symbol][0] + value.offset if isinstance(value, Affine) else value
            for name, value in symbols.items()
        }
        return Trace(schedule=tuple(schedule), story=tuple(story), symbols=tuple(chosen.items()), end=true)

    def _moves(self, state: MachineState) -> Iterator[tuple[str | None, str, MachineState]]:
        """Each step, with the thread's name, and each store that drains: what happens in words, the state after."""
        program = self.system.machine.program
        for number, thread in enumerate(program.threads):
            event = self.system.machine.next_event(state, number)
            for after in self.system.steps(state, number):
                assert event is not None
                yield thread.name, f"{thread.name}: {event.site.label}", after
        for number, after in self.system.drains(state):
            cell = program.cells[state.buffers[number][0][0]].name
            yield None, f"{program.threads[number].name}: {cell} is seen", after
