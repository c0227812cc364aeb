"""All executions of a thread that have come to one place of its text."""

from dataclasses import dataclass

from encoder.graph.dependency import Branch, Deps, Origins
from encoder.graph.evaluate import Environment
from encoder.graph.events import Event, Section
from encoder.graph.held_at_end import Keeps
from encoder.graph.lock_balance import Holds
from encoder.graph.term import Term, Terms
from encoder.program.core import CellName


@dataclass(frozen=True, slots=True)
class Path:
    """The state of all executions that have come this far: variables, condition, the latest flush, how many steps the
    longest has made, the acquisitions that may hold a lock (`sure`: one of them does), on which reads each variable
    depends, the branches that the path is in, how often each lock is held, and what else is (`keeps`)."""

    env: Environment
    guard: Term
    held: "dict[CellName, Held]"
    flush: tuple[Event, ...]
    length: int
    origins: Origins
    branches: tuple[Branch, ...]
    holds: Holds
    keeps: Keeps


@dataclass(frozen=True, slots=True)
class Held:
    section: Section
    sure: bool


def control(path: Path) -> Deps:
    """The reads that the branches around the path's next statement depend on."""
    return path.branches[-1].deps if path.branches else ()


def protection(terms: Terms, path: Path) -> tuple[Section, ...]:
    """The locks that are held here for certain, the outermost first."""
    found = (held.section for cell, held in sorted(path.held.items()) if surely(terms, path, cell))
    return tuple(sorted(found, key=lambda section: section[0].step.index))


def surely(terms: Terms, path: Path, cell: CellName) -> bool:
    """Whether the path's condition says that the lock was taken."""
    held = path.held[cell]
    return held.sure or (len(held.section) == 1 and terms.implied(path.guard, held.section[0].takes))


def still_held(terms: Terms, a: Path, b: Path, cell: CellName) -> Held | None:
    """What is known of a lock where two paths join."""
    one, other = a.held[cell].section, b.held[cell].section
    section = tuple(sorted({*one, *other}, key=lambda e: e.step.index))
    if surely(terms, a, cell) and surely(terms, b, cell):
        return Held(section, sure=True)
    return Held(section, sure=False) if one == other else None
