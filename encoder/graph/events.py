"""The event graph: every event that a thread may execute, with the condition under which it does, before any order is
chosen."""

from dataclasses import dataclass
from enum import StrEnum

from encoder.graph.dependency import Deps
from encoder.graph.domain import Domain
from encoder.graph.term import Term, Terms
from encoder.program.core import Arm64Code, CellName, Keepable, Program, Site

Resource = tuple[Keepable, CellName | None]
"""What a thread takes and gives back, see `program.core.Keeps`."""


class EventKind(StrEnum):
    """The kind of an event. Region events are irq-off regions and RCU read-side critical sections, flush events belong
    to a TLB flush, grace events to synchronize_rcu() and synchronize_srcu()."""

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
    """One step of a thread. `index` is its position in listing order, which extends program order. `guard` is its path
    condition, over the values that earlier events read."""

    thread: int
    index: int
    guard: Term
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Event:
    """One access of a step. A step whose address is not constant has one event for each possible target cell; `target`
    is the condition under which the address is this cell.

    - `reads`: a variable for each component of the cell. `writes`: the new value of each component, None if the event
      never writes; the write happens if `succeeds` holds.
    - `delta`: the write adds this to the old value. None if that is not known.
    - `await_`: the event cannot happen unless this holds.
    - `mode`: the mode of a lock operation; for an acquisition `succeeds` says whether it takes the lock.
    - `takes`: an acquisition, or a read-modify-write that sets a lock bit, takes the lock if this holds; a REGION_END
      ends the outermost region of its kind if this holds. `depth`: how often the thread holds the lock in this mode, or
      is inside of regions of this kind, just before the event (see `lock_balance.ends`).
    - `held`: for each lock that is certainly held here, the acquisitions that may have taken it.
    - `mm`: the address space that a flush is for. `begins`: the begins of the flush or grace period that this event may
      end.
    - `region`: the kind of a region or grace period. `domain`: the srcu_struct that a grace period is for.
    - `address`, `data`, `control`: the reads of the thread that the address, the written value and the branches around
      the event depend on. Without `UnrollOptions.dependencies` only the reads of srcu_read_lock() and a
      read-modify-write's own read are recorded. `branched`: those that any branch before the event depends on, whether
      or not its arms have met. `direct_address`, `direct_data`: see `Sources`.
    - `fails_locked`: on x86 the event is a locked operation even if it writes nothing. `arm64`: what it compiles to
      there, if that is known.
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
    begins: "tuple[Event, ...]" = ()
    region: str = ""
    domain: CellName | None = None
    address: Deps = ()
    data: Deps = ()
    control: Deps = ()
    branched: Deps = ()
    direct_address: Deps = ()
    direct_data: Deps = ()
    arm64: Arm64Code | None = None
    depth: Term | None = None

    @property
    def thread(self) -> int:
        return self.step.thread

    @property
    def may_write(self) -> bool:
        """Whether the event can write its cell."""
        return self.kind in (EventKind.ACQUIRE, EventKind.RELEASE) or self.writes is not None


LockSection = tuple[Event, ...]  # acquisitions in listing order: the latest one that took the lock holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An assignment to an observed variable, in effect once the first `after` steps of the thread are done, if `guard`
    holds."""

    variable: str
    guard: Term
    value: Term
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchTest:
    """A branch whose outcome is a literal of its own: guards contain `taken` in place of `condition`. `after` is the
    number of the thread's steps listed before it."""

    taken: Term
    condition: Term
    site: Site
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """A point where the graph stops although the thread may go on: the bound of a loop, an invalid pointer, or a
    release of a lock that the thread does not hold (there the graph continues, but nothing is concluded from what
    follows). The thread gets here if `guard` holds, after its first `after` steps. For a loop, `iterations` is the
    bound and `first_iteration` the first iteration, if one is unrolled."""

    guard: Term
    after: int
    site: Site
    iterations: int
    first_iteration: "FirstIteration | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPoint:
    """A local statement, branch or loop, by its path of labels. The thread reaches it, after its first `after` steps,
    if `guard` holds."""

    guard: Term
    after: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstIteration:
    """The first iteration of a loop: the steps from index `first` up to, not including, `end`. The thread begins
    another iteration if `again` holds; `changed` says that a variable that matters then has another value than
    before."""

    first: int
    end: int
    again: Term
    changed: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadGraph:
    """An unrolled thread. `steps` and `events` are in listing order, which extends program order.

    - `definitions`: assignments to variables that properties read.
    - `bounds`: loop bounds. `faults`: accesses through invalid pointers. `unheld`: releases of locks that are not held.
    - `loops`: the number of iterations unrolled, for each loop path. `longest`: the number of steps of the longest
      path.
    - `tests`: the branches that have a literal. `control_points`: branches, loops and local steps.
    - `held_at_end`: for each resource how often the thread holds it at its end.
    - `misused_bits`: cells that look like lock bits and that the thread clears without having set them.
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
    control_points: tuple[ControlPoint, ...] = ()
    held_at_end: tuple[tuple[Resource, Term], ...] = ()
    misused_bits: frozenset[CellName] = frozenset()


MAX_ADDED = 2**30  # the most that interference adds to a counter: beyond it the kernel's counters overflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Interference:
    """What any number of further threads contribute to counters: every read of one of the `counters` finds that they
    have added a non-negative multiple of the given number. `remaining`: the counters that may still contain such
    additions at the end. `own_adds[n]`: what thread n, itself one of them, has added to the counter that it reads."""

    counters: dict[CellName, int]
    remaining: frozenset[CellName]
    own_adds: dict[int, int]


NO_INTERFERENCE = Interference(counters={}, remaining=frozenset(), own_adds={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A program's unrolled threads, running with the given `interference`.

    - `initial`: each cell's components. `symbols`: the terms of the scenario's symbols.
    - `domains`: the possible values of each cell's components.
    - `counters`: cells whose value is the initial value plus a sum of deltas. `lock_bits`: cells that are lock bits.
    - `named_branches`: the outcome of each branch is a literal, so that an encoding can drop the branch's condition.
    """

    program: Program
    terms: Terms
    threads: tuple[ThreadGraph, ...]
    initial: dict[CellName, tuple[Term, ...]]
    symbols: dict[str, Term]
    domains: dict[CellName, tuple[Domain, ...]]
    counters: frozenset[CellName]
    lock_bits: frozenset[CellName]
    interference: Interference = NO_INTERFERENCE
    named_branches: bool = False

    @property
    def events(self) -> tuple[Event, ...]:
        """All events, thread by thread in listing order."""
        return tuple(e for t in self.threads for e in t.events)

    @property
    def steps(self) -> tuple[GraphStep, ...]:
        """All steps, thread by thread in listing order."""
        return tuple(s for t in self.threads for s in t.steps)

    @property
    def open_loops(self) -> frozenset[str]:
        """The loops, by their paths, that some thread might continue beyond their bounds."""
        return frozenset("/".join(stop.site.path) for thread in self.threads for stop in thread.bounds)
