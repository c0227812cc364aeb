"""Formats values for people: pointers as object names, words as `{page=p present}`."""

from typing import assert_never

from encoder.concrete.interleaving.state import MachineState, Observation
from encoder.concrete.semantics.action import CellWord
from encoder.program.core import (
    Acquire,
    Cell,
    Component,
    Fence,
    Flush,
    Grace,
    Load,
    Program,
    Region,
    Release,
    Rmw,
    Scalar,
    Store,
)


def format_value(program: Program, value: int, type: Scalar) -> str:
    """A number, or for a pointer the name of the object that it points to, or NULL."""
    if type.kind != "pointer":
        return str(value)
    if value == 0:
        return "NULL"
    return dict(program.objects)[type.struct][value - 1]


def format_word(program: Program, cell: Cell, word: CellWord) -> str:
    """A cell's word; of a record, pointers other than NULL, then bits that are set, then numbers."""
    parts = list(zip(cell.components, word, strict=True))
    if len(parts) == 1 and parts[0][0].name == "":
        return format_value(program, word[0], cell.components[0].type)
    ranked = sorted(parts, key=lambda part: _RANKS[part[0].type.kind])
    return "{" + " ".join(text for part, value in ranked if (text := _drawn_part(program, part, value))) + "}"


def format_state(program: Program, state: MachineState) -> tuple[tuple[str, str], ...]:
    """(location, value) for each cell."""
    return tuple(
        (str(cell.name), format_word(program, cell, word))
        for cell, word in zip(program.cells, state.memory, strict=True)
    )


def format_observation(program: Program, observation: Observation) -> str:
    """What an event read or wrote: `old -> new` for a read-modify-write that wrote, what it did for a lock's event, ""
    for an event without a cell."""
    event, old, new = observation.event, observation.old, observation.new
    if observation.cell is None or old is None:
        return ""
    cell = next(cell for cell in program.cells if cell.name == observation.cell)
    before = format_word(program, cell, old)
    after = before if new is None else format_word(program, cell, new)
    match event:
        case Load():
            return before
        case Store():
            return after
        case Rmw():
            return before if new is None else f"{before} -> {after}"
        case Acquire():
            return "busy" if new is None else "taken"
        case Release():
            return "released"
        case Fence() | Region() | Flush() | Grace():
            return ""
        case never:
            assert_never(never)


_RANKS = {"pointer": 0, "bool": 1, "int": 2, "unsigned": 2}


def _drawn_part(program: Program, component: Component, value: int) -> str:
    """One component of a record; "" for NULL and for a bit that is not set."""
    match component.type.kind:
        case "pointer":
            return f"{component.name}={format_value(program, value, component.type)}" if value else ""
        case "bool":
            return component.name if value else ""
        case "int" | "unsigned":
            return f"{component.name}={value}"
        case never:
            assert_never(never)
