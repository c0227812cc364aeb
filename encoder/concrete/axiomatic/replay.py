"""An execution of any memory model, told by its steps, who reads from whom and the coherence order, judged concretely.

replay_weak(program, prop, model, symbols, steps, coherence, loops) -> ReplayResult
confirm_weak(program, prop, model, witness, loops) -> ReplayResult
as_weak(program, symbols, schedule, loops) -> (steps, coherence)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from encoder.base.errors import SelfCheckError
from encoder.base.result import ScheduleStep, Witness
from encoder.concrete.axiomatic.close_sections import close_sections
from encoder.concrete.axiomatic.execution import Coherence, Skeleton, coherent, execution, skeleton
from encoder.concrete.axiomatic.grace_periods import unsettled
from encoder.concrete.axiomatic.relations import RelationEvaluator
from encoder.concrete.axiomatic.sc_cycle import sc_cycle
from encoder.concrete.axiomatic.thread_runs import Done, Drawn, ThreadRuns, possible
from encoder.concrete.axiomatic.violated_axiom import violated_axiom
from encoder.concrete.interleaving.blame import blamed
from encoder.concrete.interleaving.blocking import owed
from encoder.concrete.interleaving.fitting import no_thread
from encoder.concrete.interleaving.format_values import format_state
from encoder.concrete.interleaving.held import Kept, kept_after
from encoder.concrete.interleaving.judgement import violations
from encoder.concrete.interleaving.open_sections import IRQ, RCU, Inside, SectionKey
from encoder.concrete.interleaving.race import race
from encoder.concrete.interleaving.replay import ReplayResult, compare, drawn_step, started, stepped, waiting
from encoder.concrete.interleaving.state import Awaited, Local, MachineState, Observation, Owed
from encoder.concrete.semantics.action import CellTable, CellWord, VariableSlots, action
from encoder.concrete.semantics.event_effect import reads
from encoder.memory.model import MemoryModel
from encoder.program.core import CellName, Flush, Grace, Program, Property


def replay_weak(
    program: Program,
    prop: Property,
    model: MemoryModel,
    symbols: Mapping[str, int],
    steps: Sequence[Drawn],
    coherence: Mapping[str, Sequence[int]],
    loops: int | None,
) -> ReplayResult:
    """Do the steps, each read from the step that it names, and judge the whole by the model's axioms.

    `coherence` has the steps that write a location, in coherence order, for each location with several. Where the steps
    may mean several things, one is shown that breaks the property. Raises SelfCheckError when the program cannot be run
    so, when the model forbids the execution, or when the property is not broken at its end.
    """
    machine, start = started(program, symbols, loops)
    found = breaking(program, prop, model, symbols, steps, coherence, loops)
    words = _words(program, start)
    orders = coherent(program.cells, found.done, coherence)
    frame, end = skeleton(found, program.cells, orders), end_state(program, start, found, orders)
    broken = violations(machine, prop, end)
    observed = [_observation(done, words, found, orders) for done in found.done]
    drawn = [_step(program, done, seen, orders) for done, seen in zip(found.done, observed, strict=True)]
    racing = race(drawn, observed, broken[0])
    return ReplayResult(
        steps=tuple(replace(step, racing=step.step in racing) for step in drawn),
        initial=format_state(program, start),
        final=format_state(program, end),
        violated=broken[0],
        broken=blamed(machine, broken[0], start, end),
        coherence=tuple((str(cell), order) for cell, order in orders.items() if len(order) > 1),
        cycle=sc_cycle(frame, drawn),
        waiting=waiting(machine, end),
    )


def breaking(
    program: Program,
    prop: Property,
    model: MemoryModel,
    symbols: Mapping[str, int],
    steps: Sequence[Drawn],
    coherence: Mapping[str, Sequence[int]],
    loops: int | None,
) -> ThreadRuns:
    """The first of what the steps may mean that the model allows and that breaks the property. Raises SelfCheckError as
    `replay_weak` does."""
    machine, start = started(program, symbols, loops)
    wrong: list[str] = []
    for found in possible(program, _words(program, start), steps, loops):
        orders = coherent(program.cells, found.done, coherence)
        if problem := forbidden(program, model, found, skeleton(found, program.cells, orders)):
            wrong.append(problem)
        elif violations(machine, prop, end_state(program, start, found, orders)):
            return found
        else:
            wrong.append(f"after {len(steps)} steps {prop.name} is not broken")
    raise SelfCheckError(f"replay: {wrong[0]}")


def _words(program: Program, start: MachineState) -> dict[CellName, CellWord]:
    return dict(zip((cell.name for cell in program.cells), start.memory, strict=True))


def confirm_weak(
    program: Program, prop: Property, model: MemoryModel, witness: Witness, loops: int | None
) -> ReplayResult:
    """Replay a recorded witness. Raises SelfCheckError as `replay_weak` does, and Misfit where the two first differ."""
    steps = [Drawn(step.thread, step.index, step.reads_from, step) for step in witness.schedule]
    found = replay_weak(program, prop, model, dict(witness.symbols), steps, dict(witness.coherence), loops)
    compare(witness, found)
    return found


def as_weak(
    program: Program, symbols: Mapping[str, int], schedule: Sequence[str], loops: int | None
) -> tuple[tuple[Drawn, ...], dict[str, tuple[int, ...]]]:
    """An interleaving, a thread's name per step, as steps that say from where they read, and its coherence order.

    Raises SelfCheckError where the program cannot be run so.
    """
    machine, state = started(program, symbols, loops)
    numbers = {thread.name: number for number, thread in enumerate(program.threads)}
    steps: list[Drawn] = []
    writes: dict[str, tuple[int, ...]] = {}
    done = dict.fromkeys(numbers, 0)
    for number, name in enumerate(schedule, 1):
        if name not in numbers:
            raise no_thread(name, number)
        state, seen = stepped(machine, state, numbers[name], number)
        before = writes.get(str(seen.cell), ())
        steps.append(Drawn(name, done[name], (before or (0,))[-1] if reads(seen.event) else None))
        done[name] += 1
        if seen.new is not None:
            writes[str(seen.cell)] = (*before, number)
    return tuple(steps), {cell: order for cell, order in writes.items() if len(order) > 1}


def forbidden(program: Program, model: MemoryModel, found: ThreadRuns, frame: Skeleton) -> str | None:
    """Why there is no such execution, None where there is."""
    whole = close_sections(frame)
    evaluator = RelationEvaluator(execution(whole))
    return violated_axiom(model, whole, evaluator) or unsettled(program, found, whole, model, evaluator)


def end_state(program: Program, start: MachineState, found: ThreadRuns, orders: Coherence) -> MachineState:
    """The state at the end: of each location what the last write in coherence order left."""
    written = {done.step: _word(done.deed.written) for done in found.done if done.deed.wrote}
    memory = tuple(
        written[orders[cell.name][-1]] if orders[cell.name] else word
        for cell, word in zip(program.cells, start.memory, strict=True)
    )
    frames = CellTable(cells=program.cells, numbers={cell.name: number for number, cell in enumerate(program.cells)})
    locals_ = tuple(_local(number, found, program, frames) for number in range(len(program.threads)))
    state = MachineState(memory, locals_, start.awaited, start.symbols)
    return state._replace(awaited=_awaited(program, found, state))


def _awaited(program: Program, found: ThreadRuns, state: MachineState) -> Awaited:
    """Who may wait for whom at the end of a flush or grace period that has begun: for every section of its kind that is
    open, as there is no order of the two begins."""
    every: list[tuple[Owed, ...]] = []
    for number, local in enumerate(state.locals):
        begun = next((d.deed for d in reversed(found.of(number)) if isinstance(d.deed.event, Flush | Grace)), None)
        if begun is None or not isinstance(begun.event, Flush | Grace) or not begun.event.begin:
            every.append(())
            continue
        subject = begun.mm or (0 if begun.cell is None else 1 + _number(program, begun.cell))
        locals_ = (*state.locals[:number], replace(local, subject=subject), *state.locals[number + 1 :])
        every.append(tuple(sorted(owed(state._replace(locals=locals_), number, begun.event, program))))
    return tuple(every)


def _number(program: Program, cell: CellName) -> int:
    return [each.name for each in program.cells].index(cell)


def _local(number: int, found: ThreadRuns, program: Program, memory: CellTable) -> Local:
    """A thread where it has stopped."""
    walk, event, variables = found.walks[number], found.following[number], program.threads[number].variables
    frame = VariableSlots(
        slots={name: slot for slot, (name, _) in enumerate(variables)}, types=tuple(type for _, type in variables)
    )
    values, does, kept = _word(tuple(walk.variables.values.values())), None, _kept(found.of(number), memory)
    cell = -1
    if event is not None:
        does = action(event, frame, memory)
        cell = -1 if does.base is None else does.targets.get(does.base(values), -1)
    return Local(
        serial=number, place=0, values=values, rounds=(), inside=Inside(), action=does, stopped=walk.stopped,
        cell=cell, subject=0, open=_open(kept, memory), kept=kept,
    )  # fmt: skip


def _open(kept: Kept, memory: CellTable) -> tuple[SectionKey, ...]:
    """The sections that are open."""
    keys = {"irq": IRQ, "rcu": RCU}
    return tuple(
        keys[kind] if cell is None else (0, memory.numbers[cell]) for (kind, cell), _ in kept if kind != "lock"
    )


def _kept(deeds: Iterable[Done], memory: CellTable) -> Kept:
    """What a thread has taken and not given back."""
    kept: Kept = ()
    for done in deeds:
        deed = done.deed
        cell = None if deed.cell is None else memory.cells[memory.numbers[deed.cell]]
        (old, *_), (new, *_) = (*_word(deed.read), 0), (*_word(deed.written), 0)
        kept = kept_after(kept, deed.event, cell, old, new if deed.wrote else None)
    return kept


def _word(parts: Sequence[int | None] | None) -> CellWord:
    """A word of which everything is known."""
    return tuple(part for part in parts or () if part is not None)


def _observation(done: Done, start: Mapping[CellName, CellWord], found: ThreadRuns, orders: Coherence) -> Observation:
    """What the step did; a store that reads nothing found what it overwrites in coherence order."""
    deed = done.deed
    if deed.cell is None or not (deed.reading or deed.wrote):
        return Observation(event=deed.event, cell=None, old=None, new=None)
    new = _word(deed.written) if deed.wrote else None
    if deed.reading:
        return Observation(event=deed.event, cell=deed.cell, old=_word(deed.read), new=new)
    place = orders[deed.cell].index(done.step)
    old = start[deed.cell] if not place else _word(found.done[orders[deed.cell][place - 1] - 1].deed.written)
    return Observation(event=deed.event, cell=deed.cell, old=old, new=new)


def _step(program: Program, done: Done, seen: Observation, orders: Coherence) -> ScheduleStep:
    """The step as it is drawn, with the source of its read and the latest step above that this read missed."""
    drawn = drawn_step(program, seen, done.step, done.index, done.thread)
    if done.source is None or done.deed.cell is None:
        return drawn
    order = orders[done.deed.cell]
    later = order[order.index(done.source) + 1 :] if done.source else order
    missed = [step for step in later if step < done.step]
    return replace(drawn, reads_from=done.source, stale=max(missed, default=None))
