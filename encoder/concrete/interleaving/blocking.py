"""Waiting for sections: a flush by IPI or a grace period cannot end before the sections that were open at its begin.

A section that has ended in its thread has ended for others once the thread's stores before its end have drained: until
then a mark of its end stands in the store buffer.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from encoder.concrete.interleaving.open_sections import IRQ, RCU, SectionKey
from encoder.concrete.interleaving.state import SECTION_END, Awaited, AwaitedSection, Local, MachineState
from encoder.program.core import Flush, Grace, Program


def unfinished_sections(state: MachineState, thread: int) -> Counter[SectionKey]:
    """How many sections of the thread have not ended for others, by their keys."""
    found = Counter(state.locals[thread].open)
    if state.buffers:
        found.update((key[0], key[1]) for cell, key in state.buffers[thread] if cell == SECTION_END)
    return found


def closed_sections(before: Local, after: Local) -> tuple[SectionKey, ...]:
    """The sections that a step has ended in its thread."""
    return () if before.open == after.open else tuple(key for key in before.open if key not in after.open)


def awaited_after_end(awaited: Awaited, thread: int, keys: Iterable[SectionKey]) -> Awaited:
    """The awaited sections after the oldest sections of the thread with these keys have ended."""
    for key in keys:
        awaited = tuple(tuple(_one_less(each, thread, key)) for each in awaited)
    return awaited


def _one_less(before: tuple[AwaitedSection, ...], thread: int, key: SectionKey) -> Iterator[AwaitedSection]:
    """The awaited sections of one thread without one section `key` of `thread`."""
    for grace, section, other, count in before:
        less = count - 1 if (section, other) == (key, thread) else count
        if less:
            yield grace, section, other, less


def awaited_after_event(state: MachineState, thread: int, event: object, program: Program) -> Awaited | None:
    """The awaited sections after the thread's event, which has no cell and ends no section; None if the thread has to
    wait."""
    awaited = state.awaited
    match event:
        case Flush() | Grace() if event.begin:
            grace = isinstance(event, Grace)
            others = tuple(each for each in awaited[thread] if each[0] != grace)
            found = tuple(sorted((*others, *sections_to_await(state, thread, event, program))))
            return (*awaited[:thread], found, *awaited[thread + 1 :])
        case Flush() | Grace() if any(each[0] == isinstance(event, Grace) for each in awaited[thread]):
            return None
        case _:
            return awaited


def sections_to_await(
    state: MachineState, thread: int, event: Flush | Grace, program: Program
) -> Iterator[AwaitedSection]:
    """The sections that a flush or grace period that begins has to wait for."""
    subject = state.locals[thread].subject
    for other in range(len(state.locals)):
        if isinstance(event, Flush) and (other == thread or program.threads[other].runs != subject):
            continue
        for key, count in unfinished_sections(state, other).items():
            if _meant(event, key, subject, irq_readers=program.irq_readers):
                yield isinstance(event, Grace), key, other, count


def _meant(event: Flush | Grace, key: SectionKey, subject: int, *, irq_readers: bool) -> bool:
    match event:
        case Flush():
            return key == IRQ
        case Grace(kind="rcu"):
            return key == RCU or (irq_readers and key == IRQ)
        case Grace():
            return key not in (IRQ, RCU) and 1 + key[1] == subject
