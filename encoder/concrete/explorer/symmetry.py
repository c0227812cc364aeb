"""Threads that are alike: which they are, and one state to stand for all that differ only in who is who."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, pairwise
from typing import assert_never

from encoder.base.source import Span
from encoder.concrete.interleaving.state import MachineState
from encoder.program.core import (
    Acquire,
    Arith,
    Assign,
    At,
    Block,
    Choose,
    Const,
    Convert,
    Ended,
    Exit,
    Expr,
    Fence,
    Final,
    Flush,
    Grace,
    If,
    Keeps,
    Load,
    Loop,
    Not,
    Program,
    Property,
    Region,
    Release,
    Rmw,
    Site,
    Statement,
    Store,
    Thread,
    ThreadVar,
    Var,
    Waits,
)


def classes(program: Program, *props: Property) -> tuple[int, ...]:
    """A number per thread, equal for threads that can change places in every state and no property notices.

    Such threads have the same role, mm, variables and body but for where it was written, and every instance of a
    property stays one when two of them change names.
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


def groups(classes: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The threads of each class that has more than one."""
    members: dict[int, list[int]] = {}
    for thread, number in enumerate(classes):
        members.setdefault(number, []).append(thread)
    return tuple(tuple(group) for group in members.values() if len(group) > 1)


def canonical(state: MachineState, groups: Sequence[tuple[int, ...]]) -> MachineState:
    """The state with the threads of each group in a fixed order: the same one for most states that are alike."""
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


_NOWHERE = Span("", 0, 0, 0)


def _signature(thread: Thread) -> object:
    ids: dict[int, int] = {}
    return thread.role, thread.runs, thread.variables, tuple(_anonymous(thread.body, ids, count()))


def _anonymous(body: tuple[Statement, ...], ids: dict[int, int], fresh: Iterator[int]) -> Iterator[Statement]:
    """The statements without the place where they were written, blocks numbered in order."""
    for statement in body:
        match statement:
            case Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
                yield replace(statement, site=_site(statement.site))
            case Assign():
                yield replace(statement, site=None)
            case If():
                then = tuple(_anonymous(statement.then, ids, fresh))
                otherwise = tuple(_anonymous(statement.otherwise, ids, fresh))
                yield replace(statement, then=then, otherwise=otherwise, site=None)
            case Block(id=id, body=inner):
                ids[id] = next(fresh)
                yield Block(id=ids[id], body=tuple(_anonymous(inner, ids, fresh)))
            case Loop(id=id, body=inner):
                ids[id] = next(fresh)
                own = tuple(_anonymous(inner, ids, fresh))
                yield Loop(id=ids[id], body=own, bound=statement.bound, site=_site(statement.site))
            case Exit(id=id):
                yield Exit(id=ids[id])
            case never:
                assert_never(never)


def _site(site: Site) -> Site:
    return Site(thread="", path=site.path, procedure="", text="", event="", source="", span=_NOWHERE)


def _indifferent(prop: Property, first: str, second: str) -> bool:
    """Whether the property has the same instances when two threads change names."""
    names = {first: second, second: first}
    had = {(instance.situation, instance.violation) for instance in prop.instances}
    return had == {(_renamed(situation, names), _renamed(violation, names)) for situation, violation in had}


def _renamed(expr: Expr, names: dict[str, str]) -> Expr:
    match expr:
        case Const() | Var() | Final():
            return expr
        case ThreadVar() | At() | Ended() | Waits() | Keeps():
            return replace(expr, thread=names.get(expr.thread, expr.thread))
        case Not(operand) | Convert(operand):
            return replace(expr, operand=_renamed(operand, names))
        case Arith(_, left, right):
            return replace(expr, left=_renamed(left, names), right=_renamed(right, names))
        case Choose(condition, then, otherwise):
            return Choose(_renamed(condition, names), _renamed(then, names), _renamed(otherwise, names))
        case never:
            assert_never(never)
