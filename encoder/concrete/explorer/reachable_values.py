"""Properties that break in no order of the steps whatever: what variables and cells can hold at all excludes them.

The values are those of `pointers`, of all statements of all threads, whichever way branches go. An execution of any
model has no others, unless plain accesses copy a value round in a circle, which the kernel's model lets be anything: of
programs with plain accesses nothing is said. So this says of a model without states, as the LKMM, what the explorer
says of others.
"""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from math import prod

from encoder.base.result import Opinion
from encoder.concrete.explorer.pointers import Pointers, PointsTo, points_to
from encoder.concrete.interleaving.judgement import observed_leaves
from encoder.concrete.semantics.expression import compiled
from encoder.concrete.semantics.partial_values import NotKnown, known
from encoder.program.core import (
    BOOL,
    Arith,
    At,
    Ended,
    Expr,
    Final,
    Instance,
    Keeps,
    Leaf,
    Op,
    Program,
    Property,
    ThreadVar,
    Var,
    Waits,
)
from encoder.program.traverse import events, orders

FROM_NOWHERE = "there are plain accesses, whose values may come from nowhere"
MOST = 10_000
"""Choices of values that are tried for one instance of a property."""


def excluded_by_values(program: Program, prop: Property, *, vacuous: bool) -> Opinion:
    """What this says of the verdict that the property is never broken, or with `vacuous` of that its situation is never
    reached. Not excluded is not broken: nobody disagrees here."""
    if any("plain" in orders(event) for thread in program.threads for event in events(thread.body)):
        return Opinion(by="apart", word="gave up", detail=FROM_NOWHERE)
    values, tried = points_to(program), 0
    for instance in prop.instances:
        asked = instance.situation if vacuous else Arith(Op.LAND, instance.situation, instance.violation, BOOL)
        choices = _choices(values, instance)
        if choices is None or not all(_excluded(asked, chosen) for chosen in choices):
            return Opinion(by="apart", word="gave up", detail=f"what variables may hold does not exclude {prop.name}")
        tried += len(choices)
    return Opinion(by="apart", word="agrees", detail=f"{tried} choices of values")


Choice = Mapping[Leaf, int | None]


def _choices(values: Pointers, instance: Instance) -> list[Choice] | None:
    """What the leaves may be together, None for what may be anything; None where that is too much to try."""
    leaves = list(dict.fromkeys(observed_leaves(instance)))
    every = [(None,) if (found := _values(values, leaf)) is None else sorted(found) for leaf in leaves]
    if prod(map(len, every)) > MOST:
        return None
    return [dict(zip(leaves, chosen, strict=True)) for chosen in product(*every)]


def _values(values: Pointers, leaf: Leaf) -> PointsTo:
    match leaf:
        case ThreadVar(thread, name):
            return values.values(values.names[thread], Var(name))
        case Final(cell, component):
            return values.known[cell, component]
        case At() | Ended() | Waits() | Keeps():
            return frozenset((0, 1))
        case Var():
            return None


def _excluded(asked: Expr, chosen: Choice) -> bool:
    """Whether this cannot be, whatever is not known."""
    match asked:
        case Arith(Op.LAND, left, right):
            return _excluded(left, chosen) or _excluded(right, chosen)
        case Arith(Op.LOR, left, right):
            return _excluded(left, chosen) and _excluded(right, chosen)
        case _:
            try:
                return not _function(asked)(chosen)
            except NotKnown:
                return False


@cache
def _function(asked: Expr) -> Callable[[Choice], int]:
    return compiled(asked, lambda leaf: lambda chosen: known(chosen[leaf]))
