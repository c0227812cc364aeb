"""Which variables can still matter where a thread stands; the others may be forgotten, so that states meet."""

from collections.abc import Iterable
from typing import assert_never

from encoder.concrete.interleaving.code import Beyond, BranchUnless, CompiledThread, Do, Halt, Jump, LoopHead, Set

Slots = frozenset[int]


def live(code: CompiledThread, observed: Iterable[str]) -> tuple[Slots, ...]:
    """For each place in the code, the slots that are `observed`, or read before they are written from there on."""
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
    """What is needed at a place, by what is needed at those that may follow it."""
    match code.instructions[place]:
        case Do(action):
            return action.reads | (found[place + 1] - action.writes)
        case Set(slot, _, _, reads, _):
            return reads | (found[place + 1] - {slot})
        case BranchUnless(_, otherwise, reads):
            return reads | found[place + 1] | found[code.labels[otherwise]]
        case Jump(label):
            return found[code.labels[label]]
        case LoopHead(spent=spent):
            return found[place + 1] | found[code.labels[spent]]
        case Beyond() | Halt():
            return frozenset()
        case never:
            assert_never(never)
