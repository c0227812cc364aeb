"""Runs all threads on given steps and reads-from, whatever the order of the steps.

  possible_runs(program, start, steps, loops) -> iterator of ThreadRuns

Threads are run again and again, each read given what its source is known to write, until nothing more becomes known.
Where that leaves a branch undecided (a value that decides it depends on it, only through other threads), both outcomes
are tried, and both may be possible.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from encoder.base.errors import SelfCheckError
from encoder.base.result import ScheduleStep
from encoder.concrete.axiomatic.thread_run import ThreadRun, UndecidedBranch, WrongGuess
from encoder.concrete.interleaving.check_recording import check_site, unknown_thread
from encoder.concrete.semantics.action import CellWord
from encoder.concrete.semantics.event_effect import EventEffect, PartialWord, has_read
from encoder.concrete.semantics.faults import ProgramFault
from encoder.program.core import Cell, CellName, EventStatement, Program
from encoder.program.traverse import place_of


@dataclass(frozen=True, slots=True)
class WitnessStep:
    """One step: the thread's event number `index` (from 0), and in `reads_from` the step whose write it reads (counted
    from 1; 0 is the initial value), None where it reads nothing. `recorded` is the step of the recorded witness, if
    there is one."""

    thread: str
    index: int
    reads_from: int | None = None
    recorded: ScheduleStep | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutedStep:
    """A step that was performed: its number, thread (by number), index in the thread, the step it reads from, and its
    effect."""

    step: int
    thread: int
    index: int
    source: int | None
    effect: EventEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRuns:
    """`done` has the executed steps by number, `runs` the threads where they have stopped, `next_events` the event that
    each would perform next (None: it has ended or is beyond a loop bound)."""

    done: tuple[ExecutedStep, ...]
    runs: tuple[ThreadRun, ...]
    next_events: tuple[EventStatement | None, ...]

    def of_thread(self, thread: int) -> list[ExecutedStep]:
        """The thread's executed steps in program order."""
        return sorted((done for done in self.done if done.thread == thread), key=lambda done: done.index)


def possible_runs(
    program: Program, start: Mapping[CellName, CellWord], steps: Sequence[WitnessStep], loops: int | None
) -> Iterator[ThreadRuns]:
    """All executions that these steps and sources may mean: several where values justify each other in a cycle through
    a branch. Raises SelfCheckError where the threads cannot perform these steps."""
    try:
        yield from _RunSolver(program, start, steps, loops).runs_under({})
    except WrongGuess as wrong:
        raise SelfCheckError("replay: no path through the branches agrees with the values that are read") from wrong


Guesses = dict[tuple[int, int], bool]
"""(thread, number of its branch) to the branch's outcome."""


class _RunSolver:
    """Finds the values that the steps read and write, for given reads-from."""

    def __init__(
        self, program: Program, start: Mapping[CellName, CellWord], steps: Sequence[WitnessStep], loops: int | None
    ) -> None:
        self.program = program
        self.start = start
        self.steps = steps
        self.loops = loops
        self.cells: dict[CellName, Cell] = {cell.name: cell for cell in program.cells}
        self.own = self._steps_by_thread()

    def _steps_by_thread(self) -> list[list[int]]:
        """The step numbers of each thread in program order. Raises SelfCheckError where a thread or event is unknown,
        missing or repeated, or a step reads from a later one."""
        names = {thread.name: number for number, thread in enumerate(self.program.threads)}
        own: list[dict[int, int]] = [{} for _ in names]
        for number, step in enumerate(self.steps, 1):
            if step.thread not in names:
                raise unknown_thread(step.thread, number)
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

    def runs_under(self, guesses: Guesses) -> Iterator[ThreadRuns]:
        """The executions in which undecided branches have the guessed outcomes, further ones either. Raises
        SelfCheckError or WrongGuess where there is none."""
        found, stuck = self._run_to_fixpoint(guesses)
        if stuck is None:
            yield found
            return
        wrong, none = None, True
        for way in (True, False):
            try:
                for each in self.runs_under(guesses | {stuck: way}):
                    none = False
                    yield each
            except (SelfCheckError, WrongGuess) as error:
                wrong = error
        if none and wrong is not None:
            raise wrong

    def _run_to_fixpoint(self, guesses: Guesses) -> tuple[ThreadRuns, tuple[int, int] | None]:
        """Everything that can be inferred, and the first branch that this leaves undecided, as (thread, branch)."""
        done: dict[int, ExecutedStep] = {}
        while True:
            before = {number: known.effect for number, known in done.items()}
            stuck = None
            runs, next_events = [], []
            for thread in range(len(self.own)):
                run, event, branch = self._run_thread(thread, done, guesses)
                runs.append(run)
                next_events.append(event)
                if branch is not None and stuck is None:
                    stuck = (thread, branch)
            if before == {number: known.effect for number, known in done.items()}:
                break
        if stuck is None:
            self._check_known(done)
        steps = tuple(done[number] for number in sorted(done))
        return ThreadRuns(done=steps, runs=tuple(runs), next_events=tuple(next_events)), stuck

    def _run_thread(
        self, thread: int, done: dict[int, ExecutedStep], guesses: Guesses
    ) -> tuple[ThreadRun, EventStatement | None, int | None]:
        """Run the thread as far as it goes and add its steps to `done`. Returns the run, its next event, and the number
        of the branch that stopped it."""
        own = {branch: way for (other, branch), way in guesses.items() if other == thread}
        run = ThreadRun(self.program.threads[thread], self.cells, self.loops, own)
        name = self.program.threads[thread].name
        number = 0
        try:
            move = next(run.events)
            for index, number in enumerate(self.own[thread]):
                if (recorded := self.steps[number - 1].recorded) is not None:
                    check_site(number, recorded, move.event.site)
                word = self._word_read(number, move.event, move.cell, done)
                try:
                    move = run.events.send(word)
                finally:
                    if len(run.effects) > index:
                        done[number] = ExecutedStep(
                            step=number, thread=thread, index=index, source=self.steps[number - 1].reads_from,
                            effect=run.effects[index],
                        )  # fmt: skip
        except StopIteration:
            self._check_all_steps_done(run, thread)
            return run, None, None
        except UndecidedBranch as stuck:
            return run, None, stuck.branch
        except ProgramFault as fault:
            where = f"step {number}: " if number else ""
            raise SelfCheckError(f"replay, {where}{name}, {fault}") from fault
        return run, move.event, None

    def _check_all_steps_done(self, run: ThreadRun, thread: int) -> None:
        """Raises SelfCheckError where the thread ended, or exceeded a loop bound, before performing all its steps."""
        own, name = self.own[thread], self.program.threads[thread].name
        if len(run.effects) < len(own):
            where = f"replay, step {own[len(run.effects)]}: {name}"
            if run.stopped is not None:
                raise SelfCheckError(f"{where} is beyond the bound of the loop at {run.stopped.label}")
            raise SelfCheckError(f"{where} has ended")

    def _word_read(
        self, number: int, event: EventStatement, cell: CellName | None, done: dict[int, ExecutedStep]
    ) -> PartialWord | None:
        """The word that the step reads as far as it is known; None where it reads nothing. Raises SelfCheckError where
        the source does not fit the step."""
        source, where = self.steps[number - 1].reads_from, f"replay, step {number} ({event.site.event})"
        if not has_read(event):
            if source is not None:
                raise SelfCheckError(f"{where} reads nothing, but the schedule says that it reads from step {source}")
            return None
        if source is None:
            raise SelfCheckError(f"{where} reads, but the schedule does not say from where")
        place = place_of(event)
        assert place is not None
        unknown: PartialWord = (None,) * len(self.cells[place.targets[0][1]].components)
        if source == 0:
            return unknown if cell is None else self.start[cell]
        if source not in done:
            return unknown
        effect = done[source].effect
        if effect.wrote is False:
            raise SelfCheckError(f"{where} reads from step {source}, which writes nothing")
        if cell is None or effect.cell is None or effect.written is None:
            return unknown
        if effect.cell != cell:
            raise SelfCheckError(f"{where} reads {cell} from step {source}, which writes {effect.cell}")
        return effect.written

    def _check_known(self, done: Mapping[int, ExecutedStep]) -> None:
        """Raises SelfCheckError where a value is not known in the end: reads in a cycle then return values that come
        from themselves alone."""
        for number in range(1, len(self.steps) + 1):
            effect = done[number].effect
            parts = (*(effect.read or ()), *(effect.written or ()))
            place = place_of(effect.event)
            if None in parts or effect.wrote is None or (place is not None and effect.cell is None):
                raise SelfCheckError(f"replay, step {number} ({effect.event.site.event}) has a value from thin air")
