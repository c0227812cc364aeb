"""Properties checked for every program besides its own: deadlock freedom, and that no thread ends with anything
held."""

from functools import reduce

from encoder.program.core import (
    BOOL,
    Acquire,
    Arith,
    Const,
    Ended,
    Expr,
    Instance,
    Keepable,
    Keeps,
    Load,
    Op,
    Place,
    Program,
    Property,
    Region,
    Rmw,
    Store,
    Thread,
    Waits,
)
from encoder.program.traverse import events


def deadlock(program: Program) -> Property:
    """Deadlock freedom. Violated where some thread waits and every thread has ended or waits."""
    names = [thread.name for thread in program.threads]
    stuck = _join(Op.LOR, [Waits(name) for name in names])
    stopped = [_join(Op.LOR, [Ended(name), Waits(name)]) for name in names]
    text = "threads wait for what no thread is left to bring about"
    instance = Instance(binding=(), situation=Const(1, BOOL), violation=_join(Op.LAND, [stuck, *stopped]), text=text)
    return Property(name="deadlock", title="no threads wait for ever", text=text, instances=(instance,))


def held(program: Program) -> Property:
    """No thread ends holding a lock, or inside an IRQ-off region or a section of RCU or SRCU."""
    instances = tuple(
        Instance(
            binding=(), situation=Ended(thread.name), violation=keeps,
            text=f"{thread.name} has ended {_phrase(keeps)}",
        )
        for thread in program.threads
        for keeps in _takeable(program, thread)
    )  # fmt: skip
    text = "a thread has ended with a lock held, in a section or with interrupts off"
    return Property(name="held", title="no thread ends with anything held", text=text, instances=instances)


def _takeable(program: Program, thread: Thread) -> list[Keeps]:
    """Everything that the thread's events may take."""
    balanced = {cell.name for cell in program.cells if cell.balanced}
    found: dict[Keeps, None] = {}
    for event in events(thread.body):
        match event:
            case Acquire(place=place):
                found |= dict.fromkeys(_at_place(thread, "lock", place))
            case Load(place=place, order="srcu-lock"):
                found |= dict.fromkeys(_at_place(thread, "srcu", place))
            case Store(place=place) | Rmw(place=place):
                found |= dict.fromkeys(k for k in _at_place(thread, "lock", place) if k.cell in balanced)
            case Region(kind=kind, begin=True):
                found[Keeps(thread.name, "irq" if kind == "irq" else "rcu", None)] = None
            case _:
                pass
    return list(found)


def _at_place(thread: Thread, kind: Keepable, place: Place) -> list[Keeps]:
    return [Keeps(thread.name, kind, cell) for _, cell in place.targets]


def _phrase(keeps: Keeps) -> str:
    match keeps.kind:
        case "lock":
            return f"with {keeps.cell} held"
        case "srcu":
            return f"inside a section of {keeps.cell}"
        case "irq":
            return "with interrupts off"
        case "rcu":
            return "inside an RCU read-side section"


def _join(op: Op, parts: list[Expr]) -> Expr:
    return reduce(lambda a, b: Arith(op, a, b, BOOL), parts)
