"""A memory model is a set of axioms over relations, with facts that other parts may use about it.

Other code asks a model's fields and never compares its name.
"""

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
"""The machine whose states a search can follow: "interleavings" has one memory and executes one step at a time; "store
buffers" also delays each store in its CPU's FIFO buffer while later steps of that CPU proceed."""

INTERLEAVING_EDGES = frozenset({po, po_loc, rf, rfi, rfe, co, coe, fr, fre})
"""Relations whose edges always go from an earlier step of an interleaving to a later one."""


KERNEL_ORDERINGS = frozenset({"Mb", "Rmb", "Wmb", "Acquire", "Release"})
"""The tags of what compiles to barriers, acquire and release on every machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axiom:
    """A constraint on a relation: it is `acyclic`, `irreflexive` or `empty`.

    An axiom with a `role` already holds in every execution that the encoders and interpreters construct: coherence is
    `acyclic po-loc | rf | co | fr`, atomicity is `empty rmw & (fre ; coe)`.

    Raises ValueError if the relation does not have the form that its role requires.
    """

    name: str
    kind: AxiomKind
    relation: Relation
    role: AxiomRole | None = None

    def __post_init__(self) -> None:
        if self.role is not None and not _has_role(self, self.role):
            raise ValueError(f"the axiom {self.name} is not {self.role}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PropPath:
    """The part of `prop ; strong-fence` (linux-kernel.cat) that begins with an overwrite.

    A path leaves the order by `overwrite`, an external co or fr edge to an event of another thread. From there it goes
    on by `cumul_fence`, or by an optional `rfe` followed by `a_cumul_fence`, a fence that is A-cumulative. It rejoins
    the order when it reaches the thread in which it began, or by `strong_fence` after an optional `rfe`.
    """

    overwrite: Relation
    cumul_fence: Relation
    rfe: Relation
    a_cumul_fence: Relation
    strong_fence: Relation


@dataclass(frozen=True, kw_only=True)
class MemoryModel:
    """A memory model: its axioms, and consequences of the axioms that encodings and searches rely on.

    `name` is the command-line name, `title` the name that verdicts print. `flags` names relations that are empty in a
    well-written program (a data race, for example); a pair in one of them raises the flag but does not forbid the
    execution.

    `tests/memory/test_models.py` checks these consequences:

    - `order`, extended by the paths of `prop_path`, is acyclic if and only if all of `order_axioms` hold, so an
      encoding may assert that acyclicity instead. The union of the relations of the `acyclic` ones among them is then
      acyclic too. The RCU axiom is covered by extending the order with grace periods and read-side critical sections.
    - `merges_rmw`: both halves of a successful read-modify-write may share one vertex of `order`. Nothing comes between
      them in coherence order, so whatever is before (or after) one half is before (or after) the other.
    - `orders_sections`: `order` puts all accesses of one critical section of a lock before all accesses of the next.
    - `propagated` relates an access to the events before which the access has reached every thread; None if it has
      reached every thread as soon as it happens.
    - `allows_interleavings`: every interleaving is an execution of the model.
    - `decides_before_storing`: nobody sees a store behind a branch before the branch is decided. So none of them leads
      to the first thread that goes on beyond a loop's bound, and what goes beyond bounds at all begins as an execution
      within them. Interleavings and TSO perform loads in order. Arm's machine performs a store when all
      branches before it are decided (Pulte et al., Simplifying ARM Concurrency, POPL 2018). LKMM allows a compiler to
      move it before a branch both arms of which lead to it.
    - `explorable`: the executions are exactly those of this state machine; None if there is no such machine.

    `instructions`: the events are the instructions that primitives compile to on arm64, with the atomics of Armv8.1
    (`lse`) or without (`llsc`); "" if they are the kernel's accesses and fences.

    Raises ValueError if the fields contradict each other.
    """

    name: str
    title: str
    axioms: tuple[Axiom, ...]
    order: Relation
    order_axioms: tuple[Axiom, ...] = ()
    flags: tuple[tuple[str, Relation], ...] = ()
    prop_path: PropPath | None = None
    merges_rmw: bool = False
    orders_sections: bool = False
    propagated: Relation | None = None
    allows_interleavings: bool = False
    decides_before_storing: bool = True
    explorable: StateMachine | None = None
    instructions: Literal["", "lse", "llsc"] = ""

    def __post_init__(self) -> None:
        for axiom in self.order_axioms:
            if axiom not in self.axioms or axiom.kind == "empty":
                raise ValueError(f"the order of {self.name} cannot carry {axiom.name}")
        if self.total and not self.allows_interleavings:
            raise ValueError(f"the executions of {self.name} are interleavings")
        if self.explorable == "interleavings" and not self.total:
            raise ValueError(f"the executions of {self.name} are not all interleavings")

    @cached_property
    def separate_axioms(self) -> tuple[Axiom, ...]:
        """The axioms to assert one by one: those that neither hold by construction nor follow from the order."""
        return tuple(each for each in self.axioms if each.role is None and each not in self.order_axioms)

    @cached_property
    def coherent(self) -> bool:
        """Whether the axioms imply coherence and atomicity."""
        orders = [union_of(each.relation) for each in self.axioms if each.kind == "acyclic"]
        coherent = any({rf, co, fr} <= order and not order.isdisjoint({po, po_loc}) for order in orders)
        return coherent and any(each.role == "atomicity" for each in self.axioms)

    @cached_property
    def total(self) -> bool:
        """Whether the executions are exactly the interleavings: one axiom is `acyclic po | rf | co | fr` or stronger,
        and every other one is atomicity or an acyclicity over `INTERLEAVING_EDGES`."""
        orders = [union_of(each.relation) for each in self.axioms if each.kind == "acyclic"]
        others = [each for each in self.axioms if each.role is None and each.kind != "acyclic"]
        weaker = all(order <= INTERLEAVING_EDGES for order in orders)
        return not others and weaker and any(order >= {po, rf, co, fr} for order in orders)

    @cached_property
    def tags(self) -> frozenset[str]:
        """The names of all base relations and event tags that occur in the axioms, the order and `prop_path`."""
        path = self.prop_path
        parts = (path.overwrite, path.cumul_fence, path.rfe, path.a_cumul_fence, path.strong_fence) if path else ()
        relations = (*(each.relation for each in self.axioms), self.order, *parts)
        return frozenset(name for relation in relations for name in names(relation))

    @property
    def orderings(self) -> frozenset[str]:
        """The tags of the kernel's fences and of acquire and release that the model gives an effect to."""
        return KERNEL_ORDERINGS if self.instructions else self.tags

    @property
    def uses_dependencies(self) -> bool:
        """Whether an axiom or the order uses addr, data or ctrl."""
        return not self.tags.isdisjoint({"addr", "data", "ctrl"})

    @property
    def rmw_is_full_barrier(self) -> bool:
        """Whether a read-modify-write that writes is a full barrier, as is a failed one that its primitive marks
        `Locked` (x86)."""
        return "Locked" in self.tags


def _has_role(axiom: Axiom, role: AxiomRole) -> bool:
    """Whether the axiom has the form that the role requires."""
    match role:
        case "coherence":
            return axiom.kind == "acyclic" and union_of(axiom.relation) == {po_loc, rf, co, fr}
        case "atomicity":
            relation = axiom.relation
            parts = relation.args if axiom.kind == "empty" and relation.op is RelationOp.INTERSECTION else ()
            return parts[:1] == (rmw,) and parts[1].op is RelationOp.SEQUENCE and parts[1].args == (fre, coe)
        case never:
            assert_never(never)
