"""Explicit-state search: every reachable state of a program under sequential consistency or TSO, breadth first."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Literal, assert_never

from encoder.concrete.explorer.longest_path import longest_path
from encoder.concrete.explorer.reduction import Reduction
from encoder.concrete.explorer.symmetry import canonical, symmetry_classes, symmetry_groups
from encoder.concrete.explorer.trace import Traces
from encoder.concrete.explorer.transitions import Transitions
from encoder.concrete.interleaving.judgement import PropertyJudge, observed_leaves
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import MachineState
from encoder.concrete.semantics.affine import SymbolBox
from encoder.memory.model import StateMachine
from encoder.program.core import Instance, Keeps, Program, Property, ThreadVar, Var

BUFFERED = 64
"""The number of stores in one buffer at which a search with unbounded loops gives up: loops that store would fill the
buffer without end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A schedule after which some thread's next event is a fault. That event is not performed; the search goes on."""

    message: str
    schedule: tuple[str, ...]
    symbols: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What a search found for one property.

    `outcome` is "violated", with a `schedule` (thread names) from the initial state that `symbols` give; "safe" when no
    visited state breaks the property; or "gave up" when the states did not end within the limits. The schedule is a
    shortest one unless the search was reduced. `story` lists its steps as `thread: label` and, under TSO, the draining
    of stores, which is no step.

    `complete`: every state was visited; then `longest` is the length of the longest schedule, None where unbounded
    loops make schedules of any length. Iterations beyond a loop's bound are never explored: `beyond` names, by their
    paths, the loops that some thread would go on with. `situation`: the property's situation was reached. `states` and
    `steps` count the visited states and transitions, for all properties searched together. `ranges` gives, for each
    symbol whose values were not enumerated, into how many ranges they fell. `fault` is the first that was met.
    """

    outcome: Literal["safe", "violated", "gave up"]
    complete: bool
    states: int
    steps: int
    ranges: tuple[tuple[str, int], ...]
    longest: int | None
    beyond: tuple[str, ...]
    fault: Fault | None
    situation: bool = False
    schedule: tuple[str, ...] = ()
    story: tuple[str, ...] = ()
    symbols: tuple[tuple[str, int], ...] = ()
    violated: Instance | None = None


def explore(
    program: Program, prop: Property, *, loops: int | None, max_states: int, depth: int | None = None,
    symmetry: bool = False, machine: StateMachine = "interleavings",
) -> Exploration:  # fmt: skip
    """Search for a violation of one property, until there is one. See `explore_all`."""
    (found,) = explore_all(
        program, (prop,), loops=loops, max_states=max_states, depth=depth, symmetry=symmetry, machine=machine
    )
    return found


def _has_store_buffers(machine: StateMachine) -> bool:
    match machine:
        case "interleavings":
            return False
        case "store buffers":
            return True
        case _:
            assert_never(machine)


def explore_all(
    program: Program, props: Sequence[Property], *, loops: int | None, max_states: int, depth: int | None = None,
    symmetry: bool = False, machine: StateMachine = "interleavings", reduce: bool = False, deadline: float = inf,
) -> tuple[Exploration, ...]:  # fmt: skip
    """Search every schedule (of at most `depth` steps), from every initial state that the assumptions admit, until all
    properties are broken.

    `loops` is the bound of loops without one; None: no loop has a bound, not even one of its own. With `symmetry`,
    states that differ only in a permutation of symmetric threads are one. With `reduce`, steps that commute with all
    others go first (partial-order reduction); this excludes `depth`, as schedules are then no shortest ones. Gives up
    at `max_states`, at `deadline` (a `time.monotonic()` value) and, with unbounded loops, at BUFFERED.

    Raises ValueError when no initial state satisfies the assumptions, and for `reduce` with `depth`.
    """
    if reduce and depth is not None:
        raise ValueError("a reduced search finds no shortest schedules")
    alike = symmetry_classes(program, *props) if symmetry else tuple(range(len(program.threads)))
    leaves = [leaf for prop in props for instance in prop.instances for leaf in observed_leaves(instance)]
    read = frozenset(leaf.name for leaf in leaves if isinstance(leaf, ThreadVar))
    track_held = any(isinstance(leaf, Keeps) for leaf in leaves)
    interpreter = Machine(
        program, loops, classes=alike, observed=read, bounded=loops is not None, track_held=track_held
    )
    transitions = Transitions(interpreter, tso=_has_store_buffers(machine))
    searches = [_PropertySearch(PropertyJudge(interpreter, prop, transitions.ranges)) for prop in props]
    search = _Search(
        transitions=transitions, searches=searches, groups=symmetry_groups(alike),
        reduction=Reduction(transitions, props) if reduce else None, max_states=max_states, deadline=deadline,
        buffered=BUFFERED if loops is None else inf,
    )  # fmt: skip
    search.add_starts(symbolic=any(isinstance(leaf, Var) for leaf in leaves))
    search.explore_levels(depth)
    return search.explorations()


@dataclass(slots=True)
class _PropertySearch:
    """A property, whether its situation was reached, and the first state that breaks it, with the box of initial states
    for which it does."""

    judge: PropertyJudge
    situation: bool = False
    violation: tuple[MachineState, SymbolBox] | None = None

    def judge_state(self, state: MachineState) -> None:
        if self.violation is None:
            situation, box = self.judge.judge(state)
            self.situation = self.situation or situation
            if box is not None:
                self.violation = state, box


@dataclass(slots=True, kw_only=True)
class _Search:
    """The state of a search.

    `numbers` numbers states in the order in which they are met; by number, `origins` has the state from which each was
    first reached (None for an initial one), `edges` the states that it leads to by a step, `drains` those that it leads
    to when a store drains. `all_violated`: every property is broken; `over_budget`: a limit is exceeded; `buffer_full`:
    a buffer holds too many stores.
    """

    transitions: Transitions
    searches: list[_PropertySearch]
    groups: tuple[tuple[int, ...], ...]
    reduction: Reduction | None
    max_states: int
    deadline: float
    buffered: float
    numbers: dict[MachineState, int] = field(default_factory=dict)
    origins: list[MachineState | None] = field(default_factory=list)
    starts: dict[MachineState, tuple[MachineState, dict[str, int]]] = field(default_factory=dict)
    edges: list[tuple[int, ...]] = field(default_factory=list)
    drains: list[tuple[int, ...]] = field(default_factory=list)
    frontier: list[MachineState] = field(default_factory=list)
    beyond: set[str] = field(default_factory=set)
    all_violated: bool = False
    over_budget: bool = False
    buffer_full: bool = False

    def add_starts(self, *, symbolic: bool) -> None:
        """Add the initial states. Raises ValueError when there is none."""
        for true, symbols in self.transitions.starts():
            start = true if symbolic else true._replace(symbols=())
            state = self.canonical(start)
            if state not in self.numbers:
                self.starts[state] = (start, symbols)
                self.visit(state, None, self.frontier)
        if not self.frontier:
            raise ValueError("no choice of symbols satisfies the assumptions")

    def visit(self, state: MachineState, origin: MachineState | None, fresh: list[MachineState]) -> int:
        """The number of a state; a new one is judged and added to `fresh`."""
        number = self.numbers.get(state)
        if number is not None:
            return number
        number = self.numbers[state] = len(self.numbers)
        self.origins.append(origin)
        fresh.append(state)
        if not any(state.buffers):
            for asked in self.searches:
                asked.judge_state(state)
        elif max(map(len, state.buffers)) > self.buffered:
            self.buffer_full = True
        for local in state.locals:
            if local.stopped is not None:
                self.beyond.add("/".join(local.stopped.path))
        return number

    def must_stop(self) -> bool:
        """Whether the search is over: all properties are broken, or a limit is exceeded."""
        self.over_budget = self.buffer_full or len(self.numbers) > self.max_states or time.monotonic() > self.deadline
        self.all_violated = all(asked.violation is not None for asked in self.searches)
        return self.over_budget or self.all_violated

    def explore_levels(self, depth: int | None) -> None:
        """Search level by level from the initial states, `depth` levels at most (None: all)."""
        length = 0
        while self.frontier and not self.must_stop():
            firsts = self.add_drained()
            if length == depth or self.must_stop():
                break
            self.frontier = self.next_level(firsts)
            length += 1

    def add_drained(self) -> list[MachineState | None]:
        """Add to the frontier what the draining of stores leads to, which is no step. Returns for each state of the
        frontier the state after its independent step, None where all steps have to be explored."""
        firsts: list[MachineState | None] = []
        for state in self.frontier:
            first = None if self.reduction is None else self.reduction.independent_step(state, self.is_later)
            firsts.append(first)
            afters = self.transitions.drains(state) if first is None and state.buffers else ()
            self.drains.append(tuple(self.visit(self.canonical(after), state, self.frontier) for _, after in afters))
            if self.must_stop():
                break
        return firsts

    def is_later(self, state: MachineState, after: MachineState) -> bool:
        """Whether the independent step of `after` is decided later than that of `state`."""
        return self.numbers.get(self.canonical(after), inf) > self.numbers[state]

    def next_level(self, firsts: Sequence[MachineState | None]) -> list[MachineState]:
        """The new states one step beyond the frontier."""
        fresh: list[MachineState] = []
        for state, first in zip(self.frontier, firsts, strict=True):
            afters = self.transitions.successors(state) if first is None else (first,)
            self.edges.append(tuple([self.visit(self.canonical(after), state, fresh) for after in afters]))
            if self.must_stop():
                break
        return fresh

    def canonical(self, state: MachineState) -> MachineState:
        return canonical(state, self.groups) if self.groups else state

    def explorations(self) -> tuple[Exploration, ...]:
        """The results, when the search has stopped."""
        stopped = self.over_budget or self.all_violated
        complete = not stopped and not any(True for state in self.frontier for _ in self.transitions.successors(state))
        traces = Traces(
            transitions=self.transitions, canonical=self.canonical, numbers=self.numbers, origins=self.origins,
            starts=self.starts,
        )  # fmt: skip
        common = Exploration(
            outcome="gave up" if self.over_budget else "safe", complete=complete, states=len(self.numbers),
            steps=sum(map(len, self.edges)), ranges=self.ranges(),
            longest=longest_path(self.edges, self.drains, len(self.numbers)) if complete else None,
            beyond=tuple(sorted(self.beyond)), fault=self.fault(traces),
        )  # fmt: skip
        return tuple(_exploration_of(asked, common, traces) for asked in self.searches)

    def ranges(self) -> tuple[tuple[str, int], ...]:
        """Into how many ranges the values of each symbol that was not enumerated fell."""
        boxes = {state.box for state in self.numbers}
        return tuple(
            (name, len({box[place][0] for box in boxes})) for name, place in self.transitions.wide_symbols.items()
        )

    def fault(self, traces: Traces) -> Fault | None:
        if self.transitions.fault is None:
            return None
        state, box, fault = self.transitions.fault
        trace = traces.trace_to(self.canonical(state), box)
        return Fault(message=str(fault), schedule=trace.schedule, symbols=trace.symbols)


def _exploration_of(asked: _PropertySearch, common: Exploration, traces: Traces) -> Exploration:
    """The result for one property."""
    if asked.violation is None:
        return replace(common, situation=asked.situation)
    trace = traces.trace_to(*asked.violation)
    return replace(
        common, outcome="violated", situation=asked.situation, schedule=trace.schedule, story=trace.story,
        symbols=trace.symbols, violated=asked.judge.violations(trace.end)[0],
    )  # fmt: skip
