"""All executions of a thread that have come to one place of its text."""

from dataclasses import dataclass

from encoder.graph.dependency import Branch, Deps
from encoder.graph.evaluate import Environment
from encoder.graph.events import Event, Section
from encoder.graph.holds import Holds
from encoder.graph.term import Term
from encoder.program.core import CellName


@dataclass(frozen=True, slots=True)
class Path:
    """The state of all executions that have come this far: variables, condition, the latest flush, how many steps the
    longest has made, the acquisitions that may hold a lock (`sure`: one of them does), on which reads each variable
    depends, the branches that the path is in, and how often each lock is held."""

    env: Environment
    guard: Term
    held: "dict[CellName, Held]"
    flush: tuple[Event, ...]
    length: int
    deps: dict[str, Deps]
    branches: tuple[Branch, ...]
    holds: Holds


@dataclass(frozen=True, slots=True)
class Held:
    section: Section
    sure: bool
