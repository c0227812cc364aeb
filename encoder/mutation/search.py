"""Searches every schedule from one initial state, judged by several properties at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from encoder.concrete.interleaving.judgement import PropertyJudge, observed_leaves
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import MachineState
from encoder.concrete.semantics.faults import NotHeld, ProgramFault
from encoder.program.core import Program, Property, ThreadVar


@dataclass(slots=True)
class SearchResult:
    """What a search found: in `broken` a shortest schedule (thread names) for each property that breaks, in `reached`
    the properties whose situation is reached, in `faults` "fault" or "unheld" where a thread's next event is such a
    fault. `complete`: all states were visited."""

    broken: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    faults: set[str] = field(default_factory=set)
    complete: bool = False


def search_schedules(
    program: Program, props: tuple[Property, ...], symbols: Mapping[str, int], *, loops: int, depth: int | None,
    max_states: int,
) -> SearchResult:  # fmt: skip
    """Breadth-first search under sequential consistency, until all properties are broken or more than `max_states`
    states are known."""
    instances = [instance for each in props for instance in each.instances]
    read = {leaf.name for instance in instances for leaf in observed_leaves(instance) if isinstance(leaf, ThreadVar)}
    machine = Machine(program, loops, observed=frozenset(read))
    judges = {each.name: PropertyJudge(machine, each) for each in props}
    start = machine.start(symbols)
    origins: dict[MachineState, tuple[MachineState, int] | None] = {start: None}
    result = SearchResult()
    frontier, length = [start], 0
    while frontier:
        for state in frontier:
            for name, judge in list(judges.items()):
                if name not in result.reached and judge.situations(state):
                    result.reached.add(name)
                if judge.violations(state):
                    result.broken[name] = _schedule(program, origins, state)
                    del judges[name]
        if not judges or len(origins) > max_states or length == depth:
            return result
        frontier, length = _next_level(machine, frontier, origins, result), length + 1
    result.complete = True
    return result


def _next_level(
    machine: Machine,
    frontier: list[MachineState],
    origins: dict[MachineState, tuple[MachineState, int] | None],
    result: SearchResult,
) -> list[MachineState]:
    """The new states one step beyond these."""
    found = []
    for state in frontier:
        for thread in range(len(state.locals)):
            try:
                after = machine.successor(state, thread)
            except ProgramFault as fault:
                result.faults.add("unheld" if isinstance(fault, NotHeld) else "fault")
                continue
            if after is not None and after not in origins:
                origins[after] = state, thread
                found.append(after)
    return found


def _schedule(
    program: Program, origins: dict[MachineState, tuple[MachineState, int] | None], state: MachineState
) -> tuple[str, ...]:
    threads = []
    while (origin := origins[state]) is not None:
        state, thread = origin
        threads.append(program.threads[thread].name)
    return tuple(reversed(threads))
