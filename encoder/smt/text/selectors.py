"""Selectors: named switches on constraints, in terms that a kernel reader understands, so that a proof can say what it
rests on.

A fact is what a step of the specs contributes: what it reads, what it writes, its test, its place in program order,
what its barrier orders. It is switched on by its selector, a literal in the clauses that it is the reason for. A step
of a procedure has one fact for all threads, calls and loop iterations; a step of a thread's script has one for all
identical threads, so that facts do not break the symmetry (see `smt.thread_symmetry`).

Switching a fact off only ever allows more executions. A selector is a condition of a clause, or of a pair of a base
relation (po, rmw, addr, data, ctrl, a tag, what a flush waits for). The models' axioms forbid cycles and pairs in
relations that are built from these by union, sequence, intersection and closure, and never by subtracting a relation
that has conditions (`RelationEncoder` rejects that), so they are monotone: fewer pairs forbid less. So what is unsat
with some facts is unsat with more. What has no selector always holds: control flow, one coherence order for each
location, and the coherence of reads.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from encoder.program.core import Site
from encoder.smt.thread_symmetry import Classes


class Topic(StrEnum):
    """The kind of a fact.

    - READS: without it the step reads anything. WRITES: without it the step writes, or adds, anything.
    - TEST: without it a branch goes either way, and a wait is over at any time.
    - ATOMIC: without it other threads' writes may come between the halves of a read-modify-write.
    - ORDER: without it the step's accesses are unordered with the rest of their thread.
    - BARRIER: a fence or the memory order of an access; `detail` is its tag, "full" for the full barrier of an atomic
      operation, "flush" for that of a flush.
    - DEPENDENCY: a dependency from the step's read; `detail` is addr, data or ctrl.
    - RMW: the order that a read-modify-write has between its halves.
    - WAITS: a flush waits for irq-off regions, a grace period for critical sections.
    - START: the initial value of the location `detail`.
    """

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
    """A fact of a step of the specs. For a step of a thread's script `procedure` is "" and `script` is the first thread
    that has the script. A START has neither, and no label."""

    topic: Topic
    procedure: str = ""
    label: str = ""
    detail: str = ""
    script: str = ""

    @property
    def step(self) -> "WrittenStep":
        """The step that the fact belongs to."""
        return self.procedure, self.script, self.label


WrittenStep = tuple[str, str, str]
"""A step of the specs: its procedure, or else the first thread with its script, and its label."""


def step_of(site: Site, classes: Classes) -> WrittenStep:
    """The step of the specs that a site belongs to."""
    return site.procedure, "" if site.procedure else classes[site.thread][0], site.label


@dataclass(frozen=True, slots=True)
class Selectors:
    """The facts that an encoding mentions, numbered in the order in which it first does. `classes` are the classes of
    identical threads. `steps` restricts the facts to those of these steps, None for no restriction; every fact makes
    solving harder."""

    classes: Classes
    numbers: dict[Fact, int] = field(default_factory=dict)
    steps: "frozenset[WrittenStep] | None" = None

    def covers(self, site: Site) -> bool:
        """Whether facts of the site's step are mentioned."""
        return self.steps is None or step_of(site, self.classes) in self.steps

    def selector(self, topic: Topic, site: Site | None, detail: str = "") -> str:
        """The name of the literal that switches the fact on."""
        procedure, script, label = ("", "", "") if site is None else step_of(site, self.classes)
        fact = Fact(topic, procedure, label, detail, script)
        return selector_name(self.numbers.setdefault(fact, len(self.numbers)))


def selector_name(number: int) -> str:
    """The name of the selector of the fact with this number."""
    return f"fact.{number}"
