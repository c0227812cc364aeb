"""The values that broke a property: those of the atoms that made its parts true, and no others."""

from collections.abc import Callable, Iterator
from typing import assert_never

from encoder.concrete.interleaving.format_values import format_state, format_value
from encoder.concrete.interleaving.judgement import leaf_reader
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import MachineState
from encoder.concrete.semantics.expression import compile_expression
from encoder.program.core import (
    Arith,
    At,
    Choose,
    Const,
    Convert,
    Ended,
    Expr,
    Final,
    Instance,
    Keeps,
    Leaf,
    Not,
    Op,
    ThreadVar,
    Var,
    Waits,
)
from encoder.program.traverse import leaves

BrokenValues = tuple[tuple[str, str, str], ...]
"""(location, local or symbol; its initial value; its value at the end), formatted; only locations have an initial
value."""


def violating_values(machine: Machine, instance: Instance, start: MachineState, end: MachineState) -> BrokenValues:
    """The values of the atoms that made the instance's situation and violation true in the state `end`."""
    read = leaf_reader(machine)
    before, after = dict(format_state(machine.program, start)), dict(format_state(machine.program, end))
    found: dict[str, tuple[str, str]] = {}
    for leaf in (*_parts(instance.situation, read, end), *_parts(instance.violation, read, end)):
        match leaf:
            case Final(cell):
                found[str(cell)] = before[str(cell)], after[str(cell)]
            case ThreadVar(thread, variable) if "!" not in variable:
                value = format_value(machine.program, read(leaf)(end), leaf.type)
                found[f"{thread}.{_named(variable)}"] = "", value
            case Var(symbol):
                found[symbol] = "", str(read(leaf)(end))
            case ThreadVar() | At() | Ended() | Waits() | Keeps():
                pass
            case never:
                assert_never(never)
    return tuple((name, *values) for name, values in found.items())


def _parts(expr: Expr, read: Callable[[Leaf], Callable[[MachineState], int]], state: MachineState) -> Iterator[Leaf]:
    """The leaves that determined the expression's value: of a false `&&` only those of its false sides, of a true `||`
    only those of its true sides."""

    def value(part: Expr) -> bool:
        return bool(compile_expression(part, read)(state))

    match expr:
        case Arith(op=Op.LAND | Op.LOR as op, left=left, right=right):
            decides = op is Op.LOR
            sides = [side for side in (left, right) if value(side) == decides] or [left, right]
            for side in sides:
                yield from _parts(side, read, state)
        case Arith(_, left, right):
            yield from _parts(left, read, state)
            yield from _parts(right, read, state)
        case Choose(condition, then, otherwise):
            arm = then if value(condition) else otherwise
            yield from leaves(condition) if isinstance(arm, Const) else _parts(arm, read, state)
        case Not(operand) | Convert(operand):
            yield from _parts(operand, read, state)
        case Const():
            return
        case Var() | Final() | ThreadVar() | At() | Ended() | Waits() | Keeps():
            yield expr
        case never:
            assert_never(never)


def _named(variable: str) -> str:
    """A variable's name as in C: `held.0` becomes `held[0]`."""
    name, *parts = variable.split(".")
    return name + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in parts)
