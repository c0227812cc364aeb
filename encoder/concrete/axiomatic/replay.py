"""Replays an execution of any memory model, given as steps, reads-from and coherence orders, without the solver.

replay_weak(program, prop, model, symbols, steps, coherence, loops) -> ReplayResult
confirm_weak(program, prop, model, witness, loops) -> ReplayResult
interleaving_as_execution(program, symbols, schedule, loops) -> (steps, coherence)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from encoder.base.errors import SelfCheckError
from encoder.base.result import Witness
from encoder.concrete.axiomatic.close_sections import close_sections
from encoder.concrete.axiomatic.execution import Coherence, Skeleton, build_execution, build_skeleton, coherence_orders
from encoder.concrete.axiomatic.grace_periods import section_pairings, unorderable_section
from encoder.concrete.axiomatic.observations import drawn_step, initial_words, known_word, observation_of
from encoder.concrete.axiomatic.relations import RelationEvaluator
from encoder.concrete.axiomatic.sc_cycle import sc_cycle
from encoder.concrete.axiomatic.thread_runs import ExecutedStep, ThreadRuns, WitnessStep, possible_runs
from encoder.concrete.axiomatic.violated_axiom import violated_axiom
from encoder.concrete.interleaving.blame import violating_values
from encoder.concrete.interleaving.blocking import sections_to_await
from encoder.concrete.interleaving.check_recording import unknown_thread
from encoder.concrete.interleaving.format_values import format_state
from encoder.concrete.interleaving.holdings import Held, held_after
from encoder.concrete.interleaving.judgement import violations
from encoder.concrete.interleaving.open_sections import IRQ, RCU, OpenSections, SectionKey
from encoder.concrete.interleaving.race import racing_pair
from encoder.concrete.interleaving.replay import (
    ReplayResult,
    compare_witness,
    perform_step,
    start_machine,
    waiting_threads,
)
from encoder.concrete.interleaving.state import Awaited, AwaitedSection, Local, MachineState
from encoder.concrete.semantics.action import CellTable, VariableSlots, prepare_action
from encoder.concrete.semantics.event_effect import has_read
from encoder.memory.model import MemoryModel
from encoder.program.core import CellName, Flush, Grace, Program, Property


def replay_weak(
    program: Program,
    prop: Property,
    model: MemoryModel,
    symbols: Mapping[str, int],
    steps: Sequence[WitnessStep],
    coherence: Mapping[str, Sequence[int]],
    loops: int | None,
) -> ReplayResult:
    """Perform the steps, each reading from the step that it names, and check the execution against the model's axioms.

    `coherence` has, for each location with several writes, the steps that write it in coherence order. Where the steps
    may mean several executions, one that breaks the property is shown. Raises SelfCheckError when the program cannot
    perform these steps, when the model forbids the execution, or when its end does not break the property.
    """
    machine, start = start_machine(program, symbols, loops)
    found = violating_runs(program, prop, model, symbols, steps, coherence, loops)
    words = initial_words(program, start)
    orders = coherence_orders(program.cells, found.done, coherence)
    skeleton = build_skeleton(found, program.cells, orders, model.instructions)
    end = end_state(program, start, found, orders)
    broken = violations(machine, prop, end)
    observed = [observation_of(done, words, found, orders) for done in found.done]
    drawn = [drawn_step(program, done, seen, orders) for done, seen in zip(found.done, observed, strict=True)]
    racing = racing_pair(drawn, observed, broken[0])
    return ReplayResult(
        steps=tuple(replace(step, racing=step.step in racing) for step in drawn),
        initial=format_state(program, start),
        final=format_state(program, end),
        violated=broken[0],
        broken=violating_values(machine, broken[0], start, end),
        coherence=tuple((str(cell), order) for cell, order in orders.items() if len(order) > 1),
        cycle=sc_cycle(skeleton, drawn, _waits(program, found, skeleton)),
        waiting=waiting_threads(machine, end),
    )


def _waits(program: Program, found: ThreadRuns, skeleton: Skeleton) -> list[list[tuple[int, int]]]:
    """For each pair of a wait and a section the pairs of steps of which one must be in order."""
    pairings = section_pairings(program, found, skeleton, RelationEvaluator(build_execution(skeleton)))
    step = [node.step for node in skeleton.nodes]
    return [[(step[a], step[b]) for a, b in pairing.step_orders] for pairing in pairings]


def violating_runs(
    program: Program,
    prop: Property,
    model: MemoryModel,
    symbols: Mapping[str, int],
    steps: Sequence[WitnessStep],
    coherence: Mapping[str, Sequence[int]],
    loops: int | None,
) -> ThreadRuns:
    """The first of the executions that the steps may mean that the model allows and that breaks the property. Raises
    SelfCheckError as `replay_weak` does."""
    machine, start = start_machine(program, symbols, loops)
    wrong: list[str] = []
    for found in possible_runs(program, initial_words(program, start), steps, loops):
        orders = coherence_orders(program.cells, found.done, coherence)
        skeleton = build_skeleton(found, program.cells, orders, model.instructions)
        if problem := why_forbidden(program, model, found, skeleton):
            wrong.append(problem)
        elif violations(machine, prop, end_state(program, start, found, orders)):
            return found
        else:
            wrong.append(f"after {len(steps)} steps {prop.name} is not broken")
    raise SelfCheckError(f"replay: {wrong[0]}")


def confirm_weak(
    program: Program, prop: Property, model: MemoryModel, witness: Witness, loops: int | None
) -> ReplayResult:
    """Replay a recorded witness. Raises SelfCheckError as `replay_weak` does, and Misfit at the first difference
    between the recording and the replay."""
    steps = [WitnessStep(step.thread, step.index, step.reads_from, step) for step in witness.schedule]
    found = replay_weak(program, prop, model, dict(witness.symbols), steps, dict(witness.coherence), loops)
    compare_witness(witness, found)
    return found


def interleaving_as_execution(
    program: Program, symbols: Mapping[str, int], schedule: Sequence[str], loops: int | None
) -> tuple[tuple[WitnessStep, ...], dict[str, tuple[int, ...]]]:
    """An interleaving, given as the thread's name for each step, as steps with their reads-from and the coherence
    orders of locations with several writes.

    Raises SelfCheckError where the program cannot perform this interleaving.
    """
    machine, state = start_machine(program, symbols, loops)
    numbers = {thread.name: number for number, thread in enumerate(program.threads)}
    steps: list[WitnessStep] = []
    writes: dict[str, tuple[int, ...]] = {}
    done = dict.fromkeys(numbers, 0)
    for number, name in enumerate(schedule, 1):
        if name not in numbers:
            raise unknown_thread(name, number)
        state, seen = perform_step(machine, state, numbers[name], number)
        before = writes.get(str(seen.cell), ())
        steps.append(WitnessStep(name, done[name], (before or (0,))[-1] if has_read(seen.event) else None))
        done[name] += 1
        if seen.new is not None:
            writes[str(seen.cell)] = (*before, number)
    return tuple(steps), {cell: order for cell, order in writes.items() if len(order) > 1}


def why_forbidden(program: Program, model: MemoryModel, found: ThreadRuns, skeleton: Skeleton) -> str | None:
    """Why the model forbids the execution, in a sentence; None where it allows it."""
    whole = close_sections(skeleton)
    evaluator = RelationEvaluator(build_execution(whole))
    return violated_axiom(model, whole, evaluator) or unorderable_section(program, found, whole, model, evaluator)


def end_state(program: Program, start: MachineState, found: ThreadRuns, orders: Coherence) -> MachineState:
    """The state at the end: each location holds what its last write in coherence order wrote."""
    written = {done.step: known_word(done.effect.written) for done in found.done if done.effect.wrote}
    memory = tuple(
        written[orders[cell.name][-1]] if orders[cell.name] else word
        for cell, word in zip(program.cells, start.memory, strict=True)
    )
    cells = CellTable(cells=program.cells, numbers={cell.name: number for number, cell in enumerate(program.cells)})
    locals_ = tuple(_local(number, found, program, cells) for number in range(len(program.threads)))
    state = MachineState(memory, locals_, start.awaited, start.symbols)
    return state._replace(awaited=_awaited_sections(program, found, state))


def _awaited_sections(program: Program, found: ThreadRuns, state: MachineState) -> Awaited:
    """The sections that the end of a begun flush or grace period may wait for: all of its kind that are open, as the
    two begins are not ordered."""
    every: list[tuple[AwaitedSection, ...]] = []
    for number, local in enumerate(state.locals):
        begun = next(
            (d.effect for d in reversed(found.of_thread(number)) if isinstance(d.effect.event, Flush | Grace)), None
        )
        if begun is None or not isinstance(begun.event, Flush | Grace) or not begun.event.begin:
            every.append(())
            continue
        subject = begun.mm or (0 if begun.cell is None else 1 + _cell_number(program, begun.cell))
        locals_ = (*state.locals[:number], replace(local, subject=subject), *state.locals[number + 1 :])
        every.append(tuple(sorted(sections_to_await(state._replace(locals=locals_), number, begun.event, program))))
    return tuple(every)


def _cell_number(program: Program, cell: CellName) -> int:
    return [each.name for each in program.cells].index(cell)


def _local(number: int, found: ThreadRuns, program: Program, memory: CellTable) -> Local:
    """A thread's local state where it has stopped."""
    run, event, variables = found.runs[number], found.next_events[number], program.threads[number].variables
    slots = VariableSlots(
        slots={name: slot for slot, (name, _) in enumerate(variables)}, types=tuple(type for _, type in variables)
    )
    values, does, held = known_word(tuple(run.variables.values.values())), None, _held(found.of_thread(number), memory)
    cell = -1
    if event is not None:
        does = prepare_action(event, slots, memory)
        cell = -1 if does.base is None else does.targets.get(does.base(values), -1)
    return Local(
        serial=number, place=0, values=values, rounds=(), inside=OpenSections(), action=does, stopped=run.stopped,
        cell=cell, subject=0, open=_open_sections(held, memory), held=held,
    )  # fmt: skip


def _open_sections(held: Held, memory: CellTable) -> tuple[SectionKey, ...]:
    """The sections that are open."""
    keys = {"irq": IRQ, "rcu": RCU}
    return tuple(
        keys[kind] if cell is None else (0, memory.numbers[cell]) for (kind, cell), _ in held if kind != "lock"
    )


def _held(effects: Iterable[ExecutedStep], memory: CellTable) -> Held:
    """What a thread has taken and not given back."""
    held: Held = ()
    for done in effects:
        effect = done.effect
        cell = None if effect.cell is None else memory.cells[memory.numbers[effect.cell]]
        (old, *_), (new, *_) = (*known_word(effect.read), 0), (*known_word(effect.written), 0)
        held = held_after(held, effect.event, cell, old, new if effect.wrote else None)
    return held
