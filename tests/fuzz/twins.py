"""Threads that differ only in what they touch, and properties that ask the same of each."""

import random
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import count, permutations
from typing import Any

from encoder.program.core import (
    Acquire,
    Assign,
    At,
    Block,
    Cell,
    CellName,
    Const,
    Ended,
    Exit,
    Expr,
    Instance,
    Load,
    Loop,
    Place,
    Program,
    Property,
    Rmw,
    Scalar,
    Site,
    ThreadVar,
    Var,
)
from encoder.spec.walk import walk
from tests.concrete.build import TRUE, both, equal, of
from tests.fuzz.asked import Asker
from tests.fuzz.maker import Limits, Maker
from tests.fuzz.values import REGISTERS

EXCHANGED: tuple[Mapping[str, str], ...] = (
    {}, {"x": "y", "y": "x"}, {"z": "w", "w": "z"}, {"l": "m", "m": "l"}, {"r": "s", "s": "r"},
    {"load": "store", "store": "load"},
)  # fmt: skip
"""What a near twin has in place of what: nothing, which makes it a twin; objects, registers, labels."""
OWN: tuple[Mapping[str, str], ...] = ({"y": "x", "w": "z"}, {"x": "y", "z": "w"})
"""What the first thread and its near twins have where each touches objects of its own."""
UNNAMED = ("?", "!")


def near_twins(chance: random.Random, limits: Limits) -> Program:
    """A program with a thread or more that are like the first, but for one kind of thing that they touch: in half of
    the programs each has a location of its own, and does little else than access it."""
    maker, own = Maker(chance, limits), chance.random() < 0.5
    if own:
        maker.kinds, maker.pointers = {kind: 1 for kind in maker.kinds if chance.random() < 0.2}, False
    made = maker.program()
    first, *others = made.threads
    if own:
        first = replace(first, body=exchanged(first.body, OWN[0]))
    result = [first]
    for other in others:
        if len(result) == 1 or chance.random() < 0.5:
            bodies = [exchanged(first.body, names) for names in (*EXCHANGED, *OWN[1:])]
            body = bodies[-1] if own else chance.choice([each for each in bodies if each != first.body] + bodies[:1])
            other = replace(other, body=_renumbered(body, 100 * len(result), {}, count()))
        result.append(other)
    return replace(made, threads=tuple(result), cells=tuple(_started(chance, cell) for cell in made.cells))


def _started(chance: random.Random, cell: Cell) -> Cell:
    """The location with a start by which twins can tell theirs from others'."""
    if cell.name.object not in ("x", "y", "z", "w") or cell.init != (Const(0),):
        return cell
    return replace(cell, init=(Const(chance.randint(0, 2)),))


def exchanged(value: Any, names: Mapping[str, str]) -> Any:
    """A thread's code with other objects, variables or labels in it. Structs are called like their objects. A place
    that is one of several stays what it is, lest it be one twice."""
    if isinstance(value, tuple):
        return tuple(exchanged(each, names) for each in value)
    if isinstance(value, Place) and len(value.targets) > 1:
        return replace(value, base=_renamed(value.base, names))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    inner = {each.name: exchanged(getattr(value, each.name), names) for each in fields(value)}
    return replace(value, **(inner | _own(value, names)))


def _renamed(base: Any, names: Mapping[str, str]) -> Any:
    return exchanged(base, {name: new for name, new in names.items() if name in REGISTERS})


def _own(value: Any, names: Mapping[str, str]) -> dict[str, Any]:
    def new(name: str) -> str:
        return names.get(name, name)

    match value:
        case CellName(object=object):
            return {"object": new(object)}
        case Place(struct=struct) | Scalar(struct=struct):
            return {"struct": new(struct)}
        case Var(name=name):
            return {"name": new(name)}
        case Assign(variable=variable):
            return {"variable": new(variable)}
        case Load(into=into) | Rmw(into=into):
            return {"into": tuple((part, new(name)) for part, name in into)}
        case Acquire(into=str(variable)):
            return {"into": new(variable)}
        case Site(path=path):
            return {"path": tuple(map(new, path))}
        case _:
            return {}


def _renumbered(value: Any, first: int, numbers: dict[int, int], fresh: "count[int]") -> Any:
    """The code with other numbers for its blocks: no two threads of a program share one."""
    if isinstance(value, tuple):
        return tuple(_renumbered(each, first, numbers, fresh) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    own = {}
    if isinstance(value, Block | Loop | Exit):
        if value.id not in numbers:
            numbers[value.id] = first + next(fresh)
        own = {"id": numbers[value.id]}
    inner = {each.name: _renumbered(getattr(value, each.name), first, numbers, fresh) for each in fields(value)}
    return replace(value, **(inner | own))


def of_each(chance: random.Random, made: Program) -> Property:
    """One condition asked of each thread, or of each pair of two."""
    asker, names = Asker(chance), UNNAMED[: chance.choice((1, 1, 1, 2))]
    known = sorted({name for node in walk(made.threads[0].body) for name in _set(node)}) or REGISTERS
    parts: list[Expr] = [equal(of(name, chance.choice(known)), chance.randint(0, 2)) for name in names]
    parts += [asker.part(list(names)) for _ in range(chance.choice((0, 0, 1)))]
    parts += [Ended(name) for name in names if chance.random() < 0.4]
    situation = parts.pop(0) if len(parts) > 1 and chance.random() < 0.5 else TRUE
    threads = [thread.name for thread in made.threads]
    instances = tuple(
        _instance(dict(zip(names, each, strict=True)), situation, both(*parts))
        for each in permutations(threads, len(names))
    )
    return Property(name="p", title="", text="", instances=instances)


def _set(node: object) -> tuple[str, ...]:
    """The registers that a statement sets."""
    return tuple(name for _, name in node.into) if isinstance(node, Load | Rmw) else ()


def _instance(bound: Mapping[str, str], situation: Expr, violation: Expr) -> Instance:
    binding = tuple(bound.items())
    return Instance(
        binding=binding, situation=_bound(situation, bound), violation=_bound(violation, bound), text=str(binding)
    )


def _bound(expr: Any, bound: Mapping[str, str]) -> Any:
    """The condition of certain threads."""
    if not is_dataclass(expr) or isinstance(expr, type):
        return expr
    own = {"thread": bound[expr.thread]} if isinstance(expr, ThreadVar | At | Ended) else {}
    return replace(expr, **({each.name: _bound(getattr(expr, each.name), bound) for each in fields(expr)} | own))
