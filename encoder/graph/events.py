"""The event graph: what every thread may do, guarded, before any order is chosen."""

from dataclasses import dataclass
from enum import StrEnum

from encoder.graph.dependency import Deps
from encoder.graph.domain import Domain
from encoder.graph.term import Term, Terms
from encoder.program.core import CellName, Keepable, Program, Site

Takeable = tuple[Keepable, CellName | None]
"""What a thread takes and gives back, see `program.core.Keeps`."""


class EventKind(StrEnum):
    READ = "R"
    WRITE = "W"
    RMW = "RMW"
    ACQUIRE = "LK"
    RELEASE = "UL"
    FENCE = "F"
    REGION_BEGIN = "RB"
    REGION_END = "RE"
    FLUSH_BEGIN = "FB"
    FLUSH_END = "FE"
    GRACE_BEGIN = "GB"
    GRACE_END = "GE"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphStep:
    """One step of a thread in listing order. `guard` is its path condition, over what earlier events read."""

    thread: int
    index: int
    guard: Term
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Event:
    """One access of a step. A step whose address is not known has one event a target: `target` is when it is this one.

    `reads` holds a variable for each component; `writes` the new value of each (None: no write), done when `succeeds`.
    `delta`: the write adds this to what was there. `await_`: the event cannot happen unless this holds. A lock
    operation has `mode`, and `succeeds` says whether an acquisition takes the lock. `takes`: an acquisition, or a
    read-modify-write that sets a lock bit, takes the lock when this holds; the end of a region ends the outermost one
    of its kind. `held`: for each lock that is certainly held
    here, the acquisitions that may have taken it (a section). `mm` is the mm that a flush is for, `opened` the begins
    of the flush, or grace period, that this event may end. `region` is the kind of a region or grace period, `domain`
    the srcu_struct that a grace period is for. `address`, `data` and
    `control` are the reads of the thread that feed the address, the value written, and the branches around it.
    `fails_locked`: on x86 it is a locked operation even where it writes nothing.
    """

    uid: int
    step: GraphStep
    kind: EventKind
    cell: CellName | None
    target: Term
    reads: tuple[Term, ...]
    writes: tuple[Term, ...] | None
    succeeds: Term
    await_: Term
    delta: Term | None
    mode: str
    takes: Term
    held: "tuple[LockSection, ...]"
    tags: tuple[str, ...]
    fails_locked: bool = False
    mm: Term | None = None
    opened: "tuple[Event, ...]" = ()
    region: str = ""
    domain: CellName | None = None
    address: Deps = ()
    data: Deps = ()
    control: Deps = ()

    @property
    def thread(self) -> int:
        return self.step.thread

    @property
    def may_write(self) -> bool:
        return self.kind in (EventKind.ACQUIRE, EventKind.RELEASE) or self.writes is not None


LockSection = tuple[Event, ...]  # in listing order: the latest of them that took the lock holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A thread's variable gets a value: as soon as the first `after` steps are done, if `guard` holds."""

    variable: str
    guard: Term
    value: Term
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchTest:
    """A branch whose outcome has a literal of its own: `taken` stands for the condition in guards. `after` steps of the
    thread are listed before it."""

    taken: Term
    condition: Term
    site: Site
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """A place where the graph ends though the thread may not: a loop bound, an address that points nowhere, a release
    by who does not hold the lock (there it goes on, but what it says is of no use). A loop's bound has the loop's
    `first_round`, if any is explored."""

    guard: Term
    after: int
    site: Site
    rounds: int
    first_round: "FirstRound | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A step's test or loop: the thread comes to it, after its first `after` steps, where `guard` holds."""

    guard: Term
    after: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRound:
    """The first round of a loop: its steps are `first` up to, not including, `end`; the thread goes on to another when
    `again` holds, and `changed` says that it then has another value in a variable that matters."""

    first: int
    end: int
    again: Term
    changed: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadGraph:
    """`steps` and `events` in listing order, which extends program order; the rest is for properties and bounds.

    `longest` is the number of steps of the thread's longest path, `loops` the rounds explored of each loop, `tests` the
    branches that have a literal, `passages` branches, loops and local steps. `kept` says how often what a thread can
    take is held where it ends; `misused` are the cells that look like lock bits and that it clears without having set
    them.
    """

    steps: tuple[GraphStep, ...]
    events: tuple[Event, ...]
    definitions: tuple[Definition, ...]
    bounds: tuple[Cutoff, ...]
    faults: tuple[Cutoff, ...]
    unheld: tuple[Cutoff, ...]
    loops: tuple[tuple[str, int], ...]
    longest: int
    tests: tuple[BranchTest, ...] = ()
    passages: tuple[Passage, ...] = ()
    kept: tuple[tuple[Takeable, Term], ...] = ()
    misused: frozenset[CellName] = frozenset()


MOST = 2**30  # what an environment adds to a counter at most: beyond it the kernel's counters overflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Interference:
    """What any number of further threads do to counters: whoever reads one of the `counters` finds that they have added
    a non-negative multiple of the number given. `left` are those to which they may still have added at the end. Thread
    n, one of them, has itself added `holding[n]` to the counter that it reads."""

    counters: dict[CellName, int]
    left: frozenset[CellName]
    holding: dict[int, int]


NOBODY = Interference(counters={}, left=frozenset(), holding={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A program unrolled, run in an `environment`. `initial` has each cell's components; `symbols` the terms of the
    scenario's symbols; `domains` the values that each component may hold, `summed` the cells whose value is a sum of
    deltas, `bits` those that are lock bits. In a `named` one the outcome of each branch is a literal, to be freed of
    its condition."""

    program: Program
    terms: Terms
    threads: tuple[ThreadGraph, ...]
    initial: dict[CellName, tuple[Term, ...]]
    symbols: dict[str, Term]
    domains: dict[CellName, tuple[Domain, ...]]
    summed: frozenset[CellName]
    bits: frozenset[CellName]
    environment: Interference = NOBODY
    named: bool = False

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(e for t in self.threads for e in t.events)

    @property
    def steps(self) -> tuple[GraphStep, ...]:
        return tuple(s for t in self.threads for s in t.steps)

    @property
    def open_loops(self) -> frozenset[str]:
        """The loops, by their paths, that some thread might go on with beyond their bound."""
        return frozenset("/".join(stop.site.path) for thread in self.threads for stop in thread.bounds)
