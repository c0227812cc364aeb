"""Syntactic dependencies as herd7 defines them for C: which reads a value is computed from, whatever the value is.

`r ^ r` depends on r. A variable that is set in an arm of an `if` carries the reads of the arm's condition, whether or
not its value changes. These reads do not become data or address dependencies: they become control dependencies of what
is in the arms of a later `if` that tests the variable.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from encoder.graph.term import Term, Terms
from encoder.program.core import Arith, Block, Convert, Exit, Expr, If, Loop, Op, Statement, Var
from encoder.program.traverse import exits, variables

PICKS = frozenset({Op.EQ, Op.NE, Op.LT, Op.LE, Op.LAND, Op.LOR})
Deps = tuple[tuple[int, Term], ...]  # (uid of a read of the thread, condition that it counts), by uid


@dataclass(frozen=True, slots=True)
class Sources:
    """The reads that an expression or a variable depends on. `data`: the reads that its value is computed from.
    `control`: the reads in the conditions of the arms in which it, or what it is computed from, was set. `direct`:
    those of `data` from which arithmetic leads to it, without a comparison or choice on the way."""

    data: Deps = ()
    control: Deps = ()
    direct: Deps = ()


NO_SOURCES = Sources()


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm of an `if` that the path is inside. `number` identifies the `if` in its thread, `taken` the arm. `deps`
    are the reads that its condition and the conditions around it depend on, by data or control."""

    number: int
    taken: bool
    deps: Deps


def merge_deps(terms: Terms, *parts: Deps) -> Deps:
    """The union of dependencies; a read in several of them counts if any of its conditions holds."""
    some = [part for part in parts if part]
    if len(some) <= 1:
        return some[0] if some else ()
    merged: dict[int, Term] = {}
    for part in some:
        for uid, condition in part:
            merged[uid] = terms.or_(merged[uid], condition) if uid in merged else condition
    return tuple(sorted(merged.items(), key=lambda item: item[0]))


class VariableSources:
    """The reads that each variable depends on, on a path: those of variables set since the last join, and those of the
    joined paths, merged on demand."""

    __slots__ = ("join", "known")

    def __init__(self, known: dict[str, Sources], join: "SourcesJoin | None") -> None:
        self.known = known
        self.join = join

    def get(self, name: str) -> Sources:
        """The reads that the variable depends on."""
        if name not in self.known:
            self.known[name] = NO_SOURCES if self.join is None else self.join.get(name)
        return self.known[name]

    def assigned(self, values: Mapping[str, Sources]) -> "VariableSources":
        """The sources after assignments."""
        return VariableSources({**self.known, **values}, self.join)


@dataclass(frozen=True, slots=True)
class SourcesJoin:
    """The join of two mutually exclusive paths, each with the condition under which it is taken."""

    terms: Terms
    one: VariableSources
    under_one: Term
    other: VariableSources
    under_other: Term

    def get(self, name: str) -> Sources:
        return join_sources(self.terms, self.one.get(name), self.under_one, self.other.get(name), self.under_other)


def sources_of(terms: Terms, exprs: Iterable[Expr], sources: VariableSources) -> Sources:
    """The reads that the expressions depend on, given those of each variable."""
    exprs = tuple(exprs)
    parts = [sources.get(name) for name in variables(*exprs)]
    plain = [sources.get(name) for expr in exprs for name in sorted(arithmetic_variables(expr))]
    return Sources(
        merge_deps(terms, (), *(s.data for s in parts)),
        merge_deps(terms, (), *(s.control for s in parts)),
        merge_deps(terms, (), *(s.direct for s in plain)),
    )


def arithmetic_variables(expr: Expr) -> frozenset[str]:
    """The variables from which arithmetic alone leads to the value. A comparison compiles to a flag that is set by a
    condition, a choice to a conditional select: what they look at only picks the value."""
    match expr:
        case Var(name=name):
            return frozenset((name,))
        case Convert(operand=operand, type=type) if type.kind != "bool":
            return arithmetic_variables(operand)
        case Arith(op=op, left=left, right=right) if op not in PICKS:
            return arithmetic_variables(left) | arithmetic_variables(right)
        case _:
            return frozenset()


def join_sources(terms: Terms, a: Sources, under_a: Term, b: Sources, under_b: Term) -> Sources:
    """The reads that a variable depends on after two paths join."""
    if a == b:
        return a
    data = join_deps(terms, a.data, under_a, b.data, under_b)
    direct = join_deps(terms, a.direct, under_a, b.direct, under_b)
    return Sources(data, join_deps(terms, a.control, under_a, b.control, under_b), direct)


def join_deps(terms: Terms, a: Deps, under_a: Term, b: Deps, under_b: Term) -> Deps:
    """Dependencies after a join: those that both paths have need no path condition."""
    if a == b:
        return a
    alike = set(a) & set(b)
    parts = ((a, under_a), (b, under_b))
    apart = (restrict(terms, tuple(d for d in deps if d not in alike), under) for deps, under in parts)
    return merge_deps(terms, tuple(d for d in a if d in alike), *apart)


def lost_sources(terms: Terms, before: Sources, after: Sources) -> Term:
    """The condition that there was a dependency that is there no more."""
    kinds = (before.data, after.data), (before.control, after.control), (before.direct, after.direct)
    lost = []
    for then, now in kinds:
        kept = dict(now)
        for uid, condition in then:
            still = kept.get(uid, terms.false)
            if still is not condition:
                lost.append(terms.and_(condition, terms.not_(still)))
    return terms.or_(*lost)


def restrict(terms: Terms, deps: Deps, condition: Term) -> Deps:
    """The dependencies, each under an additional condition."""
    return tuple((uid, terms.and_(under, condition)) for uid, under in deps)


def common_arms(a: tuple[Arm, ...], b: tuple[Arm, ...]) -> tuple[Arm, ...]:
    """The arms that two paths are both still inside."""
    return tuple(branch for branch in a if branch in b)


def falls_through(statement: Statement) -> bool:
    """Whether control can syntactically reach the statement's successor."""
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
