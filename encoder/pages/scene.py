"""What the explorer shows of a schedule: its steps, what is where after each, and what no interleaving does."""

from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from encoder.concrete.interleaving.format_values import format_word
from encoder.concrete.interleaving.holdings import Holding
from encoder.program.core import Cell, Flush, Grace, Region
from encoder.witness.timeline import Moment, Timeline

PlaceKind = Literal["references", "pins", "mapped", "flag", "word", "sequence", "lock", "rwsem", "free", "number"]
KINDS: dict[tuple[str, str], PlaceKind] = {
    ("page", "_refcount"): "references",
    ("page", "_pincount"): "pins",
    ("page", "_mapcount"): "mapped",
    ("page", "buddy"): "free",
    ("mm_struct", "mmap_lock"): "rwsem",
    ("mm_struct", "write_protect_seq"): "sequence",
}
"""How a field is shown, by struct and field; of others their type decides."""
RANKS = {"_refcount": 0, "_pincount": 1, "_mapcount": 2, "swap_map": 3, "buddy": 4}
"""What comes first of an object."""
HELD = {"irq": "interrupts off", "rcu": "RCU section", "srcu": "SRCU section of", "lock": ""}


class PlaceScene(Struct, frozen=True):
    """A location: how it is shown, and what it holds at the start."""

    name: str
    label: str
    kind: PlaceKind
    start: str


class ObjectScene(Struct, frozen=True):
    """An object with its locations. `touched`: some step of the schedule accesses it."""

    name: str
    struct: str
    touched: bool
    places: tuple[PlaceScene, ...]


class StepScene(Struct, frozen=True):
    """A step. `settles` has the location that holds something else after it, and what; `holds` is what its CPU has
    taken by then. `source` is where its read comes from (0: the start), `missed` are the stores that it does not see.
    `quiet`: nothing depends on where among the others it stands. `behind` is a step above it that its CPU's code has
    later."""

    step: int
    cpu: int
    procedure: str
    label: str
    path: str
    event: str
    location: str
    value: str
    kernel: str
    spec: str
    settles: tuple[str, str] | None
    holds: tuple[str, ...]
    source: int | None
    missed: tuple[int, ...]
    behind: int | None
    patched: bool
    racing: bool
    quiet: bool
    enters: bool


class DelayScene(Struct, frozen=True):
    """A store, at step `store`, that a CPU does not see as late as at step `until`."""

    store: int
    until: int
    cpu: int
    location: str
    value: str


class Scene(Struct, frozen=True):
    """A schedule as the explorer's script reads it. `bias` is what a pin counts."""

    cpus: tuple[tuple[int, str, str], ...]
    objects: tuple[ObjectScene, ...]
    steps: tuple[StepScene, ...]
    delays: tuple[DelayScene, ...]
    cycle: tuple[tuple[int, str, int], ...]
    model: str
    bias: int


def scene(found: Timeline, bias: int) -> Scene:
    """The schedule."""
    return Scene(
        cpus=tuple(_cpus(found)),
        objects=tuple(_objects(found)),
        steps=tuple(_steps(found)),
        delays=tuple(_delays(found)),
        cycle=found.cycle(),
        model=found.question.model,
        bias=bias,
    )


def _cpus(found: Timeline) -> Iterator[tuple[int, str, str]]:
    """Each CPU's number, its thread where that has another name, and the first procedure that it runs."""
    for cpu in sorted({each.step.cpu for each in found.moments}):
        own = [each.step for each in found.moments if each.step.cpu == cpu]
        thread = "" if own[0].thread.lower() == f"cpu{cpu}" else own[0].thread
        yield cpu, thread, next((step.procedure for step in own if step.procedure), "")


def _objects(found: Timeline) -> Iterator[ObjectScene]:
    touched = {each.cell.object for each in found.moments if each.cell is not None}
    for name in dict.fromkeys(cell.name.object for cell in found.program.cells):
        own = [cell for cell in found.program.cells if cell.name.object == name]
        places = tuple(
            PlaceScene(
                name=str(cell.name), label=cell.name.field or name, kind=kind_of(cell),
                start=_word(found, cell, found.start[cell.name]),
            )
            for cell in sorted(own, key=lambda cell: RANKS.get(cell.name.field, len(RANKS)))
        )  # fmt: skip
        yield ObjectScene(name, own[0].struct, name in touched, places)


def kind_of(cell: Cell) -> PlaceKind:
    """How a location is shown."""
    if cell.lock:
        return "lock"
    if (known := KINDS.get((cell.struct, cell.name.field))) is not None:
        return known
    if len(cell.components) > 1 or cell.components[0].name:
        return "word"
    return "flag" if cell.components[0].type.kind == "bool" else "number"


def _word(found: Timeline, cell: Cell, word: Sequence[int]) -> str:
    return format_word(found.program, cell, tuple(word))


def _steps(found: Timeline) -> Iterator[StepScene]:
    inside: dict[int, str] = {cpu: procedure for cpu, _, procedure in _cpus(found)}
    cells, contended = found.cells, _contended(found)
    cycle = {step for a, _, b in found.cycle() for step in (a, b)}
    for each in found.moments:
        step, site = each.step, each.site
        enters = step.procedure != inside[step.cpu]
        inside[step.cpu] = step.procedure
        settles = None
        if each.cell is not None and each.settled is not None:
            settles = str(each.cell), _word(found, cells[each.cell], each.settled)
        yield StepScene(
            step=step.step, cpu=step.cpu, procedure=step.procedure, label=step.label, path="/".join(step.path),
            event=step.event, location=step.location, value=step.value, kernel=step.source,
            spec=f"{site.span.file}:{site.span.line}" if site.span.file else "", settles=settles,
            holds=tuple(_held(holding, times) for holding, times in each.held),
            source=each.source, missed=each.missed, behind=_behind(found, each), patched=site.patched,
            racing=step.racing, enters=enters and bool(step.procedure),
            quiet=not (_matters(each, contended) or step.racing or site.patched or step.step in cycle),
        )  # fmt: skip


def _contended(found: Timeline) -> set[str]:
    """The locations that some thread writes and another accesses."""
    users: dict[str, set[str]] = {}
    writers: dict[str, set[str]] = {}
    for each in found.moments:
        users.setdefault(str(each.cell), set()).add(each.step.thread)
        if each.written is not None:
            writers.setdefault(str(each.cell), set()).add(each.step.thread)
    return {name for name, own in writers.items() if len(users[name] | own) > 1}


def _matters(each: Moment, contended: set[str]) -> bool:
    """Whether the step does something that a reader has to know: it changes something, or looks at what others change,
    or waits for somebody."""
    if isinstance(each.event, Flush | Grace | Region):
        return True
    return each.settled is not None or bool(each.missed) or (each.cell is not None and str(each.cell) in contended)


def _held(holding: Holding, times: int) -> str:
    kind, cell = holding
    words = [HELD[kind], "" if cell is None else str(cell), f"({times})" if abs(times) > 1 else ""]
    return " ".join(word for word in words if word)


def _behind(found: Timeline, each: Moment) -> int | None:
    above = (m.step for m in found.moments[: each.step.step - 1] if m.step.thread == each.step.thread)
    return next((step.step for step in above if step.index > each.step.index), None)


def _delays(found: Timeline) -> Iterator[DelayScene]:
    """Each store that a CPU misses, until it misses it for the last time."""
    last: dict[tuple[int, int], int] = {}
    for each in found.moments:
        for store in each.missed:
            last[store, each.step.cpu] = each.step.step
    for (store, cpu), until in sorted(last.items()):
        moment = found.moments[store - 1]
        assert moment.cell is not None and moment.written is not None
        value = _word(found, found.cells[moment.cell], moment.written)
        yield DelayScene(store=store, until=until, cpu=cpu, location=str(moment.cell), value=value)
