"""The concrete machine: a resolved program, one event at a time, under sequential consistency."""

from collections.abc import Callable, Mapping

from encoder.concrete.action import Action, Memory, Values, Word, checked
from encoder.concrete.affine import known
from encoder.concrete.code import Beyond, Code, Do, code
from encoder.concrete.expression import Leaf, compiled
from encoder.concrete.faults import NotHeld, NullDereference, ProgramFault
from encoder.concrete.keeping import Kept, kept_after
from encoder.concrete.liveness import live
from encoder.concrete.state import IRQ_END, Local, Observation, State
from encoder.errors import InputError, Problem
from encoder.program.core import Cell, Event, Expr, Flush, Program, Region, Var

Awaited = tuple[tuple[int, ...], ...]
Effect = tuple[Local, Word | None]
"""A thread after its event, and the word that the event wrote, if it wrote."""


class Machine:
    """Runs a program. Threads are numbered as in `program.threads`.

    `loops` is the number of rounds of a loop that has no bound of its own, None for any number; unless `bounded`, every
    loop may have any number. A thread that would start one round more stops there for good: it does nothing, has not
    ended, and is at no label.
    Threads share code when `classes` gives them the same number; by default each has its own. With `observed`, a
    variable of another name is set to 0 where its thread will not read it again; None keeps all. If `keeping`, threads
    know what they have taken and not given back.
    What an event does to a thread and a word is computed once and remembered.
    """

    def __init__(
        self,
        program: Program,
        loops: int | None = None,
        *,
        classes: tuple[int, ...] | None = None,
        observed: frozenset[str] | None = None,
        bounded: bool = True,
        keeping: bool = False,
    ) -> None:
        self.program = program
        self.keeping = keeping
        self.classes = tuple(range(len(program.threads))) if classes is None else classes
        self.numbers = {cell.name: number for number, cell in enumerate(program.cells)}
        memory = Memory(cells=program.cells, numbers=self.numbers)
        own: dict[int, Code] = {}
        for number, thread in zip(self.classes, program.threads, strict=True):
            if number not in own:
                own[number] = code(thread, memory, loops, bounded=bounded)
        self.codes = tuple(own[number] for number in self.classes)
        self._live = {} if observed is None else {body: live(body, observed) for body in own.values()}
        self._locals: dict[_Key, Local] = {}
        self._effects: dict[tuple[Local, Word], Effect | None] = {}

    def contradicted(self, symbols: Mapping[str, int]) -> tuple[Problem, ...]:
        """What is wrong with these symbols: missing, unknown, out of range, or against an assumption."""
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

    def start(self, symbols: Mapping[str, int]) -> State:
        """The state before the first event. Raises InputError where `contradicted` finds a problem, and EndlessLoop."""
        if problems := self.contradicted(symbols):
            raise InputError(problems)
        memory = tuple(
            tuple(
                _initial(checked(_over_symbols(init)(symbols), component.type), cell)
                for init, component in zip(cell.init, cell.components, strict=True)
            )
            for cell in self.program.cells
        )
        fresh = tuple(self._rest(own, 0, [0] * len(own.frame.types), [0] * own.counters, 0, ()) for own in self.codes)
        values = tuple(symbols[symbol.name] for symbol in self.program.symbols)
        return State(memory, fresh, ((),) * len(fresh), values)

    def next_event(self, state: State, thread: int) -> Event | None:
        """The event that the thread is about to do, or None when it has ended or stopped beyond a loop's bound."""
        action = state.locals[thread].action
        return None if action is None else action.event

    def enabled(self, state: State, thread: int) -> bool:
        """Whether the thread has an event and nothing makes it wait. Raises ProgramFault where the event is one."""
        return self.successor(state, thread) is not None

    def successor(self, state: State, thread: int) -> State | None:
        """The state after the thread's next event, or None when it has none or must wait. Raises ProgramFault."""
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
        awaited = state.awaited if local.cell >= 0 else self.waiting(state, thread, after)
        if awaited is None:
            return None
        memory = state.memory
        if written is not None:
            memory = (*memory[: local.cell], written, *memory[local.cell + 1 :])
        return State(memory, (*state.locals[:thread], after, *state.locals[thread + 1 :]), awaited, state.symbols)

    def waits(self, state: State, thread: int) -> bool:
        """Whether the thread has an event that cannot happen as memory is, buffered stores done."""
        local = state.locals[thread]
        if local.action is None:
            return False
        if local.cell < 0:
            return self.waiting(state, thread, local) is None
        try:
            return local.action.perform(local.values, state.memory[local.cell]) is None
        except ProgramFault:
            return False

    def waiting(self, state: State, thread: int, after: Local) -> Awaited | None:
        """Who waits for whom when the thread has done an event without a cell; None: the thread itself has to wait."""
        local = state.locals[thread]
        if local.irq and not after.irq:
            return ended(state.awaited, thread)
        match local.action:
            case Action(event=Flush(begin=True)):
                return (*state.awaited[:thread], self._open(state, thread), *state.awaited[thread + 1 :])
            case Action(event=Flush(begin=False)) if state.awaited[thread]:
                return None
            case _:
                return state.awaited

    def step(self, state: State, thread: int) -> tuple[State, Observation]:
        """Do the thread's next event. Raises ValueError when it is not enabled, and ProgramFault."""
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

    def _open(self, state: State, thread: int) -> tuple[int, ...]:
        """The irq regions of other threads, which run the mm that the thread flushes, that have not ended."""
        mm = state.locals[thread].mm
        running = [number != thread and other.runs == mm for number, other in enumerate(self.program.threads)]
        return _some(tuple(open_regions(state, other) if runs else 0 for other, runs in enumerate(running)))

    def effect(self, thread: int, local: Local, word: Word) -> Effect | None:
        """What the thread's event does, finding `word` in its cell. Raises ProgramFault."""
        action, own = local.action, self.codes[thread]
        assert action is not None
        if (action.base is not None and local.cell < 0) or (action.mm is not None and not local.mm):
            raise NullDereference("NULL, or no object of the struct, is dereferenced", action.event.site)
        outcome = action.perform(local.values, word)
        if outcome is None:
            return None
        values, written = outcome
        irq = local.irq
        match action.event:
            case Region(kind="irq", begin=begin):
                irq += 1 if begin else -1
            case _:
                pass
        if irq < 0:
            raise NotHeld("an irq region ends that is not open", action.event.site)
        kept = local.kept
        if self.keeping:
            cell = None if local.cell < 0 else self.program.cells[local.cell]
            kept = kept_after(kept, action.event, cell, word[0] if word else 0, written[0] if written else None)
        return self._rest(own, local.place + 1, list(values), list(local.rounds), irq, kept), written

    def _rest(self, own: Code, place: int, values: list[int], rounds: list[int], irq: int, kept: Kept) -> Local:
        """The thread after the local statements from `place` on."""
        place = own.run(place, values, rounds)
        if own in self._live:
            needed = self._live[own][place]
            values = [value if slot in needed else 0 for slot, value in enumerate(values)]
        key = _key(own, place, tuple(values), tuple(rounds), irq, kept)
        found = self._locals.get(key)
        if found is None:
            found = self._locals[key] = _local(len(self._locals), key)
        return found


def open_regions(state: State, thread: int) -> int:
    """How many irq regions of the thread have not ended, those that end once its buffered stores are done included."""
    pending = sum(cell == IRQ_END for cell, _ in state.buffers[thread]) if state.buffers else 0
    return pending + (state.locals[thread].irq > 0)


def ended(awaited: Awaited, thread: int) -> Awaited:
    """Who waits for whom when the oldest irq region of the thread that has not ended does."""
    if not any(counts and counts[thread] for counts in awaited):
        return awaited
    return tuple(
        _some((*counts[:thread], max(counts[thread] - 1, 0), *counts[thread + 1 :])) if counts else counts
        for counts in awaited
    )


def _some(counts: tuple[int, ...]) -> tuple[int, ...]:
    return counts if any(counts) else ()


_Key = tuple[Code, int, Values, tuple[int, ...], int, int, int, Kept]


def _key(own: Code, place: int, values: Values, rounds: tuple[int, ...], irq: int, kept: Kept) -> _Key:
    """What there is to know of a thread at a place of its code: the cell and the mm of its event are part of it, as the
    same values may be other ones for other starts (see `affine`)."""
    action = _action(own, place)
    cell = -1 if action is None or action.base is None else action.targets.get(known(action.base(values)), -1)
    mm = 0 if action is None or action.mm is None else known(action.mm(values))
    return own, place, values, rounds, irq, cell, mm, kept


def _action(own: Code, place: int) -> Action | None:
    instruction = own.instructions[place]
    return instruction.action if isinstance(instruction, Do) else None


def _local(serial: int, key: _Key) -> Local:
    own, place, values, rounds, irq, cell, mm, kept = key
    instruction = own.instructions[place]
    return Local(
        serial=serial,
        place=place,
        values=values,
        rounds=rounds,
        irq=irq,
        action=_action(own, place),
        stopped=instruction.site if isinstance(instruction, Beyond) else None,
        cell=cell,
        mm=mm,
        kept=kept,
    )


def _initial(value: int, cell: Cell) -> int:
    return known(value) if cell.lock else value


def _over_symbols(expr: Expr) -> Callable[[Mapping[str, int]], int]:
    """An initial value or an assumption, as a function of the symbols."""

    def leaf(name: Leaf) -> Callable[[Mapping[str, int]], int]:
        if not isinstance(name, Var):
            raise TypeError(f"{name} stands in the start")
        return lambda symbols: symbols[name.name]

    return compiled(expr, leaf)
