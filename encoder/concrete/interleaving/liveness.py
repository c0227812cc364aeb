"""Live variables at each place of a thread's code; dead ones may be reset, so that more states are equal."""

from collections.abc import Iterable
from typing import assert_never

from encoder.concrete.interleaving.code import (
    BeyondBound,
    BranchUnless,
    CompiledThread,
    EndThread,
    Jump,
    LoopHead,
    PerformEvent,
    SetVariable,
)

Slots = frozenset[int]


def live_slots(code: CompiledThread, observed: Iterable[str]) -> tuple[Slots, ...]:
    """For each place in the code the slots that are `observed` by properties, or read before they are written from
    there on."""
    always = frozenset(code.frame.slots[name] for name in observed if name in code.frame.slots)
    found = [always] * len(code.instructions)
    changed = True
    while changed:
        changed = False
        for place in reversed(range(len(found))):
            needed = _needed(code, place, found) | always
            changed = changed or needed != found[place]
            found[place] = needed
    return tuple(found)


def _needed(code: CompiledThread, place: int, found: list[Slots]) -> Slots:
    """The live slots at a place, given those at the places that may follow it."""
    match code.instructions[place]:
        case PerformEvent(action):
            return action.reads | (found[place + 1] - action.writes)
        case SetVariable(slot, _, _, reads, _):
            return reads | (found[place + 1] - {slot})
        case BranchUnless(_, otherwise, reads):
            return reads | found[place + 1] | found[code.labels[otherwise]]
        case Jump(label):
            return found[code.labels[label]]
        case LoopHead(spent=spent):
            return found[place + 1] | found[code.labels[spent]]
        case BeyondBound() | EndThread():
            return frozenset()
        case never:
            assert_never(never)
