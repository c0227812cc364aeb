"""Explicit-state search: every state of a program under sequential consistency or TSO, breadth first."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Literal

from encoder.concrete.explorer.longest_path import longest_path
from encoder.concrete.explorer.reduction import Reduction
from encoder.concrete.explorer.symmetry import canonical, classes, groups
from encoder.concrete.explorer.trace import Traces
from encoder.concrete.explorer.transitions import Transitions
from encoder.concrete.interleaving.judgement import PropertyJudge, observed_leaves
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import MachineState
from encoder.concrete.semantics.affine import Box
from encoder.memory.model import StateMachine
from encoder.program.core import Instance, Keeps, Program, Property, ThreadVar, Var

BUFFERED = 64
"""Stores in one buffer at which a search gives up where loops have no bound: rounds that store have no end then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A schedule after which some thread's next event is a fault. It is not done; the search goes on."""

    message: str
    schedule: tuple[str, ...]
    symbols: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What a search found of one property.

    `outcome` is "violated" with a `schedule` (thread names) from the start that `symbols` give, "safe" when no state
    that was looked at breaks the property, "gave up" when there was no end to the states within the limits. The
    schedule is a shortest one unless the search was reduced; `story` has its steps as `thread: label`, and under TSO
    where stores drain, which are no steps.
    `complete`: every state was looked at; then `longest` is the length of the longest schedule, None where loops
    without a bound make them of any length. Rounds beyond a loop's bound are never looked at: `beyond` names the loops
    that some thread would go on with, by their paths. `situation`: the property's situation was reached. `states` and
    `steps` count what was looked at, for all properties that were asked together; `ranges` has for each symbol that was
    not chosen into how many ranges its values fell. `fault` is the first that was met.
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
    """Search for what breaks one property, until something does. See `explore_all`."""
    (found,) = explore_all(
        program, (prop,), loops=loops, max_states=max_states, depth=depth, symmetry=symmetry, machine=machine
    )
    return found


def explore_all(
    program: Program, props: Sequence[Property], *, loops: int | None, max_states: int, depth: int | None = None,
    symmetry: bool = False, machine: StateMachine = "interleavings", reduce: bool = False, deadline: float = inf,
) -> tuple[Exploration, ...]:  # fmt: skip
    """Search every schedule (of at most `depth` steps), from every start that the assumptions admit: for each property,
    until all are broken.

    `loops` is the bound of loops without one; None: no loop has a bound, not even one of its own. With `symmetry`,
    states that differ only in which of several like threads is where are one. With `reduce`, steps that commute
    with all others go first; not with `depth`, as schedules are then no shortest ones. Gives up at
    `max_states`, at `deadline`, a `time.monotonic()` value, and without bounds at BUFFERED. Raises ValueError when the
    assumptions admit no start.
    """
    if reduce and depth is not None:
        raise ValueError("a reduced search finds no shortest schedules")
    alike = classes(program, *props) if symmetry else tuple(range(len(program.threads)))
    leaves = [leaf for prop in props for instance in prop.instances for leaf in observed_leaves(instance)]
    read = frozenset(leaf.name for leaf in leaves if isinstance(leaf, ThreadVar))
    keeping = any(isinstance(leaf, Keeps) for leaf in leaves)
    steps = Machine(program, loops, classes=alike, observed=read, bounded=loops is not None, keeping=keeping)
    system = Transitions(steps, tso=machine == "store buffers")
    search = _Search(
        system=system, asked=[_Asked(PropertyJudge(steps, prop, system.ranges)) for prop in props],
        groups=groups(alike),
        reduction=Reduction(system, props) if reduce else None, max_states=max_states, deadline=deadline,
        buffered=BUFFERED if loops is None else inf,
    )  # fmt: skip
    search.begin(symbolic=any(isinstance(leaf, Var) for leaf in leaves))
    search.run(depth)
    return search.found()


@dataclass(slots=True)
class _Asked:
    """A property, whether its situation was reached, and the first state that breaks it, for the starts in a box."""

    judge: PropertyJudge
    situation: bool = False
    broken: tuple[MachineState, Box] | None = None

    def look(self, state: MachineState) -> None:
        if self.broken is None:
            situation, box = self.judge.judged(state)
            self.situation = self.situation or situation
            if box is not None:
                self.broken = state, box


@dataclass(slots=True, kw_only=True)
class _Search:
    """`numbers` counts states as they are met; by number, `origins` has the state each was first reached from (None for
    a start), `edges` the states that it leads to by a step, `drains` those to which it leads by a store that drains.
    `halted`: all that was asked is broken, `late`: it takes too long, `full`: a buffer has too many stores."""

    system: Transitions
    asked: list[_Asked]
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
    halted: bool = False
    late: bool = False
    full: bool = False

    def begin(self, *, symbolic: bool) -> None:
        """Add the starts. Raises ValueError when there is none."""
        for true, symbols in self.system.starts():
            start = true if symbolic else true._replace(symbols=())
            state = self.canonical(start)
            if state not in self.numbers:
                self.starts[state] = (start, symbols)
                self.meet(state, None, self.frontier)
        if not self.frontier:
            raise ValueError("no choice of symbols satisfies the assumptions")

    def meet(self, state: MachineState, origin: MachineState | None, fresh: list[MachineState]) -> int:
        """The number of a state; a new one is judged and added to `fresh`."""
        number = self.numbers.get(state)
        if number is not None:
            return number
        number = self.numbers[state] = len(self.numbers)
        self.origins.append(origin)
        fresh.append(state)
        if not any(state.buffers):
            for asked in self.asked:
                asked.look(state)
        elif max(map(len, state.buffers)) > self.buffered:
            self.full = True
        for local in state.locals:
            if local.stopped is not None:
                self.beyond.add("/".join(local.stopped.path))
        return number

    def stop(self) -> bool:
        """Whether to stop here."""
        self.late = self.full or len(self.numbers) > self.max_states or time.monotonic() > self.deadline
        self.halted = all(asked.broken is not None for asked in self.asked)
        return self.late or self.halted

    def run(self, depth: int | None) -> None:
        """Search from the starts on."""
        length = 0
        while self.frontier and not self.stop():
            firsts = self.drained()
            if length == depth or self.stop():
                break
            self.frontier = self.stepped(firsts)
            length += 1

    def drained(self) -> list[MachineState | None]:
        """Add to the frontier what stores that drain lead to, which are no steps; for each of its states the one after
        the step that goes first, where one may."""
        firsts: list[MachineState | None] = []
        for state in self.frontier:
            first = None if self.reduction is None else self.reduction.first(state, self.later)
            firsts.append(first)
            afters = self.system.drains(state) if first is None and state.buffers else ()
            self.drains.append(tuple(self.meet(self.canonical(after), state, self.frontier) for _, after in afters))
            if self.stop():
                break
        return firsts

    def later(self, state: MachineState, after: MachineState) -> bool:
        """Whether what may go first in `after` is decided later than in `state`."""
        return self.numbers.get(self.canonical(after), inf) > self.numbers[state]

    def stepped(self, firsts: Sequence[MachineState | None]) -> list[MachineState]:
        """The new states one step beyond the frontier."""
        fresh: list[MachineState] = []
        for state, first in zip(self.frontier, firsts, strict=True):
            afters = self.system.moves(state) if first is None else (first,)
            self.edges.append(tuple([self.meet(self.canonical(after), state, fresh) for after in afters]))
            if self.stop():
                break
        return fresh

    def canonical(self, state: MachineState) -> MachineState:
        return canonical(state, self.groups) if self.groups else state

    def found(self) -> tuple[Exploration, ...]:
        """What was found, when the search has stopped."""
        stopped = self.late or self.halted
        complete = not stopped and not any(True for state in self.frontier for _ in self.system.moves(state))
        ways = Traces(system=self.system, canonical=self.canonical, numbers=self.numbers, origins=self.origins,
                    starts=self.starts)  # fmt: skip
        common = Exploration(
            outcome="gave up" if self.late else "safe", complete=complete, states=len(self.numbers),
            steps=sum(map(len, self.edges)), ranges=self.ranges(),
            longest=longest_path(self.edges, self.drains, len(self.numbers)) if complete else None,
            beyond=tuple(sorted(self.beyond)), fault=self.fault(ways),
        )  # fmt: skip
        return tuple(_of(asked, common, ways) for asked in self.asked)

    def ranges(self) -> tuple[tuple[str, int], ...]:
        """Into how many ranges the values of each symbol that was not chosen fell."""
        boxes = {state.box for state in self.numbers}
        return tuple((name, len({box[place][0] for box in boxes})) for name, place in self.system.wide.items())

    def fault(self, ways: Traces) -> Fault | None:
        if self.system.fault is None:
            return None
        state, box, fault = self.system.fault
        way = ways.to(self.canonical(state), box)
        return Fault(message=str(fault), schedule=way.schedule, symbols=way.symbols)


def _of(asked: _Asked, common: Exploration, ways: Traces) -> Exploration:
    """What was found of one property."""
    if asked.broken is None:
        return replace(common, situation=asked.situation)
    way = ways.to(*asked.broken)
    return replace(
        common, outcome="violated", situation=asked.situation, schedule=way.schedule, story=way.story,
        symbols=way.symbols, violated=asked.judge.violations(way.end)[0],
    )  # fmt: skip
