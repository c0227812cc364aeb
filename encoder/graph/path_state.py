"""All executions of a thread that have come to one place of its text."""

from dataclasses import dataclass

from encoder.graph.dependency import Arm, Deps, Origins
from encoder.graph.evaluate import Variables
from encoder.graph.events import Event, LockSection
from encoder.graph.held_at_end import HeldCounts
from encoder.graph.lock_balance import Holds
from encoder.graph.term import Term, Terms
from encoder.program.core import CellName


@dataclass(frozen=True, slots=True)
class PathState:
    """The state of all executions that have come this far: variables, condition, the latest flush, how many steps the
    longest has made, the acquisitions that may hold a lock (`sure`: one of them does), on which reads each variable
    depends, the branches that the path is in, how often each lock is held, and what else is (`keeps`)."""

    env: Variables
    guard: Term
    held: "dict[CellName, HeldLock]"
    flush: tuple[Event, ...]
    length: int
    origins: Origins
    branches: tuple[Arm, ...]
    holds: Holds
    keeps: HeldCounts


@dataclass(frozen=True, slots=True)
class HeldLock:
    section: LockSection
    sure: bool


def control(path: PathState) -> Deps:
    """The reads that the branches around the path's next statement depend on."""
    return path.branches[-1].deps if path.branches else ()


def protection(terms: Terms, path: PathState) -> tuple[LockSection, ...]:
    """The locks that are held here for certain, the outermost first."""
    found = (held.section for cell, held in sorted(path.held.items()) if surely(terms, path, cell))
    return tuple(sorted(found, key=lambda section: section[0].step.index))


def surely(terms: Terms, path: PathState, cell: CellName) -> bool:
    """Whether the path's condition says that the lock was taken."""
    held = path.held[cell]
    return held.sure or (len(held.section) == 1 and terms.implied(path.guard, held.section[0].takes))


def still_held(terms: Terms, a: PathState, b: PathState, cell: CellName) -> HeldLock | None:
    """What is known of a lock where two paths join."""
    one, other = a.held[cell].section, b.held[cell].section
    section = tuple(sorted({*one, *other}, key=lambda e: e.step.index))
    if surely(terms, a, cell) and surely(terms, b, cell):
        return HeldLock(section, sure=True)
    return HeldLock(section, sure=False) if one == other else None
