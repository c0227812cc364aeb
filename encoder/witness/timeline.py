"""A schedule run again without the solver: what each step did, what is where after it, where its read comes from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from encoder.base.errors import InputError, Misfit
from encoder.base.result import Question, ScheduleStep, Witness
from encoder.concrete.axiomatic.execution import Coherence, coherence_orders
from encoder.concrete.axiomatic.observations import drawn_step, initial_words, observation_of
from encoder.concrete.axiomatic.replay import interleaving_as_execution
from encoder.concrete.axiomatic.thread_runs import ExecutedStep, ThreadRuns, WitnessStep, possible_runs
from encoder.concrete.interleaving.holdings import Held, held_after
from encoder.concrete.interleaving.replay import start_machine
from encoder.concrete.semantics.action import CellWord
from encoder.concrete.semantics.event_effect import Reads
from encoder.program.core import Cell, CellName, EventStatement, Program, Site
from encoder.witness.recorded_cycle import WitnessEdge


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A step as it was done. `read` and `written` are words (None: it reads, or writes, nothing); `settled` is what the
    location holds after it where that is another word than before it.

    `missed` are the steps drawn above it, of other threads, whose stores its read did not see. `held` is what its
    thread has taken and not given back. `address`, `data` and `control` are the steps on whose reads it depends.
    """

    step: ScheduleStep
    event: EventStatement
    cell: CellName | None
    read: CellWord | None
    written: CellWord | None
    settled: CellWord | None
    source: int | None
    missed: tuple[int, ...]
    held: Held
    address: frozenset[int]
    data: frozenset[int]
    control: frozenset[int]

    @property
    def site(self) -> Site:
        return self.event.site


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """`start` has the word of each location at the start, `orders` the coherence order of each."""

    program: Program
    question: Question
    witness: Witness
    start: Mapping[CellName, CellWord]
    moments: tuple[Moment, ...]
    orders: Coherence

    @property
    def cells(self) -> dict[CellName, Cell]:
        return {cell.name: cell for cell in self.program.cells}

    def of_thread(self, thread: str) -> list[Moment]:
        """The thread's steps in program order."""
        return sorted((each for each in self.moments if each.step.thread == thread), key=lambda each: each.step.index)

    def edges(self) -> Iterator[WitnessEdge]:
        """Each step's next in its thread, each read's store, each store's next, and the store that each read is
        before."""
        for thread in dict.fromkeys(each.step.thread for each in self.moments):
            yield from ((a.step.step, "po", b.step.step) for a, b in pairwise(self.of_thread(thread)))
        for each in self.moments:
            order = self.orders[each.cell] if each.cell is not None else ()
            if each.source:
                yield each.source, "rf", each.step.step
            if each.source is not None:
                later = order[order.index(each.source) + 1 :] if each.source else order
                if later and later[0] != each.step.step:
                    yield each.step.step, "fr", later[0]
        for order in self.orders.values():
            yield from ((a, "co", b) for a, b in pairwise(order))


def timeline(program: Program, question: Question, witness: Witness) -> Timeline:
    """The schedule's steps as they were done.

    Raises SelfCheckError where the program cannot perform them, and Misfit where it performs others than those that
    were recorded. Whether the model allows them, and what they break, is not looked at: that is for `concrete/rerun`.
    """
    try:
        found, words, orders = _run(program, question, witness)
    except InputError as problem:
        raise Misfit(f"replay cannot start: {problem}", "symbols") from problem
    held = _held(program, found)
    moments, latest = [], dict.fromkeys(orders, 0)
    steps = {(done.thread, done.index): done.step for done in found.done}
    for done, recorded in zip(found.done, witness.schedule, strict=True):
        cell, effect = done.effect.cell, done.effect
        seen = observation_of(done, words, found, orders)
        settles = cell is not None and bool(effect.wrote) and orders[cell].index(done.step) >= latest[cell]
        if cell is not None and settles:
            latest[cell] = orders[cell].index(done.step)
        moments.append(
            Moment(
                step=recorded, event=effect.event, cell=cell, read=seen.old if effect.reading else None,
                written=seen.new, settled=seen.new if settles and seen.new != seen.old else None, source=done.source,
                missed=_missed(found, done, orders), held=held[done.step],
                address=_steps(steps, done.thread, effect.address), data=_steps(steps, done.thread, effect.data),
                control=_steps(steps, done.thread, effect.control),
            )
        )  # fmt: skip
    return Timeline(
        program=program, question=question, witness=witness, start=words, moments=tuple(moments), orders=orders
    )


def _run(
    program: Program, question: Question, witness: Witness
) -> tuple[ThreadRuns, dict[CellName, CellWord], Coherence]:
    """The run of the threads that does what was recorded, the words at the start, and the coherence orders."""
    symbols, schedule = dict(witness.symbols), witness.schedule
    steps, coherence = execution_of(program, question, witness)
    _, start = start_machine(program, symbols, question.loops)
    words = initial_words(program, start)
    for found in possible_runs(program, words, steps, question.loops):
        orders = coherence_orders(program.cells, found.done, coherence)
        drawn = [drawn_step(program, done, observation_of(done, words, found, orders), orders) for done in found.done]
        if list(map(_recorded, drawn)) == list(map(_recorded, schedule)):
            return found, words, orders
    raise Misfit("the steps do other things than was recorded", "schedule")


def execution_of(
    program: Program, question: Question, witness: Witness
) -> tuple[Sequence[WitnessStep], Mapping[str, Sequence[int]]]:
    """The steps with what they read from, and the coherence orders; of an interleaving under SC both follow from the
    order of its steps. Raises SelfCheckError where the program cannot perform that order."""
    if all(step.reads_from is None for step in witness.schedule):
        threads = [step.thread for step in witness.schedule]
        return interleaving_as_execution(program, dict(witness.symbols), threads, question.loops)
    steps = [WitnessStep(step.thread, step.index, step.reads_from) for step in witness.schedule]
    return steps, dict(witness.coherence)


def _recorded(step: ScheduleStep) -> ScheduleStep:
    """What is the same whatever the model, and whichever pair of steps is said to race."""
    return replace(step, reads_from=None, stale=None, racing=False)


def _missed(found: ThreadRuns, done: ExecutedStep, orders: Coherence) -> tuple[int, ...]:
    if done.source is None or done.effect.cell is None:
        return ()
    order = orders[done.effect.cell]
    later = order[order.index(done.source) + 1 :] if done.source else order
    return tuple(step for step in later if step < done.step and found.done[step - 1].thread != done.thread)


def _steps(steps: Mapping[tuple[int, int], int], thread: int, reads: Reads) -> frozenset[int]:
    return frozenset(steps[thread, read] for read in reads)


def _held(program: Program, found: ThreadRuns) -> dict[int, Held]:
    """For each step what its thread holds after it."""
    cells = {cell.name: cell for cell in program.cells}
    told: dict[int, Held] = {}
    for thread in range(len(program.threads)):
        held: Held = ()
        for done in found.of_thread(thread):
            effect = done.effect
            cell = None if effect.cell is None else cells[effect.cell]
            old, new = _first(effect.read), _first(effect.written) if effect.wrote else None
            held = held_after(held, effect.event, cell, old or 0, new)
            told[done.step] = held
    return told


def _first(word: Sequence[int | None] | None) -> int | None:
    return word[0] if word else None
