"""Steps in any order to what each thread did: sources are read when they are known, whatever the order of the steps.

    possible(program, start, steps, loops) -> each Happened

Threads are run again and again, each read given what its source is known to write, until nothing more becomes known.
Where that leaves a branch undecided (a read's value decides it, and depends on it only through other threads), both
ways are tried, and both may be possible.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from encoder.base.errors import SelfCheckError
from encoder.base.result import ScheduleStep
from encoder.concrete.axiomatic.thread_run import Stuck, ThreadRun, WrongGuess
from encoder.concrete.interleaving.fitting import fits, no_thread
from encoder.concrete.semantics.action import CellWord
from encoder.concrete.semantics.event_effect import EventEffect, Partial, reads
from encoder.concrete.semantics.faults import ProgramFault
from encoder.program.core import Cell, CellName, EventStatement, Program
from encoder.program.traverse import place_of


@dataclass(frozen=True, slots=True)
class Drawn:
    """One step: the thread's event number `index` (from 0), and the step (from 1; 0: the start) whose write it reads,
    None where it reads nothing. `recorded` is what the step was when it was recorded, if it was."""

    thread: str
    index: int
    reads_from: int | None = None
    recorded: ScheduleStep | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A step that was done: its number, thread, its place in the thread, source, and what it did."""

    step: int
    thread: int
    index: int
    source: int | None
    deed: EventEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRuns:
    """`done` by step; `walks` are the threads where they have stopped, `following` the event that each would do."""

    done: tuple[Done, ...]
    walks: tuple[ThreadRun, ...]
    following: tuple[EventStatement | None, ...]

    def of(self, thread: int) -> list[Done]:
        """What the thread did, in program order."""
        return sorted((done for done in self.done if done.thread == thread), key=lambda done: done.index)


def possible(
    program: Program, start: Mapping[CellName, CellWord], steps: Sequence[Drawn], loops: int | None
) -> Iterator[ThreadRuns]:
    """All that these steps and sources may mean: more than one thing where values justify each other in a circle
    through a branch. Raises SelfCheckError where the threads cannot make these steps."""
    try:
        yield from _Threads(program, start, steps, loops).tried({})
    except WrongGuess as wrong:
        raise SelfCheckError("replay: no path through the branches agrees with the values that are read") from wrong


Guesses = dict[tuple[int, int], bool]
"""(thread, number of a branch of it) to the way it goes."""


class _Threads:
    def __init__(
        self, program: Program, start: Mapping[CellName, CellWord], steps: Sequence[Drawn], loops: int | None
    ) -> None:
        self.program = program
        self.start = start
        self.steps = steps
        self.loops = loops
        self.cells: dict[CellName, Cell] = {cell.name: cell for cell in program.cells}
        self.own = self._numbered()

    def _numbered(self) -> list[list[int]]:
        """The step numbers of each thread in program order. Raises SelfCheckError."""
        names = {thread.name: number for number, thread in enumerate(self.program.threads)}
        own: list[dict[int, int]] = [{} for _ in names]
        for number, step in enumerate(self.steps, 1):
            if step.thread not in names:
                raise no_thread(step.thread, number)
            if step.reads_from is not None and not 0 <= step.reads_from < number:
                raise SelfCheckError(f"replay, step {number} reads from step {step.reads_from}, which is not above it")
            if own[names[step.thread]].setdefault(step.index, number) != number:
                raise SelfCheckError(f"replay, step {number}: {step.thread} does its event {step.index} a second time")
        for thread, numbers in zip(self.program.threads, own, strict=True):
            if sorted(numbers) != list(range(len(numbers))):
                raise SelfCheckError(
                    f"replay: {thread.name} does its event {max(numbers)}, but not all events before it"
                )
        return [[numbers[index] for index in range(len(numbers))] for numbers in own]

    def tried(self, guesses: Guesses) -> Iterator[ThreadRuns]:
        """What may happen where undecided branches go as guessed, further ones either way. Raises SelfCheckError or
        WrongGuess where nothing may."""
        found, stuck = self._settled(guesses)
        if stuck is None:
            yield found
            return
        wrong, none = None, True
        for way in (True, False):
            try:
                for each in self.tried(guesses | {stuck: way}):
                    none = False
                    yield each
            except (SelfCheckError, WrongGuess) as error:
                wrong = error
        if none and wrong is not None:
            raise wrong

    def _settled(self, guesses: Guesses) -> tuple[ThreadRuns, tuple[int, int] | None]:
        """Everything that can be known, and the first branch that is not decided by it."""
        done: dict[int, Done] = {}
        while True:
            before = {number: known.deed for number, known in done.items()}
            stuck = None
            walks, following = [], []
            for thread in range(len(self.own)):
                walk, event, branch = self._walked(thread, done, guesses)
                walks.append(walk)
                following.append(event)
                if branch is not None and stuck is None:
                    stuck = (thread, branch)
            if before == {number: known.deed for number, known in done.items()}:
                break
        if stuck is None:
            self._check(done)
        steps = tuple(done[number] for number in sorted(done))
        return ThreadRuns(done=steps, walks=tuple(walks), following=tuple(following)), stuck

    def _walked(
        self, thread: int, done: dict[int, Done], guesses: Guesses
    ) -> tuple[ThreadRun, EventStatement | None, int | None]:
        """The thread run as far as it goes, what it does put into `done`; its next event, the branch it is stuck at."""
        own = {branch: way for (other, branch), way in guesses.items() if other == thread}
        walk = ThreadRun(self.program.threads[thread], self.cells, self.loops, own)
        name = self.program.threads[thread].name
        number = 0
        try:
            move = next(walk.steps)
            for index, number in enumerate(self.own[thread]):
                if (recorded := self.steps[number - 1].recorded) is not None:
                    fits(number, recorded, move.event.site)
                word = self._read(number, move.event, move.cell, done)
                try:
                    move = walk.steps.send(word)
                finally:
                    if len(walk.deeds) > index:
                        done[number] = Done(
                            step=number, thread=thread, index=index, source=self.steps[number - 1].reads_from,
                            deed=walk.deeds[index],
                        )  # fmt: skip
        except StopIteration:
            self._ended(walk, thread)
            return walk, None, None
        except Stuck as stuck:
            return walk, None, stuck.branch
        except ProgramFault as fault:
            where = f"step {number}: " if number else ""
            raise SelfCheckError(f"replay, {where}{name}, {fault}") from fault
        return walk, move.event, None

    def _ended(self, walk: ThreadRun, thread: int) -> None:
        """Raises SelfCheckError where the thread comes to its end, or beyond a bound, before all its steps."""
        own, name = self.own[thread], self.program.threads[thread].name
        if len(walk.deeds) < len(own):
            where = f"replay, step {own[len(walk.deeds)]}: {name}"
            if walk.stopped is not None:
                raise SelfCheckError(f"{where} is beyond the bound of the loop at {walk.stopped.label}")
            raise SelfCheckError(f"{where} has ended")

    def _read(self, number: int, event: EventStatement, cell: CellName | None, done: dict[int, Done]) -> Partial | None:
        """The word that the step reads, so far as it is known; None where it reads nothing. Raises SelfCheckError."""
        source, where = self.steps[number - 1].reads_from, f"replay, step {number} ({event.site.event})"
        if not reads(event):
            if source is not None:
                raise SelfCheckError(f"{where} reads nothing, but the schedule says that it reads from step {source}")
            return None
        if source is None:
            raise SelfCheckError(f"{where} reads, but the schedule does not say from where")
        place = place_of(event)
        assert place is not None
        unknown: Partial = (None,) * len(self.cells[place.targets[0][1]].components)
        if source == 0:
            return unknown if cell is None else self.start[cell]
        if source not in done:
            return unknown
        deed = done[source].deed
        if deed.wrote is False:
            raise SelfCheckError(f"{where} reads from step {source}, which writes nothing")
        if cell is None or deed.cell is None or deed.written is None:
            return unknown
        if deed.cell != cell:
            raise SelfCheckError(f"{where} reads {cell} from step {source}, which writes {deed.cell}")
        return deed.written

    def _check(self, done: Mapping[int, Done]) -> None:
        """Raises SelfCheckError where something is not known in the end: what reads in a circle return comes from
        themselves alone."""
        for number in range(1, len(self.steps) + 1):
            deed = done[number].deed
            parts = (*(deed.read or ()), *(deed.written or ()))
            place = place_of(deed.event)
            if None in parts or deed.wrote is None or (place is not None and deed.cell is None):
                raise SelfCheckError(f"replay, step {number} ({deed.event.site.event}) has a value from thin air")
