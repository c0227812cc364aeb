"""Replays a schedule step by step without the solver, and compares it with its recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from encoder.base.errors import InputError, Misfit, SelfCheckError
from encoder.base.result import ScheduleStep, Witness
from encoder.concrete.interleaving.blame import BrokenValues, violating_values
from encoder.concrete.interleaving.check_recording import check_equal, check_site, check_values, unknown_thread
from encoder.concrete.interleaving.format_values import format_observation, format_state
from encoder.concrete.interleaving.judgement import violations
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.race import racing_pair
from encoder.concrete.interleaving.state import MachineState, Observation
from encoder.concrete.semantics.faults import ProgramFault
from encoder.program.core import Instance, Program, Property


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """A schedule that breaks the property: its steps, the initial and final states as formatted (location, value), and
    the broken instance.

    `broken` has the values that broke it, see `blame`. `coherence` and `cycle` are those of a weak execution, as in
    `Witness`. `waiting` says where each thread stands that cannot go on.
    """

    steps: tuple[ScheduleStep, ...]
    initial: tuple[tuple[str, str], ...]
    final: tuple[tuple[str, str], ...]
    violated: Instance
    broken: BrokenValues = ()
    coherence: tuple[tuple[str, tuple[int, ...]], ...] = ()
    cycle: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def replay(
    program: Program, prop: Property, symbols: Mapping[str, int], schedule: Sequence[str], loops: int | None,
    recorded: Sequence[ScheduleStep] = (),
) -> ReplayResult:  # fmt: skip
    """Run the schedule, a thread's name for each step, from the initial state that the symbols give.

    `loops` is the bound of loops without one (None: none). Raises SelfCheckError when the program cannot run so, or
    when the property is not broken at the end; Misfit where a step is at another site than was `recorded`.
    """
    machine, state = start_machine(program, symbols, loops)
    start = state
    steps: list[ScheduleStep] = []
    observed: list[Observation] = []
    numbers = {thread.name: number for number, thread in enumerate(program.threads)}
    done = [0] * len(numbers)
    for name in schedule:
        if name not in numbers:
            raise unknown_thread(name, len(steps) + 1)
        thread = numbers[name]
        event = machine.next_event(state, thread) if recorded else None
        if event is not None and recorded[len(steps)].index == done[thread]:
            check_site(len(steps) + 1, recorded[len(steps)], event.site)
        state, observation = perform_step(machine, state, thread, len(steps) + 1)
        steps.append(schedule_step(program, observation, len(steps) + 1, done[thread], thread))
        observed.append(observation)
        done[thread] += 1
    broken = violations(machine, prop, state)
    if not broken:
        raise SelfCheckError(f"replay: after {len(steps)} steps {prop.name} is not broken")
    racing = racing_pair(steps, observed, broken[0])
    return ReplayResult(
        steps=tuple(replace(step, racing=step.step in racing) for step in steps),
        initial=format_state(program, start),
        final=format_state(program, state),
        violated=broken[0],
        broken=violating_values(machine, broken[0], start, state),
        waiting=waiting_threads(machine, state),
    )


def waiting_threads(machine: Machine, state: MachineState) -> tuple[str, ...]:
    """`cpu1 waits at lock: spin_lock(&table->ptl)` for each thread that cannot go on with the present memory."""
    found = []
    for number, thread in enumerate(machine.program.threads):
        event = machine.next_event(state, number)
        if event is not None and machine.waits(state, number):
            found.append(f"{thread.name} waits at {event.site.label}: {event.site.event}")
    return tuple(found)


def start_machine(program: Program, symbols: Mapping[str, int], loops: int | None) -> tuple[Machine, MachineState]:
    """The program's machine and its initial state. Raises Misfit where the symbols give none."""
    machine = Machine(program, loops, track_held=True)
    try:
        return machine, machine.start(symbols)
    except (InputError, ProgramFault) as problem:
        raise Misfit(f"replay cannot start: {problem}", "symbols") from problem


def confirm(program: Program, prop: Property, witness: Witness, loops: int | None) -> ReplayResult:
    """Replay a recorded witness. Raises SelfCheckError as `replay` does, and Misfit at the first difference between the
    recording and the replay."""
    threads = [step.thread for step in witness.schedule]
    found = replay(program, prop, dict(witness.symbols), threads, loops, witness.schedule)
    compare_witness(witness, found)
    return found


def compare_witness(witness: Witness, found: ReplayResult) -> None:
    """Raises Misfit at the first difference between the recording and the replay."""
    for place, (recorded, step) in enumerate(zip(witness.schedule, found.steps, strict=True)):
        for name in (field.name for field in fields(ScheduleStep)):
            what = f"step {step.step}, {name}"
            check_equal(what, getattr(recorded, name), getattr(step, name), "schedule", place, name)
    check_values("start", witness.initial, found.initial, "initial")
    check_values("end", witness.final, found.final, "final")
    check_equal("what broke", witness.violated, found.violated.text, "violated")
    check_equal("coherence", witness.coherence, found.coherence, "coherence")
    check_equal("cycle", witness.cycle, found.cycle, "cycle")


def perform_step(machine: Machine, state: MachineState, thread: int, number: int) -> tuple[MachineState, Observation]:
    """Perform one step of the thread. Raises SelfCheckError saying why it cannot."""
    where = f"replay, step {number}: {machine.program.threads[thread].name}"
    local = state.locals[thread]
    if local.ended:
        raise SelfCheckError(f"{where} has ended")
    if local.stopped is not None:
        raise SelfCheckError(f"{where} is beyond the bound of the loop at {local.stopped.label}")
    try:
        if not machine.enabled(state, thread):
            event = machine.next_event(state, thread)
            assert event is not None
            raise SelfCheckError(f"{where} has to wait at {event.site.label}: {event.site.event}")
        return machine.step(state, thread)
    except ProgramFault as fault:
        raise SelfCheckError(f"{where}, {fault}") from fault


def schedule_step(program: Program, observation: Observation, number: int, index: int, thread: int) -> ScheduleStep:
    """The step as a schedule shows it."""
    site = observation.event.site
    return ScheduleStep(
        step=number,
        index=index,
        cpu=thread,
        thread=program.threads[thread].name,
        procedure=site.procedure,
        label=site.label,
        path=site.path,
        event=site.event,
        location="" if observation.cell is None else str(observation.cell),
        value=format_observation(program, observation),
        source=site.source,
    )
