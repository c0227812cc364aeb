"""What distinguishes programs, as text: two programs with one text have the same executions."""

import hashlib
from dataclasses import replace

from encoder.memory.model import MemoryModel
from encoder.mutation.rewrite import rewritten
from encoder.program.core import NOWHERE, EventStatement, Fence, Load, Program, Rmw, Site, Statement, Store
from encoder.program.traverse import unplaced

SECTIONS = ("srcu-lock", "srcu-unlock")
MARKS = frozenset({"Once", "Acquire", "Release", "Noreturn"})
"""What a model that looks at the orders of accesses speaks of."""


def ordered(program: Program, model: MemoryModel) -> Program:
    """The program without the orders that a memory model does not look at, which leaves the same executions: under SC
    all, under TSO all but `smp_mb()`. Under a model that looks at the orders of accesses it is left as it is."""
    barriers = "Mb" in model.tags and not model.rmw_is_full_barrier

    def plain(event: EventStatement) -> tuple[Statement, ...]:
        match event:
            case Fence(kind=kind):
                return (event,) if kind.capitalize() in model.tags else ()
            case Load(order=order) | Store(order=order):
                return (event if order in SECTIONS else replace(event, order="once"),)
            case Rmw():
                return (event if barriers else replace(event, read_order="relaxed", write_order="relaxed"),)
            case _:
                return (event,)

    return rewritten(program, plain) if model.tags.isdisjoint(MARKS) else program


def digest(program: Program) -> str:
    """SHA-256 of all that the executions of a program and its properties depend on, and of the names of its steps."""
    parts = [repr((t.name, t.role, t.runs, t.variables)) for t in program.threads]
    parts += [repr((c.name, c.struct, c.components, c.init, c.lock)) for c in program.cells]
    parts.append(repr((program.flush, program.symbols, [a.condition for a in program.assumptions])))
    parts.append(repr(program.properties))
    if not program.irq_readers:
        parts.append("irq regions are no readers")
    parts += [repr(unplaced(thread.body, _named)) for thread in program.threads]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _named(site: Site) -> Site:
    """What a step is called, nothing of where it stands in its file."""
    return replace(site, text="", source="", span=NOWHERE.span, patched=False)
