"""What a random program contains, by its text: registers set in arms and used afterwards, and circles through them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    CellName,
    Const,
    Expr,
    If,
    Load,
    Loop,
    Program,
    Rmw,
    Statement,
    Store,
    Thread,
    Var,
)
from tests.opponent.expression import variables

USES = ("value", "address", "condition")
IN_ARMS = tuple(f"set in {arms}, used as {use}" for arms in ("one arm", "both arms") for use in USES)
FEATURES = (
    *IN_ARMS, "an arm sets what was there", "nested ifs", "a pointer chosen in an arm", "a circle through a branch",
    "a plain store in such a circle", "three threads in such a circle",
)  # fmt: skip


def features(program: Program) -> set[str]:
    """Those of `FEATURES` that the program has."""
    found: set[str] = set()
    edges: set[Edge] = set()
    for number, thread in enumerate(program.threads):
        found |= _of_thread(thread)
        edges |= {replace(edge, thread=number) for edge in _Flow().edges(thread.body)}
    return found | _circles(edges)


def _of_thread(thread: Thread) -> set[str]:
    found: set[str] = set()
    for body in _bodies(thread.body):
        for place, statement in enumerate(body):
            if isinstance(statement, If):
                found |= _of_if(statement, body[place + 1 :])
        if _sets_anew(body, {}):
            found.add("an arm sets what was there")
    return found


def _of_if(statement: If, later: Sequence[Statement]) -> set[str]:
    then, otherwise = set_in(statement.then), set_in(statement.otherwise)
    found: set[str] = set()
    used = list(_used(later))
    for name, use in used:
        if name in then | otherwise:
            found.add(f"set in {'both arms' if name in then & otherwise else 'one arm'}, used as {use}")
    if any(isinstance(inner, If) for inner in (*statement.then, *statement.otherwise)):
        found.add("nested ifs")
    chosen = {s.variable for s in (*statement.then, *statement.otherwise) if isinstance(s, Assign)}
    if any(use == "address" and name in chosen for name, use in used):
        found.add("a pointer chosen in an arm")
    return found


def _bodies(body: Sequence[Statement]) -> Iterator[Sequence[Statement]]:
    """The statements and those inside of them, sequence by sequence."""
    yield body
    for statement in body:
        for inner in _inner(statement):
            yield from _bodies(inner)


def _inner(statement: Statement) -> tuple[Sequence[Statement], ...]:
    match statement:
        case If(then=then, otherwise=otherwise):
            return then, otherwise
        case Block(body=body) | Loop(body=body):
            return (body,)
        case _:
            return ()


def set_in(body: Sequence[Statement]) -> set[str]:
    """The variables that are set somewhere in it."""
    found: set[str] = set()
    for inner in _bodies(body):
        for statement in inner:
            found |= set(_sets(statement))
    return found


def _sets(statement: Statement) -> Iterator[str]:
    match statement:
        case Assign(variable=name):
            yield name
        case Load(into=into) | Rmw(into=into):
            yield from (name for _, name in into)
        case Acquire(into=str(name)):
            yield name
        case _:
            pass


def _used(body: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    """Variables and what they are used as, until they are set again."""
    gone: set[str] = set()
    for statement in body:
        for name, use in _uses(statement):
            if name not in gone:
                yield name, use
        for inner in _inner(statement):
            yield from ((name, use) for name, use in _used(inner) if name not in gone)
        gone |= set(_sets(statement))


def _uses(statement: Statement) -> Iterator[tuple[str, str]]:
    match statement:
        case Store(place=place, values=values) | Rmw(place=place, values=values):
            yield from ((name, "value") for _, expr in values for name in variables(expr))
            yield from ((name, "address") for name in variables(place.base))
        case Load(place=place):
            yield from ((name, "address") for name in variables(place.base))
        case If(condition=condition):
            yield from ((name, "condition") for name in variables(condition))
        case _:
            pass


def _sets_anew(body: Sequence[Statement], known: Mapping[str, int]) -> bool:
    """Whether an arm gives a register the constant that it has before the `if`, or itself."""
    known = dict(known)
    for statement in body:
        if isinstance(statement, If):
            for inner in (*statement.then, *statement.otherwise):
                match inner:
                    case Assign(variable=name, value=Const(value=number)) if known.get(name) == number:
                        return True
                    case Assign(variable=name, value=Var(name=other)) if name == other:
                        return True
                    case _:
                        pass
        for name in set_in([statement]):
            known.pop(name, None)
        match statement:
            case Assign(variable=name, value=Const(value=number)):
                known[name] = number
            case _:
                pass
    return False


# Circles


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What a thread writes to a cell may come from what it reads of another; `branch`: by way of an `if`."""

    source: CellName
    target: CellName
    branch: bool
    plain: bool
    thread: int = 0


Sources = frozenset[tuple[CellName, bool]]
"""Cells that something comes from; True: by way of a branch."""


@dataclass(slots=True)
class _Flow:
    """Follows one thread's text."""

    known: dict[str, Sources] = field(default_factory=dict)

    def edges(self, body: Sequence[Statement], around: Sources = frozenset()) -> Iterator[Edge]:
        """What is written, and from what, inside branches that come from what is `around`."""
        for statement in body:
            match statement:
                case Assign(variable=name, value=value):
                    self.known[name] = self._sources(value) | around
                case Load(place=place, into=into):
                    for _, name in into:
                        self.known[name] = frozenset((cell, False) for _, cell in place.targets) | around
                case Store(place=place, values=values) | Rmw(place=place, values=values):
                    made = around.union(*(self._sources(expr) for _, expr in values), self._sources(place.base))
                    plain = isinstance(statement, Store) and statement.order == "plain"
                    for _, cell in place.targets:
                        yield from (Edge(source=s, target=cell, branch=b, plain=plain) for s, b in made)
                case If(condition=condition, then=then, otherwise=otherwise):
                    inside = around | frozenset((cell, True) for cell, _ in self._sources(condition))
                    before = dict(self.known)
                    yield from self.edges(then, inside)
                    after, self.known = self.known, before
                    yield from self.edges(otherwise, inside)
                    self.known = {
                        name: after.get(name, frozenset()) | self.known.get(name, frozenset())
                        for name in after.keys() | self.known.keys()
                    }
                case Block(body=inner) | Loop(body=inner):
                    yield from self.edges(inner, around)
                case _:
                    pass

    def _sources(self, expr: Expr) -> Sources:
        return frozenset().union(*(self.known.get(name, frozenset()) for name in variables(expr)))


def _circles(edges: set[Edge]) -> set[str]:
    """What circles there are of two or three threads, from one cell to the next and back, through some branch."""
    found: set[str] = set()
    for ring in _rings(edges):
        if any(edge.branch for edge in ring):
            found.add("a circle through a branch")
            if any(edge.plain for edge in ring):
                found.add("a plain store in such a circle")
            if len(ring) == 3:
                found.add("three threads in such a circle")
    return found


def _rings(edges: set[Edge]) -> Iterator[tuple[Edge, ...]]:
    for one in edges:
        for two in edges:
            if one.target == two.source and one.thread != two.thread and one.source != one.target:
                if two.target == one.source:
                    yield one, two
                for three in edges if two.target != two.source else ():
                    if (two.target, one.source) == (three.source, three.target) and three.thread not in (
                        one.thread,
                        two.thread,
                    ):
                        yield one, two, three
