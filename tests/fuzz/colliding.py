"""Programs under names that collide: of one kind with those of another, and with words that the encoder uses itself.

Two things of one kind keep different names, as the language asks; a symbol is never called like an object.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from encoder.program.core import (
    Acquire,
    Assign,
    At,
    Cell,
    CellName,
    Component,
    Ended,
    Final,
    Instance,
    Load,
    Place,
    Program,
    Property,
    Rmw,
    Scalar,
    Site,
    Store,
    SymbolRange,
    Thread,
    ThreadVar,
    Var,
)
from encoder.spec.walk import walk

PLAIN = (
    "x", "y", "z", "v", "a", "b", "r", "xx", "x_y", "a1", "t1", "x1", "_", "init", "done", "reach", "final", "goal",
    "rf", "co", "lt", "cs", "test", "taken", "before", "free", "first", "last", "lock", "symbol", "fact", "block",
    "runs", "start", "violation", "situation", "bound", "fault", "unheld", "environment", "true", "false", "not",
    "and", "or", "ite", "assert", "let", "Bool", "Span", "thread", "object", "ended", "other", "range", "return",
)  # fmt: skip
OF_VARIABLES = ("x.a", "x/y/r", "y/x/r.v", "r!1", "x#2/r", "assert!1", "x.0")
"""As calls, records, arrays and what has no name in a spec make them."""
FEW, MANY = 4, 14
Names = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """The new names of each kind; `variables` has those of each thread's own. A name that is not there stays."""

    threads: Names
    roles: Names
    objects: Names
    structs: Names
    fields: Names
    parts: Names
    labels: Names
    symbols: Names
    variables: Mapping[str, Names]

    def program(self, made: Program) -> Program:
        threads = tuple(self._thread(each) for each in made.threads)
        return replace(self._all(replace(made, threads=()), self.symbols), threads=threads)

    def property(self, asked: Property) -> Property:
        return self._all(asked, self.symbols)

    def _thread(self, thread: Thread) -> Thread:
        own = self.variables[thread.name]
        return replace(
            thread, name=_new(self.threads, thread.name), role=_new(self.roles, thread.role),
            variables=tuple((_new(own, name), self._all(scalar, own)) for name, scalar in thread.variables),
            body=self._all(thread.body, own),
        )  # fmt: skip

    def _all(self, value: Any, own: Names) -> Any:
        """Everything below a value renamed. `own`: what its variables are called."""
        if isinstance(value, tuple):
            return tuple(self._all(each, own) for each in value)
        if not is_dataclass(value) or isinstance(value, type):
            return value
        inner = {each.name: self._all(getattr(value, each.name), own) for each in fields(value)}
        return replace(value, **(inner | self._own(value, own)))

    def _own(self, value: Any, own: Names) -> dict[str, Any]:
        """The names in a node itself."""
        match value:
            case CellName():
                return {"object": _new(self.objects, value.object), "field": _new(self.fields, value.field)}
            case Scalar() | Cell():
                return {"struct": _new(self.structs, value.struct)}
            case Place():
                return {"struct": _new(self.structs, value.struct), "field": _new(self.fields, value.field)}
            case Site():
                path = tuple(_new(self.labels, label) for label in value.path)
                return {"thread": _new(self.threads, value.thread), "path": path}
            case Component():
                return {"name": _new(self.parts, value.name)}
            case SymbolRange():
                return {"name": _new(self.symbols, value.name)}
            case Final():
                return {"component": _new(self.parts, value.component)}
            case Var():
                return {"name": _new(own, value.name)}
            case ThreadVar(thread=thread, name=name):
                return {"thread": _new(self.threads, thread), "name": _new(self.variables[thread], name)}
            case At(thread=thread, label=label):
                return {"thread": _new(self.threads, thread), "label": _new(self.labels, label)}
            case Ended(thread=thread):
                return {"thread": _new(self.threads, thread)}
            case Assign(variable=variable):
                return {"variable": _new(own, variable)}
            case Load(into=into) | Rmw(into=into):
                values = {"values": self._written(value, own)} if isinstance(value, Rmw) else {}
                return {"into": tuple((_new(self.parts, part), _new(own, name)) for part, name in into), **values}
            case Store():
                return {"values": self._written(value, own)}
            case Acquire(into=str(variable)):
                return {"into": _new(own, variable)}
            case Instance(binding=binding):
                return {"binding": tuple((word, _new(self.threads, thread)) for word, thread in binding)}
            case Program(objects=objects):
                every = ((s, tuple(_new(self.objects, each) for each in members)) for s, members in objects)
                return {"objects": tuple((_new(self.structs, struct), members) for struct, members in every)}
            case _:
                return {}

    def _written(self, access: Store | Rmw, own: Names) -> tuple[tuple[str, Any], ...]:
        return tuple((_new(self.parts, part), self._all(value, own)) for part, value in access.values)


def colliding(chance: random.Random, made: Program) -> Renaming:
    """New names for threads and objects, and mostly for other things too, drawn from a few words: what the threads
    touch is called by very few."""
    words = chance.sample(PLAIN, MANY)

    def drawn(names: Iterable[str], extra: Sequence[str] = ()) -> Names:
        old = list(dict.fromkeys(name for name in names if name))
        new = chance.sample([*words[:FEW], *extra], min(FEW, len(old)))
        new += chance.sample(words[FEW:], min(len(old) - len(new), MANY - FEW))
        return dict(zip(old, new + [f"{words[0]}{n}" for n in range(len(old) - len(new))], strict=True))

    def some(names: Iterable[str], extra: Sequence[str] = ()) -> Names:
        return drawn(names, extra) if chance.random() < 0.6 else {}

    nodes = list(walk((made.threads, made.cells)))
    names = [node for node in nodes if isinstance(node, CellName)]
    objects = drawn(name.object for name in names)
    threads = drawn(thread.name for thread in made.threads)
    return Renaming(
        threads=_touching(chance, made, objects, threads) if chance.random() < 0.7 else threads,
        roles=some(thread.role for thread in made.threads),
        objects=objects,
        structs=objects if chance.random() < 0.7 else drawn(_structs(nodes)),
        fields=some(name.field for name in names),
        parts=some(part.name for cell in made.cells for part in cell.components),
        labels=some(label for node in nodes if isinstance(node, Site) for label in node.path),
        symbols=dict(zip((symbol.name for symbol in made.symbols), _others(chance, objects), strict=False)),
        variables=_variables(chance, made, lambda names: some(names, OF_VARIABLES)),
    )


def _touching(chance: random.Random, made: Program, objects: Names, names: Names) -> Names:
    """Each thread called like an object that it touches, where one is left for it."""
    found: dict[str, str] = {}
    for thread in made.threads:
        touched = dict.fromkeys(node.object for node in walk(thread.body) if isinstance(node, CellName))
        own = [objects[each] for each in touched if objects[each] not in found.values()]
        left = [name for name in names.values() if name not in found.values()]
        found[thread.name] = chance.choice(own or left)
    return found


def _structs(nodes: Iterable[object]) -> Iterable[str]:
    return (node.struct for node in nodes if isinstance(node, Place | Cell | Scalar))


def _variables(chance: random.Random, made: Program, drawn: Callable[[Iterable[str]], Names]) -> Mapping[str, Names]:
    """New names for each thread's variables, mostly the same in all."""
    every = {thread.name: [name for name, _ in thread.variables] for thread in made.threads}
    if chance.random() < 0.3:
        return {thread: drawn(names) for thread, names in every.items()}
    return dict.fromkeys(every, drawn(name for names in every.values() for name in names))


def _others(chance: random.Random, objects: Names) -> Sequence[str]:
    """Words that are no object's name."""
    left = [word for word in PLAIN if word not in objects.values()]
    return chance.sample(left, len(left))


def _new(names: Names, old: str) -> str:
    return names.get(old, old)
