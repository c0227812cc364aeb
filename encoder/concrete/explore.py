"""Explicit-state search: every state of a program under sequential consistency, breadth first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Literal

from encoder.concrete.faults import ProgramFault
from encoder.concrete.interpreter import Machine
from encoder.concrete.judgement import Judge, spoken
from encoder.concrete.state import State
from encoder.concrete.symmetry import canonical, classes, groups
from encoder.program.core import Instance, Program, Property, ThreadVar

MANY_CHOICES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A schedule after which some thread's next event is a fault. It is not done; the search goes on."""

    message: str
    schedule: tuple[str, ...]
    symbols: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What a search found.

    `outcome` is "violated" with a shortest `schedule` (thread names) from the start that `symbols` give, "safe" when
    no state that was looked at breaks the property, "gave up" when there were more than `max_states`.
    `complete`: every state was looked at; then `longest` is the length of the longest schedule. Rounds beyond a
    loop's bound are never looked at: `beyond` names the loops that some thread would go on with, by their paths.
    `situation`: the property's situation was reached. `states` and `steps` count what was looked at, `fault` is the
    first that was met.
    """

    outcome: Literal["safe", "violated", "gave up"]
    complete: bool
    states: int
    steps: int
    longest: int | None
    situation: bool
    beyond: tuple[str, ...]
    schedule: tuple[str, ...]
    symbols: tuple[tuple[str, int], ...]
    violated: Instance | None
    fault: Fault | None


def choices_of(program: Program) -> Iterator[dict[str, int]]:
    """All values of the program's symbols, the first symbol slowest. ValueError: there are more than MANY_CHOICES."""
    ranges = [range(symbol.first, symbol.last + 1) for symbol in program.symbols]
    if (many := prod(len(numbers) for numbers in ranges)) > MANY_CHOICES:
        raise ValueError(f"the symbols have {many} values; choose some")
    for numbers in product(*ranges):
        yield dict(zip((symbol.name for symbol in program.symbols), numbers, strict=True))


def explore(
    program: Program,
    prop: Property,
    *,
    loops: int,
    max_states: int,
    depth: int | None = None,
    choices: Sequence[Mapping[str, int]] | None = None,
    symmetry: bool = False,
) -> Exploration:
    """Search every schedule (of at most `depth` steps), from every start that the assumptions admit.

    `choices` are the symbols to start from, by default all there are (ValueError: too many, or none that is admitted);
    `loops` is the bound of loops without one. With `symmetry`, states that differ only in which of several like
    threads is where are one.
    """
    alike = classes(program, prop) if symmetry else tuple(range(len(program.threads)))
    read = {leaf.name for instance in prop.instances for leaf in spoken(instance) if isinstance(leaf, ThreadVar)}
    machine = Machine(program, loops, classes=alike, observed=frozenset(read))
    search = _Search(machine=machine, judge=Judge(machine, prop), groups=groups(alike), max_states=max_states)
    for chosen in choices_of(program) if choices is None else choices:
        if not machine.contradicted(chosen):
            search.begin(dict(chosen))
    if not search.frontier:
        raise ValueError("no choice of symbols satisfies the assumptions")
    return search.run(depth)


@dataclass(frozen=True, slots=True)
class _Way:
    schedule: tuple[str, ...]
    symbols: tuple[tuple[str, int], ...]
    end: State


@dataclass(slots=True, kw_only=True)
class _Search:
    """`numbers` counts states as they are met; by number, `origins` has the state each was first reached from (None for
    a start), and `edges` the states that it leads to."""

    machine: Machine
    judge: Judge
    groups: tuple[tuple[int, ...], ...]
    max_states: int
    numbers: dict[State, int] = field(default_factory=dict)
    origins: list[State | None] = field(default_factory=list)
    starts: dict[State, tuple[State, dict[str, int]]] = field(default_factory=dict)
    edges: list[tuple[int, ...]] = field(default_factory=list)
    frontier: list[State] = field(default_factory=list)
    situation: bool = False
    beyond: set[str] = field(default_factory=set)
    broken: State | None = None
    fault: tuple[State, ProgramFault] | None = None

    def begin(self, symbols: dict[str, int]) -> None:
        """Add the start that the symbols give."""
        start = self.machine.start(symbols)
        if not self.judge.symbolic:
            start = start._replace(symbols=())
        state = canonical(start, self.groups)
        if state not in self.numbers:
            self.starts[state] = (start, symbols)
            self.frontier.append(state)
            self.meet(state, None)

    def meet(self, state: State, origin: State | None) -> None:
        """Number a new state and judge it."""
        self.numbers[state] = len(self.numbers)
        self.origins.append(origin)
        self.situation = self.situation or bool(self.judge.situations(state))
        if self.broken is None and self.judge.violations(state):
            self.broken = state
        for local in state.locals:
            if local.stopped is not None:
                self.beyond.add("/".join(local.stopped.path))

    def run(self, depth: int | None) -> Exploration:
        """Search from the starts on."""
        length = 0
        while self.frontier and self.broken is None and length != depth:
            self.frontier = self.level(self.frontier)
            if len(self.numbers) > self.max_states:
                break
            length += 1
        return self.found(gave_up=len(self.numbers) > self.max_states)

    def level(self, frontier: list[State]) -> list[State]:
        """The new states one step beyond these."""
        found: list[State] = []
        for state in frontier:
            targets: list[int] = []
            for _, move in self.moves(state):
                after = canonical(move, self.groups) if self.groups else move
                number = self.numbers.get(after)
                if number is None:
                    number = len(self.numbers)
                    self.meet(after, state)
                    found.append(after)
                targets.append(number)
            self.edges.append(tuple(targets))
            if self.broken is not None or len(self.numbers) > self.max_states:
                break
        return found

    def moves(self, state: State) -> Iterator[tuple[int, State]]:
        """Each thread that can do its event, with the state after it; a thread that faults cannot."""
        for thread in range(len(state.locals)):
            try:
                after = self.machine.successor(state, thread)
            except ProgramFault as fault:
                self.fault = self.fault or (state, fault)
                continue
            if after is not None:
                yield thread, after

    def found(self, gave_up: bool) -> Exploration:
        """What was found, when the search has stopped."""
        stopped = gave_up or self.broken is not None
        complete = not stopped and not any(True for state in self.frontier for _ in self.moves(state))
        way = None if self.broken is None else self.path(self.broken)
        return Exploration(
            outcome="violated" if way else "gave up" if gave_up else "safe",
            complete=complete,
            states=len(self.numbers),
            steps=sum(len(targets) for targets in self.edges),
            longest=_longest(self.edges, len(self.numbers)) if complete else None,
            situation=self.situation,
            beyond=tuple(sorted(self.beyond)),
            schedule=way.schedule if way else (),
            symbols=way.symbols if way else (),
            violated=self.judge.violations(way.end)[0] if way else None,
            fault=None if self.fault is None else self.faulted(*self.fault),
        )

    def faulted(self, state: State, fault: ProgramFault) -> Fault:
        way = self.path(state)
        return Fault(message=str(fault), schedule=way.schedule, symbols=way.symbols)

    def path(self, state: State) -> _Way:
        """A shortest schedule to a state, found again from the true start: states stand for others that are alike."""
        chain = [state]
        while (origin := self.origins[self.numbers[chain[-1]]]) is not None:
            chain.append(origin)
        true, symbols = self.starts[chain.pop()]
        schedule: list[str] = []
        for wanted in reversed(chain):
            moves = ((move, after) for move, after in self.moves(true) if canonical(after, self.groups) == wanted)
            thread, true = next(moves)
            schedule.append(self.machine.program.threads[thread].name)
        return _Way(tuple(schedule), tuple(symbols.items()), true)


def _longest(edges: Sequence[Sequence[int]], states: int) -> int:
    """The length of the longest path in a graph without cycles; loops are counted, so states never come back."""
    entering = [0] * states
    for targets in edges:
        for target in targets:
            entering[target] += 1
    length = [0] * states
    ready = [state for state in range(states) if not entering[state]]
    for state in ready:
        for target in edges[state] if state < len(edges) else ():
            length[target] = max(length[target], length[state] + 1)
            entering[target] -= 1
            if not entering[target]:
                ready.append(target)
    return max(length, default=0)
