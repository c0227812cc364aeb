"""Lowers a thread's function: parameters, registers and their initial values."""

from collections.abc import Sequence

from encoder.litmus.thread import LitmusLowering
from encoder.program.core import INT, Assign, Const, Expr, Scalar, Thread
from encoder.spec.syntax import Assignment, Name, Step
from encoder.spec.walk import all_steps


def lower_function(low: LitmusLowering, start: Sequence[tuple[str, Expr]]) -> Thread:
    """The thread; `start` gives registers their initial values."""
    for parameter in low.function.parameters:
        low.parameters[parameter.name] = low.memory.variables[parameter.name].address
    low.registers |= dict.fromkeys(low.function.declared)
    first: list[tuple[str, Expr]] = []
    for name in assigned_names(low.function.steps):
        if name in low.parameters and name not in low.registers:
            first.append((name, Const(low.parameters[name], INT)))
        low.registers[name] = None
    low.registers |= dict.fromkeys(name for name, _ in start)
    body = low.block(low.function.steps)
    variables: tuple[tuple[str, Scalar], ...] = tuple((name, INT) for name in low.registers)
    return Thread(
        name=low.function.name, role="", procedure="", runs=0, variables=variables,
        body=(*(Assign(variable=name, value=value) for name, value in (*first, *start)), *body),
    )  # fmt: skip


def assigned_names(steps: tuple[Step, ...]) -> list[str]:
    """The names that are assigned, in the order of the text."""
    targets = [step.statement.target for step in all_steps(steps) if isinstance(step.statement, Assignment)]
    return [target.name for target in targets if isinstance(target, Name)]
