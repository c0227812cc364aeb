"""Properties that no execution can break, whatever the order of its steps, because the values that variables and cells
can hold exclude it.

The values are those of `pointers`, from all statements of all threads, whichever way branches go. An execution of any
model has no others, unless plain accesses copy a value in a cycle, which the kernel's model allows to be anything (out
of thin air): programs with plain accesses are not judged. So this cross-checks a model without a state machine, such as
the LKMM, as the explorer does the others.
"""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from math import prod

from encoder.base.result import Opinion
from encoder.concrete.explorer.pointers import Pointers, PointsTo, points_to
from encoder.concrete.interleaving.judgement import observed_leaves
from encoder.concrete.semantics.expression import compile_expression
from encoder.concrete.semantics.partial_values import UnknownValue, require_known
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

OUT_OF_THIN_AIR = "there are plain accesses, whose values may come from nowhere"
MOST_CHOICES = 10_000
"""The largest number of combinations of values that is tried for one instance of a property."""


def excluded_by_values(program: Program, prop: Property, *, vacuous: bool) -> Opinion:
    """An opinion on the verdict that the property is never broken or, with `vacuous`, that its situation is never
    reached. What is not excluded need not be possible: this never disagrees."""
    if any("plain" in orders(event) for thread in program.threads for event in events(thread.body)):
        return Opinion(by="apart", word="gave up", detail=OUT_OF_THIN_AIR)
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
    """All combinations of the leaves' values, None in place of a value that may be anything. None instead of the list
    where there are more than MOST_CHOICES."""
    leaves = list(dict.fromkeys(observed_leaves(instance)))
    every = [(None,) if (found := _values(values, leaf)) is None else sorted(found) for leaf in leaves]
    if prod(map(len, every)) > MOST_CHOICES:
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
    """Whether the expression is false, whatever the unknown values are."""
    match asked:
        case Arith(Op.LAND, left, right):
            return _excluded(left, chosen) or _excluded(right, chosen)
        case Arith(Op.LOR, left, right):
            return _excluded(left, chosen) and _excluded(right, chosen)
        case _:
            try:
                return not _function(asked)(chosen)
            except UnknownValue:
                return False


@cache
def _function(asked: Expr) -> Callable[[Choice], int]:
    return compile_expression(asked, lambda leaf: lambda chosen: require_known(chosen[leaf]))
