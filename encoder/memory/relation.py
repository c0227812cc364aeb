"""Sets of events and relations between events, as expressions in the operators of the cat language.

    cat             here                cat             here
    r | s           r | s               r ; s           r >> s
    r & s           r & s               [S]             S (in a sequence), identity(S)
    r \\ s           r - s               r?              opt(r)
    S * T           cross(S, T)         r* , r+         star(r), plus(r)
    ~S              ~S                  r^-1            inverse(r)
    let n = r       n = let("n", r)     let rec n = r   n = let_rec("n", lambda n: r)
    different-values(r)                 different_values(r)

Names are those of the cat file with `_` for `-`. In Python `-` binds tightest, then `>>`, `&`, `|`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class RelationOp(StrEnum):
    """The operator of an expression. NAME and TAG are leaves; LET names its only argument; REC is the least fixed point
    of its first argument, in which its second argument stands for the relation itself."""

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
    """A set of events. A TAG holds the events that carry this tag: an access or fence kind (R, W, F, Mb), or a memory
    order."""

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
    """A relation between events. A NAME is a base relation of the execution: po, rf, co, fr, rmw, addr, data, ctrl,
    int, ext and others."""

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
    """The set of events with this tag."""
    return Events(RelationOp.TAG, name=name)


def base(name: str) -> Relation:
    """The base relation of this name."""
    return Relation(RelationOp.NAME, name=name)


def let(name: str, body: Relation) -> Relation:
    """The relation `body` under a name."""
    return Relation(RelationOp.LET, (body,), name)


def let_rec(name: str, body: Callable[[Relation], Relation]) -> Relation:
    """The least relation that equals its body."""
    recursive = base(name)
    return Relation(RelationOp.REC, (body(recursive), recursive), name)


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
    """The pairs whose events do not access the same value: herd's `different-values(r)`."""
    return relation - base("same-value")


def cross(left: Events, right: Events) -> Relation:
    return Relation(RelationOp.PRODUCT, (left, right))


def domain(relation: Relation) -> Events:
    return Events(RelationOp.DOMAIN, (relation,))


def range_(relation: Relation) -> Events:
    return Events(RelationOp.RANGE, (relation,))


def fencerel(events: Events) -> Relation:
    """The pairs of events with one of `events` between them in program order."""
    return po >> events >> po


po, rf, co, fr, rmw = base("po"), base("rf"), base("co"), base("fr"), base("rmw")
int_, ext, loc, id_ = base("int"), base("ext"), base("loc"), base("id")
R, W, M, F = tag("R"), tag("W"), tag("M"), tag("F")
po_loc = let("po-loc", po & loc)
rfi, rfe = let("rfi", rf & int_), let("rfe", rf & ext)
coe, fre = let("coe", co & ext), let("fre", fr & ext)


def members(relation: Relation) -> Iterator[Relation]:
    """The members of a union, nested unions flattened, names (LET) kept."""
    if relation.op is RelationOp.UNION:
        for part in relation.args:
            assert isinstance(part, Relation)
            yield from members(part)
    else:
        yield relation


def union_of(relation: Relation) -> frozenset[Relation]:
    """The members of a union, nested and named unions flattened."""
    body = relation.args[0] if relation.op is RelationOp.LET else relation
    assert isinstance(body, Relation)
    if body.op is not RelationOp.UNION:
        return frozenset({relation})
    return frozenset(part for each in members(body) for part in union_of(each))


def names(expression: "Relation | Events") -> set[str]:
    """The names of all base relations and tags in the expression."""
    leaves: set[str] = set()
    seen: set[Relation | Events] = set()
    todo = [expression]
    while todo:
        part = todo.pop()
        if part not in seen:
            seen.add(part)
            todo.extend(part.args)
            if part.op in (RelationOp.NAME, RelationOp.TAG):
                leaves.add(part.name)
    return leaves


def mentioning(relation: Relation, name: str) -> set[Relation]:
    """The parts of an expression in which a name occurs."""
    known: dict[Relation, bool] = {}

    def visit(part: Relation) -> bool:
        if part not in known:
            inner = [visit(a) for a in part.args if isinstance(a, Relation)]
            known[part] = any(inner) or (part.op is RelationOp.NAME and part.name == name)
        return known[part]

    visit(relation)
    return {part for part, mentions in known.items() if mentions}
