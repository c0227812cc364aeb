"""Syntactic dependencies as herd7 has them in C: from which reads a value is made, whatever it turns out to be.

`r ^ r` depends on r. A variable that is set in an arm of an `if` carries the arm's condition, whether or not that has
changed its value. The condition is no part of what the value is made from: it makes later *control* dependencies, of
what is in the arms of an `if` that tests the variable, never data or address dependencies.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from encoder.graph.term import Term, Terms
from encoder.program.core import Block, Exit, Expr, If, Loop, Statement
from encoder.program.traverse import exits, variables

Deps = tuple[tuple[int, Term], ...]  # (uid of a reading event of the thread, condition under which it counts), by uid


@dataclass(frozen=True, slots=True)
class Sources:
    """The reads that an expression or a variable depends on: `data` are those that its value is made from, `control`
    those that the conditions are made from in whose arms it, or what it is made from, was set."""

    data: Deps = ()
    control: Deps = ()


NOTHING = Sources()


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of an `if` that the path is in: `number` tells the branches of a thread apart. `deps` are the reads that
    its condition, and those of the branches around it, depend on, by data or by control."""

    number: int
    taken: bool
    deps: Deps


def join(terms: Terms, *parts: Deps) -> Deps:
    """What depends on all of them."""
    if len(parts) == 1:
        return parts[0]
    found: dict[int, Term] = {}
    for part in parts:
        for uid, condition in part:
            found[uid] = terms.or_(found[uid], condition) if uid in found else condition
    return tuple(sorted(found.items(), key=lambda item: item[0]))


class Origins:
    """On which reads a thread's variables depend on a path: those set since two paths joined, and those of the joined
    paths, merged when they are asked for."""

    __slots__ = ("join", "own")

    def __init__(self, own: dict[str, Sources], join: "Meeting | None") -> None:
        self.own = own
        self.join = join

    def get(self, name: str) -> Sources:
        if name not in self.own:
            self.own[name] = NOTHING if self.join is None else self.join.get(name)
        return self.own[name]

    def assigned(self, values: Mapping[str, Sources]) -> "Origins":
        return Origins({**self.own, **values}, self.join)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two paths that exclude each other, each with its condition."""

    terms: Terms
    one: Origins
    under_one: Term
    other: Origins
    under_other: Term

    def get(self, name: str) -> Sources:
        return choose(self.terms, self.one.get(name), self.under_one, self.other.get(name), self.under_other)


def sources(terms: Terms, exprs: Iterable[Expr], origins: Origins) -> Sources:
    """The reads that the expressions depend on, given those that each variable does."""
    found = [origins.get(name) for name in variables(*exprs)]
    return Sources(join(terms, (), *(s.data for s in found)), join(terms, (), *(s.control for s in found)))


def choose(terms: Terms, a: Sources, under_a: Term, b: Sources, under_b: Term) -> Sources:
    """What a variable depends on where two paths meet."""
    if a == b:
        return a
    data = _either(terms, a.data, under_a, b.data, under_b)
    return Sources(data, _either(terms, a.control, under_a, b.control, under_b))


def _either(terms: Terms, a: Deps, under_a: Term, b: Deps, under_b: Term) -> Deps:
    """What both have alike needs no condition of theirs."""
    if a == b:
        return a
    alike = set(a) & set(b)
    parts = ((a, under_a), (b, under_b))
    apart = (restrict(terms, tuple(d for d in deps if d not in alike), under) for deps, under in parts)
    return join(terms, tuple(d for d in a if d in alike), *apart)


def restrict(terms: Terms, deps: Deps, condition: Term) -> Deps:
    return tuple((uid, terms.and_(under, condition)) for uid, under in deps)


def common(a: tuple[Arm, ...], b: tuple[Arm, ...]) -> tuple[Arm, ...]:
    """The branches that two paths are still in where they meet."""
    return tuple(branch for branch in a if branch in b)


def falls_through(statement: Statement) -> bool:
    """Whether control may come to what follows the statement, by the text."""
    match statement:
        case Exit():
            return False
        case If(then=then, otherwise=otherwise):
            return all(map(falls_through, then)) or all(map(falls_through, otherwise))
        case Block(id=ident, body=body):
            return all(map(falls_through, body)) or ident in exits(body)
        case Loop(id=ident, body=body):
            return ident in exits(body)
        case _:
            return True
