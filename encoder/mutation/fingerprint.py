"""What distinguishes programs, as text: two programs with one text have the same executions."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from encoder.base.source import Span
from encoder.memory.model import MemoryModel
from encoder.mutation.rewrite import rewritten
from encoder.program.core import (
    Assign,
    Block,
    EventStatement,
    Exit,
    Fence,
    If,
    Load,
    Loop,
    Program,
    Rmw,
    Statement,
    Store,
)

NOWHERE = Span("", 0, 0, 0)
SECTIONS = ("srcu-lock", "srcu-unlock")
MARKS = frozenset({"Once", "Acquire", "Release", "Noreturn"})
"""What a model that looks at the orders of accesses speaks of."""


def ordered(program: Program, model: MemoryModel) -> Program:
    """The program without the orders that a memory model does not look at, which leaves the same executions: under SC
    all, under TSO all but `smp_mb()`. Under a model that looks at the orders of accesses it is left as it is."""
    barriers = "Mb" in model.tags and not model.full_rmw

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
    for thread in program.threads:
        parts += ["thread", *_lines(thread.body, {})]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _lines(body: tuple[Statement, ...], ids: dict[int, int]) -> Iterator[str]:
    """The statements, blocks numbered as they come and nothing said of where a step stands in its file."""
    for statement in body:
        match statement:
            case If():
                yield f"if {statement.condition!r}"
                yield from _lines(statement.then, ids)
                yield "else"
                yield from _lines(statement.otherwise, ids)
                yield "end"
            case Block(id=id) | Loop(id=id):
                number = ids.setdefault(id, len(ids))
                bound = statement.bound if isinstance(statement, Loop) else ""
                yield f"{type(statement).__name__} {number} {bound}"
                yield from _lines(statement.body, ids)
                yield "end"
            case Exit(id=id):
                yield f"exit {ids.setdefault(id, len(ids))}"
            case other:
                yield repr(_bare(other))


def _bare(statement: EventStatement | Assign) -> EventStatement | Assign:
    if isinstance(statement, Assign):
        return replace(statement, site=None)
    return replace(statement, site=replace(statement.site, text="", source="", span=NOWHERE, patched=False))
