"""Syntactic dependencies: from which reads a value is made, whatever it turns out to be (`r ^ r` depends on r)."""

from collections.abc import Iterable
from dataclasses import dataclass

from encoder.graph.evaluate import variables
from encoder.graph.term import Term, Terms
from encoder.program.core import Block, Exit, Expr, If, Loop, Statement

Deps = tuple[tuple[int, Term], ...]  # (uid of a reading event of the thread, condition under which it counts), by uid


@dataclass(frozen=True, slots=True)
class Branch:
    """One side of an `if` that the path is in: `number` tells the branches of a thread apart."""

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


def sources(terms: Terms, expr: Expr, deps: dict[str, Deps]) -> Deps:
    """The reads that the expression depends on, given those that each variable does."""
    return join(terms, (), *(deps.get(name, ()) for name in variables(expr)))


def choose(terms: Terms, a: Deps, under_a: Term, b: Deps, under_b: Term) -> Deps:
    """What a variable depends on where two paths meet; what both have alike needs no condition of theirs."""
    if a == b:
        return a
    alike = set(a) & set(b)
    parts = ((a, under_a), (b, under_b))
    apart = (restrict(terms, tuple(d for d in deps if d not in alike), under) for deps, under in parts)
    return join(terms, tuple(d for d in a if d in alike), *apart)


def restrict(terms: Terms, deps: Deps, condition: Term) -> Deps:
    return tuple((uid, terms.and_(under, condition)) for uid, under in deps)


def common(a: tuple[Branch, ...], b: tuple[Branch, ...]) -> tuple[Branch, ...]:
    """The branches that two paths are still in where they meet."""
    return tuple(branch for branch in a if branch in b)


def exits(statements: Iterable[Statement]) -> set[int]:
    """The blocks and loops that some statement leaves, by the text."""
    found: set[int] = set()
    for statement in statements:
        match statement:
            case Exit(id=ident):
                found.add(ident)
            case If(then=then, otherwise=otherwise):
                found |= exits(then) | exits(otherwise)
            case Block(body=body):
                found |= exits(body)
            case Loop(body=body, tests=tests):
                found |= exits(body) | exits(tests)
            case _:
                pass
    return found


def falls_through(statement: Statement) -> bool:
    """Whether control may come to what follows the statement, by the text."""
    match statement:
        case Exit():
            return False
        case If(then=then, otherwise=otherwise):
            return all(map(falls_through, then)) or all(map(falls_through, otherwise))
        case Block(id=ident, body=body):
            return all(map(falls_through, body)) or ident in exits(body)
        case Loop(id=ident, body=body, tests=tests):
            return ident in exits(body) | exits(tests)
        case _:
            return True
