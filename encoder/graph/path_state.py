"""The state of a thread's unrolling at one point of its code, for all executions that get there."""

from dataclasses import dataclass
from typing import NamedTuple

from encoder.graph.dependency import Arm, Deps, VariableSources
from encoder.graph.evaluate import Variables
from encoder.graph.events import Event, LockSection
from encoder.graph.held_at_end import HeldCounts
from encoder.graph.lock_balance import LockCounts
from encoder.graph.term import Term, Terms
from encoder.program.core import CellName


class PathState(NamedTuple):
    """The state of all executions that get to one point of a thread's code. A tuple, since every statement makes one
    or more, and dataclasses take three times as long.

    - `variables`: their values. `guard`: the path condition. `sources`: the reads that each variable depends on.
    - `held`: the acquisitions that may hold each lock or lock bit.
    - `flush_begins`: the begins of the latest flush.
    - `length`: the number of steps of the longest path to here.
    - `branches`: the arms that the path is inside. `branched`: the reads that the conditions of all branches so far
      depend on.
    - `lock_counts`, `held_counts`: how often each lock and region, and each resource, is held.
    """

    variables: Variables
    guard: Term
    held: "dict[CellName, HeldLock]"
    flush_begins: tuple[Event, ...]
    length: int
    sources: VariableSources
    branches: tuple[Arm, ...]
    branched: Deps
    lock_counts: LockCounts
    held_counts: HeldCounts


@dataclass(frozen=True, slots=True)
class HeldLock:
    """The acquisitions one of which may hold a lock; `certain`: one of them does."""

    section: LockSection
    certain: bool


def control_deps(path: PathState) -> Deps:
    """The reads that the branches around the next statement depend on."""
    return path.branches[-1].deps if path.branches else ()


def held_sections(terms: Terms, path: PathState) -> tuple[LockSection, ...]:
    """The sections of the locks that are certainly held here, the outermost first."""
    sections = (held.section for cell, held in sorted(path.held.items()) if is_held(terms, path, cell))
    return tuple(sorted(sections, key=lambda section: section[0].step.index))


def is_held(terms: Terms, path: PathState, cell: CellName) -> bool:
    """Whether the path condition implies that the lock is held."""
    held = path.held[cell]
    return held.certain or (len(held.section) == 1 and terms.implied(path.guard, held.section[0].takes))


def join_held(terms: Terms, a: PathState, b: PathState, cell: CellName) -> HeldLock | None:
    """What is known of a lock after two paths join; None if it may not be held."""
    one, other = a.held[cell].section, b.held[cell].section
    section = tuple(sorted({*one, *other}, key=lambda e: e.step.index))
    if is_held(terms, a, cell) and is_held(terms, b, cell):
        return HeldLock(section, certain=True)
    return HeldLock(section, certain=False) if one == other else None
