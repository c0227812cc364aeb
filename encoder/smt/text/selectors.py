"""Constraints with names that a kernel reader understands: what a proof may rest on.

A fact is switched on by a selector, a literal that stands in the clauses that the fact is the reason for: what a step
reads, what it writes, its test, its place in program order, what its barrier orders. Facts are named per step of a
procedure, summed over threads, calls and rounds of loops, or of a thread's script, summed over identical threads, which
a fact must not tell apart (see `identical`).

Switching a fact off only ever allows more executions. A selector stands as a condition of a clause, or of a pair of one
of the relations that an execution is given with (po, rmw, addr, data, ctrl, a tag, what a flush waits for). The models'
axioms forbid cycles and pairs of relations that are made of these by union, sequence, intersection and closure, never
by taking one away that has a condition (`Evaluator` refuses that), so they are monotone: fewer pairs forbid less. So
what is unsatisfiable with some facts is unsatisfiable with more. What has no name holds always: control flow, one
coherence order for each location, and that a location is read as coherence has it.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from encoder.program.core import Site
from encoder.smt.thread_symmetry import Classes


class Topic(StrEnum):
    """What a fact says of its step. Without READS a step reads anything, without WRITES it leaves anything (or, adding,
    adds anything), without TEST a branch goes either way and a wait is over at any time, without ORDER the step's
    accesses are unordered with the rest of their thread, without ATOMIC others' writes come between the halves of a
    read-modify-write. BARRIER is a fence or an order of an access (`detail`: its tag; "full" for
    the barrier that is part of an atomic operation, "flush" for a flush's), DEPENDENCY leads from the step's
    read (`detail`: addr, data, ctrl), RMW is what order a read-modify-write has of itself. WAITS: a flush waits for irq
    regions, a grace period for critical sections. START: what the location `detail` holds at the start."""

    READS = "reads"
    WRITES = "writes"
    TEST = "test"
    ATOMIC = "atomic"
    ORDER = "order"
    BARRIER = "barrier"
    DEPENDENCY = "dependency"
    RMW = "rmw"
    WAITS = "waits"
    START = "start"


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """`procedure` is "" for a step of a thread's script, `script` then the first thread that has it; a START has
    neither, and no label."""

    topic: Topic
    procedure: str = ""
    label: str = ""
    detail: str = ""
    script: str = ""

    @property
    def step(self) -> "WrittenStep":
        return self.procedure, self.script, self.label


WrittenStep = tuple[str, str, str]
"""A step of the specs: its procedure, or else the first thread with its script, and its label."""


def step_of(site: Site, classes: Classes) -> WrittenStep:
    """The step of the specs that a site is of."""
    return site.procedure, "" if site.procedure else classes[site.thread][0], site.label


@dataclass(frozen=True, slots=True)
class Selectors:
    """The facts that a problem mentions, in the order in which it first does, and the classes of its threads.
    `steps`: those of these steps, None for all; each costs the problem something."""

    classes: Classes
    numbers: dict[Fact, int] = field(default_factory=dict)
    steps: "frozenset[WrittenStep] | None" = None

    def covers(self, site: Site) -> bool:
        """Whether facts of a step are mentioned."""
        return self.steps is None or step_of(site, self.classes) in self.steps

    def selector(self, topic: Topic, site: Site | None, detail: str = "") -> str:
        """The name of the literal that switches the fact on."""
        procedure, script, label = ("", "", "") if site is None else step_of(site, self.classes)
        fact = Fact(topic, procedure, label, detail, script)
        return selector_name(self.numbers.setdefault(fact, len(self.numbers)))


def selector_name(number: int) -> str:
    """The selector of the fact of this number."""
    return f"fact.{number}"
