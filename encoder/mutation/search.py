"""Every schedule from one start, judged by several properties at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from encoder.concrete.interleaving.judgement import PropertyJudge, observed_leaves
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import MachineState
from encoder.concrete.semantics.faults import NotHeld, ProgramFault
from encoder.program.core import Program, Property, ThreadVar


@dataclass(slots=True)
class Seen:
    """What a search came by: a shortest schedule (thread names) for each property that breaks, the properties whose
    situation is reached, "fault" or "unheld" where a thread's next event is one. `complete`: all states were seen."""

    broken: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)
    faults: set[str] = field(default_factory=set)
    complete: bool = False


def search(
    program: Program, asked: tuple[Property, ...], symbols: Mapping[str, int], *, loops: int, depth: int | None,
    max_states: int,
) -> Seen:  # fmt: skip
    """Breadth first under sequential consistency, until all properties are broken or `max_states` have been met."""
    instances = [instance for each in asked for instance in each.instances]
    read = {leaf.name for instance in instances for leaf in observed_leaves(instance) if isinstance(leaf, ThreadVar)}
    machine = Machine(program, loops, observed=frozenset(read))
    judges = {each.name: PropertyJudge(machine, each) for each in asked}
    start = machine.start(symbols)
    origins: dict[MachineState, tuple[MachineState, int] | None] = {start: None}
    seen = Seen()
    frontier, length = [start], 0
    while frontier:
        for state in frontier:
            for name, judge in list(judges.items()):
                if name not in seen.reached and judge.situations(state):
                    seen.reached.add(name)
                if judge.violations(state):
                    seen.broken[name] = _schedule(program, origins, state)
                    del judges[name]
        if not judges or len(origins) > max_states or length == depth:
            return seen
        frontier, length = _level(machine, frontier, origins, seen), length + 1
    seen.complete = True
    return seen


def _level(
    machine: Machine,
    frontier: list[MachineState],
    origins: dict[MachineState, tuple[MachineState, int] | None],
    seen: Seen,
) -> list[MachineState]:
    """The new states one step beyond these."""
    found = []
    for state in frontier:
        for thread in range(len(state.locals)):
            try:
                after = machine.successor(state, thread)
            except ProgramFault as fault:
                seen.faults.add("unheld" if isinstance(fault, NotHeld) else "fault")
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
