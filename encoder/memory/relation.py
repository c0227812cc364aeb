"""Relations between events as expressions, written as the cat language writes them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Base:
    """A relation of every execution: po, rf, co, fr, rmw, and `ext` or `int` (of different threads, of one)."""

    name: str

    def __or__(self, other: "Relation") -> "Union":
        return Union(self, other)


@dataclass(frozen=True, slots=True)
class Union:
    left: "Relation"
    right: "Relation"

    def __or__(self, other: "Relation") -> "Union":
        return Union(self, other)


@dataclass(frozen=True, slots=True)
class External:
    """The pairs of different threads (`fre`, `coe`, `rfe`)."""

    operand: "Relation"


@dataclass(frozen=True, slots=True)
class Sequence:
    """`left ; right`."""

    left: "Relation"
    right: "Relation"


@dataclass(frozen=True, slots=True)
class Intersection:
    left: "Relation"
    right: "Relation"


Relation = Base | Union | External | Sequence | Intersection


@dataclass(frozen=True, slots=True, kw_only=True)
class Axiom:
    """`kind` says of the relation that it has no cycle, or no pair."""

    name: str
    kind: str
    relation: Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryModel:
    """A memory model: axioms over relations. `title` is how a verdict names it."""

    name: str
    title: str
    axioms: tuple[Axiom, ...]


po, rf, co, fr, rmw = Base("po"), Base("rf"), Base("co"), Base("fr"), Base("rmw")


def union_of(relation: Relation) -> frozenset[Relation]:
    """The members of a union, whatever its shape."""
    if isinstance(relation, Union):
        return union_of(relation.left) | union_of(relation.right)
    return frozenset({relation})
