"""Sets of events and relations between them as expressions, written as the cat language writes them.

    cat             here                cat             here
    r | s           r | s               r ; s           r >> s
    r & s           r & s               [S]             S (in a sequence), identity(S)
    r \\ s           r - s               r?              opt(r)
    S * T           cross(S, T)         r* , r+         star(r), plus(r)
    ~S              ~S                  r^-1            inverse(r)
    let n = r       n = let("n", r)     let rec n = r   n = let_rec("n", lambda n: r)
    different-values(r)                 different_values(r)

Names are those of the cat file with `_` for `-`. Python binds `-` tightest, then `>>`, `&`, `|`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class RelationOp(StrEnum):
    """How an expression is made. NAME and TAG are leaves; LET names its only argument, REC may mention itself in it."""

    NAME = "name"
    LET = "let"
    REC = "rec"
    UNION = "|"
    INTERSECTION = "&"
    DIFFERENCE = "\\"
    SEQUENCE = ";"
    OPTION = "?"
    STAR = "*"
    PLUS = "+"
    INVERSE = "^-1"
    IDENTITY = "[]"
    PRODUCT = "cross"
    TAG = "tag"
    COMPLEMENT = "~"
    DOMAIN = "domain"
    RANGE = "range"


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """A set of events. A TAG is what the graph says of an event: its kind, its order, a fence's kind."""

    op: RelationOp
    args: "tuple[Events | Relation, ...]" = ()
    name: str = ""

    def __or__(self, other: "Events") -> "Events":
        return Events(RelationOp.UNION, (self, other))

    def __and__(self, other: "Events") -> "Events":
        return Events(RelationOp.INTERSECTION, (self, other))

    def __sub__(self, other: "Events") -> "Events":
        return Events(RelationOp.DIFFERENCE, (self, other))

    def __invert__(self) -> "Events":
        return Events(RelationOp.COMPLEMENT, (self,))

    def __rshift__(self, other: "Events | Relation") -> "Relation":
        return identity(self) >> other


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """A relation between events. A NAME is given by the execution: po, rf, co, fr, rmw, addr, data, ctrl, int, ext…"""

    op: RelationOp
    args: "tuple[Relation | Events, ...]" = ()
    name: str = ""

    def __or__(self, other: "Relation") -> "Relation":
        return Relation(RelationOp.UNION, (self, other))

    def __and__(self, other: "Relation") -> "Relation":
        return Relation(RelationOp.INTERSECTION, (self, other))

    def __sub__(self, other: "Relation") -> "Relation":
        return Relation(RelationOp.DIFFERENCE, (self, other))

    def __rshift__(self, other: "Relation | Events") -> "Relation":
        return Relation(RelationOp.SEQUENCE, (self, other if isinstance(other, Relation) else identity(other)))


def tag(name: str) -> Events:
    return Events(RelationOp.TAG, name=name)


def base(name: str) -> Relation:
    return Relation(RelationOp.NAME, name=name)


def let(name: str, body: Relation) -> Relation:
    return Relation(RelationOp.LET, (body,), name)


def let_rec(name: str, body: Callable[[Relation], Relation]) -> Relation:
    """The least relation that equals its body."""
    inner = base(name)
    return Relation(RelationOp.REC, (body(inner), inner), name)


def identity(events: Events) -> Relation:
    return Relation(RelationOp.IDENTITY, (events,))


def opt(relation: Relation) -> Relation:
    return Relation(RelationOp.OPTION, (relation,))


def star(relation: Relation) -> Relation:
    return Relation(RelationOp.STAR, (relation,))


def plus(relation: Relation) -> Relation:
    return Relation(RelationOp.PLUS, (relation,))


def inverse(relation: Relation) -> Relation:
    return Relation(RelationOp.INVERSE, (relation,))


def different_values(relation: Relation) -> Relation:
    """The pairs whose events do not read or write the same value: herd's `different-values(r)`."""
    return relation - base("same-value")


def cross(left: Events, right: Events) -> Relation:
    return Relation(RelationOp.PRODUCT, (left, right))


def domain(relation: Relation) -> Events:
    return Events(RelationOp.DOMAIN, (relation,))


def range_(relation: Relation) -> Events:
    return Events(RelationOp.RANGE, (relation,))


def fencerel(events: Events) -> Relation:
    """Pairs with one of these events between them in program order."""
    return po >> events >> po


@dataclass(frozen=True, slots=True, kw_only=True)
class Axiom:
    """`kind` says of the relation that it is acyclic, irreflexive or empty."""

    name: str
    kind: str
    relation: Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Detour:
    """Paths of an order that begin outside of it: `leave` leads from an event to one of another thread, from where the
    path goes on by `along`, or by a `read` of its write and `across`. It is back in the order where it comes to the
    thread in which it began, or by `out` after a `read` or none."""

    leave: Relation
    along: Relation
    read: Relation
    across: Relation
    out: Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryModel:
    """A memory model: axioms over relations. `title` is how a verdict names it.

    `flags` name relations that a well-written program leaves empty: their pairs do not forbid the execution. `order`
    is a relation that with the paths of `detour` is acyclic exactly where the axioms that ask for `acyclic` or
    `irreflexive` all hold: what an encoding may assert in their place. In a `whole` one both halves of a
    read-modify-write that writes have one place: what is before or after one is so for the other, since nothing comes
    between them in coherence order either.
    """

    name: str
    title: str
    axioms: tuple[Axiom, ...]
    order: Relation
    flags: tuple[tuple[str, Relation], ...] = ()
    detour: Detour | None = None
    whole: bool = False


po, rf, co, fr, rmw = base("po"), base("rf"), base("co"), base("fr"), base("rmw")
int_, ext, loc, id_ = base("int"), base("ext"), base("loc"), base("id")
R, W, M, F = tag("R"), tag("W"), tag("M"), tag("F")
po_loc = let("po-loc", po & loc)
rfi, rfe = let("rfi", rf & int_), let("rfe", rf & ext)
coe, fre = let("coe", co & ext), let("fre", fr & ext)


def members(relation: Relation) -> Iterator[Relation]:
    """The members of a union, whatever its shape."""
    if relation.op is RelationOp.UNION:
        for part in relation.args:
            assert isinstance(part, Relation)
            yield from members(part)
    else:
        yield relation


def union_of(relation: Relation) -> frozenset[Relation]:
    return frozenset(members(relation))


def is_total(model: MemoryModel) -> bool:
    """Whether one total order over all accesses carries the model: some axiom is `acyclic po | rf | co | fr`."""
    return any(a.kind == "acyclic" and union_of(a.relation) >= {po, rf, co, fr} for a in model.axioms)


def has_dependencies(model: MemoryModel) -> bool:
    """Whether the model speaks of dependencies."""
    return any(names(a.relation) & {"addr", "data", "ctrl"} for a in model.axioms)


def names(expression: "Relation | Events") -> set[str]:
    """The names and tags that an expression is made of."""
    found: set[str] = set()
    seen: set[Relation | Events] = set()
    todo = [expression]
    while todo:
        part = todo.pop()
        if part not in seen:
            seen.add(part)
            todo.extend(part.args)
            if part.op in (RelationOp.NAME, RelationOp.TAG):
                found.add(part.name)
    return found


def ordering_tags(model: MemoryModel) -> set[str]:
    """The names and tags that the order of a model, paths that begin outside of it included, is made of."""
    detour = model.detour
    parts = () if detour is None else (detour.leave, detour.along, detour.read, detour.across, detour.out)
    return {name for relation in (model.order, *parts) for name in names(relation)}
