"""Fingerprints of programs: two programs with the same fingerprint have the same executions."""

import hashlib
from dataclasses import replace

from encoder.memory.model import MemoryModel
from encoder.mutation.rewrite import rewrite_events
from encoder.program.core import NOWHERE, EventStatement, Fence, Load, Program, Rmw, Site, Statement, Store
from encoder.program.traverse import without_positions

SRCU_ORDERS = ("srcu-lock", "srcu-unlock")
ORDER_TAGS = frozenset({"Once", "Acquire", "Release", "Noreturn"})
"""The tags of a model that distinguishes the orderings of accesses."""


def without_ignored_orders(program: Program, model: MemoryModel) -> Program:
    """The program without the orderings that a memory model ignores, which has the same executions: under SC without
    any, under TSO with `smp_mb()` only; and under both without what arm64 makes of them. Under a model that
    distinguishes the orderings of accesses, or is about instructions, the program is left as it is."""
    barriers = "Mb" in model.tags and not model.rmw_is_full_barrier

    def plain(event: EventStatement) -> tuple[Statement, ...]:
        match event:
            case Fence(kind=kind):
                return (replace(event, arm64=None),) if kind.capitalize() in model.tags else ()
            case Load(order=order) | Store(order=order):
                return (replace(event, order=order if order in SRCU_ORDERS else "once", arm64=None),)
            case Rmw() if barriers:
                return (replace(event, arm64=None),)
            case Rmw():
                return (replace(event, read_order="relaxed", write_order="relaxed", arm64=None),)
            case _:
                return (event,)

    ignores = not model.instructions and model.tags.isdisjoint(ORDER_TAGS)
    return rewrite_events(program, plain) if ignores else program


def digest(program: Program) -> str:
    """SHA-256 of all that the executions of a program and its properties depend on, and of the names of its steps."""
    parts = [repr((t.name, t.role, t.runs, t.variables)) for t in program.threads]
    parts += [repr((c.name, c.struct, c.components, c.init, c.lock)) for c in program.cells]
    parts.append(repr((program.flush, program.symbols, [a.condition for a in program.assumptions])))
    parts.append(repr(program.properties))
    if not program.irq_readers:
        parts.append("irq regions are no readers")
    parts += [repr(without_positions(thread.body, _named)) for thread in program.threads]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _named(site: Site) -> Site:
    """The site's names, without its place in a file."""
    return replace(site, text="", source="", span=NOWHERE.span, patched=False)
