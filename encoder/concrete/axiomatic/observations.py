"""What an execution's steps did, and how they are drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from encoder.base.result import ScheduleStep
from encoder.concrete.axiomatic.execution import Coherence
from encoder.concrete.axiomatic.thread_runs import ExecutedStep, ThreadRuns
from encoder.concrete.interleaving.replay import schedule_step
from encoder.concrete.interleaving.state import MachineState, Observation
from encoder.concrete.semantics.action import CellWord
from encoder.program.core import CellName, Program


def initial_words(program: Program, start: MachineState) -> dict[CellName, CellWord]:
    return dict(zip((cell.name for cell in program.cells), start.memory, strict=True))


def known_word(parts: Sequence[int | None] | None) -> CellWord:
    """A word, all components of which must be known."""
    return tuple(part for part in parts or () if part is not None)


def observation_of(
    done: ExecutedStep, start: Mapping[CellName, CellWord], found: ThreadRuns, orders: Coherence
) -> Observation:
    """What the step did. For a store, which reads nothing, `old` is the value that it overwrites in coherence order."""
    effect = done.effect
    if effect.cell is None or not (effect.reading or effect.wrote):
        return Observation(event=effect.event, cell=None, old=None, new=None)
    new = known_word(effect.written) if effect.wrote else None
    if effect.reading:
        return Observation(event=effect.event, cell=effect.cell, old=known_word(effect.read), new=new)
    place = orders[effect.cell].index(done.step)
    old = start[effect.cell] if not place else known_word(found.done[orders[effect.cell][place - 1] - 1].effect.written)
    return Observation(event=effect.event, cell=effect.cell, old=old, new=new)


def drawn_step(program: Program, done: ExecutedStep, seen: Observation, orders: Coherence) -> ScheduleStep:
    """The step as it is drawn, with the step that its read reads from, and the latest step drawn above it whose write
    the read missed."""
    drawn = schedule_step(program, seen, done.step, done.index, done.thread)
    if done.source is None or done.effect.cell is None:
        return drawn
    order = orders[done.effect.cell]
    later = order[order.index(done.source) + 1 :] if done.source else order
    missed = [step for step in later if step < done.step]
    return replace(drawn, reads_from=done.source, stale=max(missed, default=None))
