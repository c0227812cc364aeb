"""Symmetry reduction: which threads are interchangeable, and one canonical state for all that differ in a permutation
of these."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import assert_never

from encoder.concrete.interleaving.state import MachineState
from encoder.program.core import (
    NOWHERE,
    Arith,
    At,
    Choose,
    Const,
    Convert,
    Ended,
    Expr,
    Final,
    Keeps,
    Not,
    Program,
    Property,
    Thread,
    ThreadVar,
    Var,
    Waits,
)
from encoder.program.traverse import map_expression, without_positions


def symmetry_classes(program: Program, *props: Property) -> tuple[int, ...]:
    """A number for each thread, equal for threads that can be exchanged in every state without any property noticing.

    Such threads have the same role, mm, variables and body (source positions apart), and exchanging the names of two of
    them maps the instances of every property onto themselves.
    """
    alike: dict[object, list[int]] = {}
    for number, thread in enumerate(program.threads):
        alike.setdefault(_signature(thread), []).append(number)
    result = list(range(len(program.threads)))
    for members in alike.values():
        names = [program.threads[member].name for member in members]
        if all(_indifferent(prop, *pair) for prop in props for pair in pairwise(names)):
            for member in members:
                result[member] = members[0]
    return tuple(result)


def symmetry_groups(classes: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The threads of each class that has more than one."""
    members: dict[int, list[int]] = {}
    for thread, number in enumerate(classes):
        members.setdefault(number, []).append(thread)
    return tuple(tuple(group) for group in members.values() if len(group) > 1)


def canonical(state: MachineState, groups: Sequence[tuple[int, ...]]) -> MachineState:
    """The state with the threads of each group sorted: the same state for most of those that are symmetric."""
    _, locals_, awaited, _, buffers, _ = state

    def rank(thread: int) -> tuple[object, ...]:
        return locals_[thread].serial, awaited[thread], [cell for cell, _ in buffers[thread]] if buffers else ()

    order = list(range(len(locals_)))
    for group in groups:
        ranked = sorted(group, key=rank)
        for place, thread in zip(group, ranked, strict=True):
            order[place] = thread
    if all(place == thread for place, thread in enumerate(order)):
        return state
    return state._replace(
        locals=tuple(locals_[thread] for thread in order),
        awaited=tuple(
            tuple(sorted((g, key, order.index(other), n) for g, key, other, n in awaited[thread])) for thread in order
        ),
        buffers=tuple(buffers[thread] for thread in order) if buffers else (),
    )


def _signature(thread: Thread) -> object:
    body = without_positions(thread.body, lambda site: replace(NOWHERE, path=site.path))
    return thread.role, thread.runs, thread.variables, body


def _indifferent(prop: Property, first: str, second: str) -> bool:
    """Whether the property has the same instances when two threads exchange their names."""
    names = {first: second, second: first}

    def renamed(part: Expr) -> Expr:
        match part:
            case ThreadVar() | At() | Ended() | Waits() | Keeps():
                return replace(part, thread=names.get(part.thread, part.thread))
            case Const() | Var() | Final() | Not() | Convert() | Arith() | Choose():
                return part
            case never:
                assert_never(never)

    had = {(instance.situation, instance.violation) for instance in prop.instances}
    return had == {
        (map_expression(situation, renamed), map_expression(violation, renamed)) for situation, violation in had
    }
