"""Memory models: axioms over relations, and what else there is to say of a model. A model's name says nothing."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, assert_never

from encoder.memory.relation import (
    Relation,
    RelationOp,
    co,
    coe,
    fr,
    fre,
    names,
    po,
    po_loc,
    rf,
    rfe,
    rfi,
    rmw,
    union_of,
)

AxiomKind = Literal["acyclic", "irreflexive", "empty"]
AxiomRole = Literal["coherence", "atomicity"]
StateMachine = Literal["interleavings", "store buffers"]
"""What a search of states follows: one step after the other in one memory, or stores that wait in their CPU's buffer
while later steps go ahead."""

BETWEEN_ACCESSES = frozenset({po, po_loc, rf, rfi, rfe, co, coe, fr, fre})
"""What in an interleaving leads from earlier steps to later ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axiom:
    """`kind` says of the relation what it is. An axiom with a `role` is met by every execution as it is made: coherence
    (`acyclic po-loc | rf | co | fr`) or atomicity (`empty rmw & (fre ; coe)`).

    Raises ValueError where the relation is not that of the role.
    """

    name: str
    kind: AxiomKind
    relation: Relation
    role: AxiomRole | None = None

    def __post_init__(self) -> None:
        if self.role is not None and not _is(self, self.role):
            raise ValueError(f"the axiom {self.name} is not {self.role}")


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


@dataclass(frozen=True, kw_only=True)
class MemoryModel:
    """A memory model. `title` is how a verdict names it; `flags` name relations that a well-written program leaves
    empty: their pairs do not forbid the execution.

    What the axioms imply, said for those who work with them (`tests/memory/test_models.py` asks whether it is so):

    - `order` with the paths of `detour` is acyclic where the axioms that it `carries` all hold, and nowhere else: an
      encoding may assert it in their place. So are the relations of those of them that ask for `acyclic`, taken
      together. Grace periods and the sections that they wait for extend it, which carries the axiom of RCU.
    - In a `whole` order both halves of a read-modify-write that writes have one place: what is before or after one is
      so for the other, since nothing comes between them in coherence order either.
    - In an order that locks are `exclusive` in, all accesses of a lock's critical section are before all of the next.
    - `propagated` leads from an access to the events before which it has come to every thread; None: it has done so
      when it happens.
    - `interleaves`: every interleaving is an execution.
    - `explorable`: the executions are those of this machine.

    What it is the model of, if of a machine: `machine` has its name. `above` names machines whose own models, not
    written down here, forbid more.

    Raises ValueError where the fields contradict each other.
    """

    name: str
    title: str
    axioms: tuple[Axiom, ...]
    order: Relation
    carries: tuple[Axiom, ...] = ()
    flags: tuple[tuple[str, Relation], ...] = ()
    detour: Detour | None = None
    whole: bool = False
    exclusive: bool = False
    propagated: Relation | None = None
    interleaves: bool = False
    explorable: StateMachine | None = None
    machine: str = ""
    above: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for axiom in self.carries:
            if axiom not in self.axioms or axiom.kind == "empty":
                raise ValueError(f"the order of {self.name} cannot carry {axiom.name}")
        if self.total and not self.interleaves:
            raise ValueError(f"the executions of {self.name} are interleavings")
        if self.explorable == "interleavings" and not self.total:
            raise ValueError(f"the executions of {self.name} are not all interleavings")

    @cached_property
    def apart(self) -> tuple[Axiom, ...]:
        """The axioms to be asserted each by itself: neither met as executions are made nor carried by the order."""
        return tuple(each for each in self.axioms if each.role is None and each not in self.carries)

    @cached_property
    def coherent(self) -> bool:
        """Whether the axioms ask for coherence and atomicity."""
        orders = [union_of(each.relation) for each in self.axioms if each.kind == "acyclic"]
        coherent = any({rf, co, fr} <= order and not order.isdisjoint({po, po_loc}) for order in orders)
        return coherent and any(each.role == "atomicity" for each in self.axioms)

    @cached_property
    def total(self) -> bool:
        """Whether the executions are the interleavings: some axiom asks for `acyclic po | rf | co | fr`, and each of
        the others asks for less."""
        orders = [union_of(each.relation) for each in self.axioms if each.kind == "acyclic"]
        others = [each for each in self.axioms if each.role is None and each.kind != "acyclic"]
        weaker = all(order <= BETWEEN_ACCESSES for order in orders)
        return not others and weaker and any(order >= {po, rf, co, fr} for order in orders)

    @cached_property
    def tags(self) -> frozenset[str]:
        """The names and tags that the axioms are made of, and the order."""
        detour = self.detour
        parts = () if detour is None else (detour.leave, detour.along, detour.read, detour.across, detour.out)
        spoken = (*(each.relation for each in self.axioms), self.order, *parts)
        return frozenset(name for relation in spoken for name in names(relation))

    @property
    def dependent(self) -> bool:
        """Whether the model speaks of dependencies."""
        return not self.tags.isdisjoint({"addr", "data", "ctrl"})

    @property
    def full_rmw(self) -> bool:
        """Whether a read-modify-write that writes is a full barrier, as is what is `Locked` by its primitive."""
        return "Locked" in self.tags


def _is(axiom: Axiom, role: AxiomRole) -> bool:
    match role:
        case "coherence":
            return axiom.kind == "acyclic" and union_of(axiom.relation) == {po_loc, rf, co, fr}
        case "atomicity":
            relation = axiom.relation
            parts = relation.args if axiom.kind == "empty" and relation.op is RelationOp.INTERSECTION else ()
            return parts[:1] == (rmw,) and parts[1].op is RelationOp.SEQUENCE and parts[1].args == (fre, coe)
        case never:
            assert_never(never)
