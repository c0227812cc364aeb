"""The concrete machine: runs a resolved program one event at a time, under sequential consistency."""

from collections.abc import Callable, Mapping

from encoder.base.errors import InputError, Problem
from encoder.concrete.interleaving.blocking import awaited_after_end, awaited_after_event, closed_sections
from encoder.concrete.interleaving.code import BeyondBound, CompiledThread, PerformEvent, compile_thread
from encoder.concrete.interleaving.holdings import Held, held_after
from encoder.concrete.interleaving.liveness import live_slots
from encoder.concrete.interleaving.open_sections import OpenSections, live_indices, sections_after
from encoder.concrete.interleaving.state import Awaited, Local, MachineState, Observation
from encoder.concrete.semantics.action import CellTable, CellWord, PreparedAction, SlotValues, check_value
from encoder.concrete.semantics.affine import concrete_value
from encoder.concrete.semantics.expression import compile_expression
from encoder.concrete.semantics.faults import NullDereference, ProgramFault
from encoder.program.core import Cell, EventStatement, Expr, Grace, Leaf, Program, Var

Effect = tuple[Local, CellWord | None]
"""A thread after its event, and the word that the event wrote, if it wrote."""


class Machine:
    """Runs a program. Threads are numbered as in `program.threads`.

    `loops` is the bound of loops without one, None for no bound; unless `bounded`, no loop has a bound. A thread that
    would exceed a loop's bound stops there for good: it performs nothing, has not ended, and is at no label. Threads
    share code when `classes` gives them the same number; by default each has its own. With `observed`, variables of
    other names are set to 0 where their thread will not read them again; None keeps all. If `track_held`, threads know
    what they have taken and not given back. What an event does to a thread and a word is computed once and cached.
    """

    def __init__(
        self,
        program: Program,
        loops: int | None = None,
        *,
        classes: tuple[int, ...] | None = None,
        observed: frozenset[str] | None = None,
        bounded: bool = True,
        track_held: bool = False,
    ) -> None:
        self.program = program
        self.track_held = track_held
        self.classes = tuple(range(len(program.threads))) if classes is None else classes
        self.numbers = {cell.name: number for number, cell in enumerate(program.cells)}
        memory = CellTable(cells=program.cells, numbers=self.numbers)
        own: dict[int, CompiledThread] = {}
        for number, thread in zip(self.classes, program.threads, strict=True):
            if number not in own:
                own[number] = compile_thread(thread, memory, loops, bounded=bounded)
        self.codes = tuple(own[number] for number in self.classes)
        self._live = {} if observed is None else {body: live_slots(body, observed) for body in own.values()}
        self._locals: dict[_Key, Local] = {}
        self._srcu = any(waits_for_srcu(own) for own in self.codes)
        self._effects: dict[tuple[Local, CellWord], Effect | None] = {}

    def contradictions(self, symbols: Mapping[str, int]) -> tuple[Problem, ...]:
        """What is wrong with these symbols: one is missing, unknown or out of range, or an assumption is false."""
        ranges = {symbol.name: symbol for symbol in self.program.symbols}
        problems = [
            Problem(code="C101", message=f"no symbol named {name}", span=None) for name in symbols if name not in ranges
        ]
        for name, symbol in ranges.items():
            if name not in symbols:
                problems.append(Problem(code="C102", message=f"no value for {name}", span=None))
            elif not symbol.first <= symbols[name] <= symbol.last:
                message = f"{name} = {symbols[name]} is not in {symbol.first}..{symbol.last}"
                problems.append(Problem(code="C103", message=message, span=None))
        if not problems:
            for assumption in self.program.assumptions:
                if not _over_symbols(assumption.condition)(symbols):
                    message = f"the start contradicts: {assumption.text}"
                    problems.append(Problem(code="C104", message=message, span=assumption.span))
        return tuple(problems)

    def start(self, symbols: Mapping[str, int]) -> MachineState:
        """The initial state. Raises InputError where there are `contradictions`, and EndlessLoop."""
        if problems := self.contradictions(symbols):
            raise InputError(problems)
        memory = tuple(
            tuple(
                _initial(check_value(_over_symbols(init)(symbols), component.type), cell)
                for init, component in zip(cell.init, cell.components, strict=True)
            )
            for cell in self.program.cells
        )
        fresh = tuple(
            self._run_to_next_event(own, 0, [0] * len(own.frame.types), [0] * own.counters, OpenSections(), ())
            for own in self.codes
        )
        values = tuple(symbols[symbol.name] for symbol in self.program.symbols)
        return MachineState(memory, fresh, ((),) * len(fresh), values)

    def next_event(self, state: MachineState, thread: int) -> EventStatement | None:
        """The event that the thread is about to perform, None when it has ended or exceeded a loop's bound."""
        action = state.locals[thread].action
        return None if action is None else action.event

    def enabled(self, state: MachineState, thread: int) -> bool:
        """Whether the thread has an event and need not wait. Raises ProgramFault where the event is a fault."""
        return self.successor(state, thread) is not None

    def successor(self, state: MachineState, thread: int) -> MachineState | None:
        """The state after the thread's next event, None when it has none or must wait. Raises ProgramFault."""
        local = state.locals[thread]
        if local.action is None:
            return None
        word = state.memory[local.cell] if local.cell >= 0 else ()
        try:
            effect = self._effects[local, word]
        except KeyError:
            effect = self._effects[local, word] = self.effect(thread, local, word)
        if effect is None:
            return None
        after, written = effect
        awaited = self.awaited(state, thread, after)
        if awaited is None:
            return None
        memory = state.memory
        if written is not None:
            memory = (*memory[: local.cell], written, *memory[local.cell + 1 :])
        return MachineState(
            memory, (*state.locals[:thread], after, *state.locals[thread + 1 :]), awaited, state.symbols
        )

    def waits(self, state: MachineState, thread: int) -> bool:
        """Whether the thread has an event that cannot happen with the present memory, in which buffered stores are
        done."""
        local = state.locals[thread]
        if local.action is None:
            return False
        if local.cell < 0:
            return self.awaited(state, thread, local) is None
        try:
            return local.action.perform(local.values, state.memory[local.cell]) is None
        except ProgramFault:
            return False

    def awaited(self, state: MachineState, thread: int, after: Local) -> Awaited | None:
        """The awaited sections after the thread's event, `after` being the thread after it; None if the thread has to
        wait."""
        local = state.locals[thread]
        if over := closed_sections(local, after):
            return awaited_after_end(state.awaited, thread, over)
        if local.cell >= 0 or local.action is None:
            return state.awaited
        return awaited_after_event(state, thread, local.action.event, self.program)

    def step(self, state: MachineState, thread: int) -> tuple[MachineState, Observation]:
        """Perform the thread's next event. Raises ValueError when it is not enabled, and ProgramFault."""
        after = self.successor(state, thread)
        local = state.locals[thread]
        if after is None or local.action is None:
            raise ValueError(f"{self.program.threads[thread].name} can do no event here")
        event = local.action.event
        if local.cell < 0:
            return after, Observation(event=event, cell=None, old=None, new=None)
        word = state.memory[local.cell]
        _, written = self._effects[local, word] or (None, None)
        name = self.program.cells[local.cell].name
        return after, Observation(event=event, cell=name, old=word, new=written)

    def effect(self, thread: int, local: Local, word: CellWord) -> Effect | None:
        """What the thread's event does if its cell holds `word`; None if it has to wait. Raises ProgramFault."""
        action, own = local.action, self.codes[thread]
        assert action is not None
        if (action.base is not None and local.cell < 0) or (action.subject is not None and not local.subject):
            raise NullDereference("NULL, or no object of the struct, is dereferenced", action.event.site)
        outcome = action.perform(local.values, word)
        if outcome is None:
            return None
        values, written = outcome
        inside = sections_after(local.inside, action, local.cell, srcu=self._srcu)
        taken = local.held
        if self.track_held:
            cell = None if local.cell < 0 else self.program.cells[local.cell]
            taken = held_after(taken, action.event, cell, word[0] if word else 0, written[0] if written else None)
        return self._run_to_next_event(own, local.place + 1, list(values), list(local.rounds), inside, taken), written

    def _run_to_next_event(
        self, own: CompiledThread, place: int, values: list[int], rounds: list[int], inside: OpenSections, taken: Held
    ) -> Local:
        """The thread after the local statements from `place` on."""
        carried = dict(inside.carried)
        place = own.run_local(place, values, rounds, carried)
        needed = self._live[own][place] if own in self._live else None
        if needed is not None:
            values = [value if slot in needed else 0 for slot, value in enumerate(values)]
        if carried or inside.carried:
            inside = inside._replace(carried=live_indices(carried, needed))
        key = _key(own, place, tuple(values), tuple(rounds), inside, taken)
        found = self._locals.get(key)
        if found is None:
            found = self._locals[key] = _local(len(self._locals), key)
        return found


def waits_for_srcu(own: CompiledThread) -> bool:
    """Whether the code has a grace period of SRCU."""
    events = (instruction.action.event for instruction in own.instructions if isinstance(instruction, PerformEvent))
    return any(isinstance(event, Grace) and event.kind == "srcu" for event in events)


_Key = tuple[CompiledThread, int, SlotValues, tuple[int, ...], OpenSections, int, int, Held]


def _key(
    own: CompiledThread, place: int, values: SlotValues, rounds: tuple[int, ...], inside: OpenSections, taken: Held
) -> _Key:
    """All that distinguishes a thread at a place of its code. The cell and the subject of its event are part of it, as
    equal symbolic values may denote others for other initial values (see `affine`)."""
    action = _action(own, place)
    cell = -1 if action is None or action.base is None else action.targets.get(concrete_value(action.base(values)), -1)
    subject = 0 if action is None or action.subject is None else concrete_value(action.subject(values))
    return own, place, values, rounds, inside, cell, subject, taken


def _action(own: CompiledThread, place: int) -> PreparedAction | None:
    instruction = own.instructions[place]
    return instruction.action if isinstance(instruction, PerformEvent) else None


def _local(serial: int, key: _Key) -> Local:
    own, place, values, rounds, inside, cell, subject, taken = key
    instruction = own.instructions[place]
    return Local(
        serial=serial,
        place=place,
        values=values,
        rounds=rounds,
        inside=inside,
        action=_action(own, place),
        stopped=instruction.site if isinstance(instruction, BeyondBound) else None,
        cell=cell,
        subject=subject,
        open=inside.open,
        held=taken,
    )


def _initial(value: int, cell: Cell) -> int:
    return concrete_value(value) if cell.lock else value


def _over_symbols(expr: Expr) -> Callable[[Mapping[str, int]], int]:
    """An initial value or an assumption, as a function of the symbols."""

    def leaf(name: Leaf) -> Callable[[Mapping[str, int]], int]:
        if not isinstance(name, Var):
            raise TypeError(f"{name} stands in the start")
        return lambda symbols: symbols[name.name]

    return compile_expression(expr, leaf)
