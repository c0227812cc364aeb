"""Critical sections against grace periods, and IRQ-off regions against TLB flushes, by trying every order.

A flush by IPI returns only after every IRQ-off region, on a CPU that runs the mm, that began before it has ended: of
each such pair one comes first. If the section does, everything before its end precedes everything after the grace
period; if the grace period does, everything before it precedes everything in and after the section. A section that is
still open cannot come first. The execution is possible if an order can be chosen for every pair such that the model's
own order stays acyclic. RCU and SRCU behave in the same way under every model (the fundamental law of RCU, Alglave et
al., ASPLOS 2018), and so do IRQ-off regions and grace periods of RCU where the program says so (`Program.irq_readers`).
All pairs are ordered together, those that a model has an axiom for too: an order that is acyclic with each pair alone
need not be so with both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from encoder.concrete.axiomatic.cycles import is_acyclic
from encoder.concrete.axiomatic.execution import Skeleton, matched_sections
from encoder.concrete.axiomatic.memory_events import ExecutedNode
from encoder.concrete.axiomatic.relations import Pairs, RelationEvaluator, successors
from encoder.concrete.axiomatic.thread_runs import ThreadRuns
from encoder.memory.lkmm import srcu_rscs
from encoder.memory.model import MemoryModel
from encoder.memory.relation import base
from encoder.program.core import Program

SectionVertex = tuple[str, int]
"""A node ("event", number), or the moment before ("to") or after ("from") everything that this node orders."""
SectionEdge = tuple[SectionVertex, SectionVertex]


@dataclass(frozen=True, slots=True)
class Pairing:
    """A section (`end` None while it is open) and a grace period that waits for it, from `first` to `last`; all are
    node numbers."""

    begin: int
    end: int | None
    first: int
    last: int

    @property
    def alternatives(self) -> list[SectionEdge]:
        """The edge that each choice adds: the grace period first, then the section first."""
        grace = (("to", self.first), ("from", self.begin))
        return [grace] if self.end is None else [grace, (("to", self.end), ("from", self.last))]

    @property
    def step_orders(self) -> list[tuple[int, int]]:
        """For each choice the pair of nodes of which a drawing must show the first above the second; the section first
        comes before the grace period first."""
        grace = (self.first, self.begin)
        return [grace] if self.end is None else [(self.end, self.last), grace]


def unorderable_section(
    program: Program, found: ThreadRuns, skeleton: Skeleton, model: MemoryModel, evaluator: RelationEvaluator
) -> str | None:
    """A sentence that names a pair that can be ordered in neither way, None where all can be ordered together.
    `evaluator` is that of the execution of `skeleton`."""
    pairs = section_pairings(program, found, skeleton, evaluator)
    if not pairs:
        return None
    edges = [*_carried_edges(skeleton, model, evaluator), *_section_edges(pairs, skeleton, model, evaluator)]
    for pairing in pairs:
        if not _orderable([pairing], edges):
            begin, first, last = (skeleton.nodes[n].step for n in (pairing.begin, pairing.first, pairing.last))
            which = f"step {last}" if first == last else f"steps {first} to {last}"
            state = ", which is still open," if pairing.end is None else ""
            return f"the section that begins with step {begin}{state} and {which}: neither can have come first"
    return None if _orderable(pairs, edges) else "sections and grace periods: there is no order of all of them"


def section_pairings(
    program: Program, found: ThreadRuns, skeleton: Skeleton, evaluator: RelationEvaluator
) -> list[Pairing]:
    """All pairs of a section and a grace period (or a region and a flush) of which one must come first, under every
    model."""
    return [*_flush_pairings(program, found, skeleton), *_grace_pairings(program, skeleton, evaluator)]


def _orderable(pairs: list[Pairing], edges: list[SectionEdge]) -> bool:
    """Whether some choice for each pair keeps the edges acyclic."""
    if not is_acyclic(edges):
        return False
    if not pairs:
        return True
    return any(_orderable(pairs[1:], [*edges, way]) for way in pairs[0].alternatives)


def _flush_pairings(program: Program, found: ThreadRuns, skeleton: Skeleton) -> Iterator[Pairing]:
    """IRQ-off regions with the flushes, by other threads, of the mm that the region's thread runs."""
    ends = dict(matched_sections(skeleton.nodes, "Irq-begin", "Irq-end"))
    mms = {done.step: done.effect.mm for done in found.done}
    latest: dict[int, ExecutedNode] = {}
    for node in skeleton.nodes:
        if "Flush-begin" in node.tags:
            latest[node.thread] = node
        elif "Flush-end" in node.tags and node.thread in latest:
            first = latest[node.thread]
            for region in skeleton.nodes:
                runs = program.threads[region.thread].runs
                if "Irq-begin" in region.tags and region.thread != node.thread and runs and runs == mms[first.step]:
                    yield Pairing(region.number, ends.get(region.number), first.number, node.number)


def _grace_pairings(program: Program, skeleton: Skeleton, evaluator: RelationEvaluator) -> Iterator[Pairing]:
    """RCU and SRCU sections with the grace periods of their kind (SRCU: of the same srcu_struct); IRQ-off regions with
    grace periods of RCU where the program says that these wait for them."""
    srcu = evaluator.relation(srcu_rscs)
    readers = {"Rcu-lock": matched_sections(skeleton.nodes, "Rcu-lock", "Rcu-unlock")}
    if program.irq_readers:
        readers["Irq-begin"] = matched_sections(skeleton.nodes, "Irq-begin", "Irq-end")
    for grace in skeleton.nodes:
        first = grace.number - 1  # the node of its begin
        for section in skeleton.nodes:
            for begin, pairs in readers.items():
                if begin in section.tags and "Sync-rcu" in grace.tags:
                    yield from _pairings_of(skeleton, section.number, pairs, first, grace.number)
            if "Srcu-lock" in section.tags and "Sync-srcu" in grace.tags and section.cell == grace.cell:
                yield from _pairings_of(skeleton, section.number, srcu, first, grace.number)


def _pairings_of(skeleton: Skeleton, begin: int, pairs: Pairs, first: int, last: int) -> Iterator[Pairing]:
    """A section with a grace period: one pairing for each of its ends, or one without an end where it has none."""
    ends = sorted(end for section, end in pairs if section == begin and skeleton.nodes[end].step)
    yield from (Pairing(begin, end, first, last) for end in ends or (None,))


def _carried_edges(skeleton: Skeleton, model: MemoryModel, evaluator: RelationEvaluator) -> Iterator[SectionEdge]:
    """The edges that the model's order (`MemoryModel.carries`) keeps acyclic."""
    for axiom in model.order_axioms:
        if axiom.kind == "acyclic":
            for a, b in evaluator.relation(axiom.relation):
                yield ("event", a), ("event", b)


def _section_edges(
    pairs: list[Pairing], skeleton: Skeleton, model: MemoryModel, evaluator: RelationEvaluator
) -> Iterator[SectionEdge]:
    """The edges of the vertices "to" and "from": what is propagated to all threads before a node precedes its "to",
    what follows a node in program order succeeds its "from"."""
    po = evaluator.relation(base("po"))
    to = {p.first for p in pairs} | {p.end for p in pairs if p.end is not None}
    from_ = {p.last for p in pairs} | {p.begin for p in pairs}
    yield from ((("to", p.first), ("from", p.last)) for p in pairs)
    sources: Mapping[int, list[int]] = successors(
        frozenset((b, a) for a, b in _propagation(skeleton, model, evaluator))
    )
    for a, b in po:
        if b in to:
            yield from ((("event", source), ("to", b)) for source in sources.get(a, ()))
        if a in from_ and skeleton.nodes[b].kind != "F":
            yield ("from", a), ("event", b)
        if a in from_ and b in to:
            yield ("from", a), ("to", b)
    yield from ((("from", a), ("event", a)) for a in from_ if skeleton.nodes[a].kind != "F")


def _propagation(skeleton: Skeleton, model: MemoryModel, evaluator: RelationEvaluator) -> Pairs:
    """Pairs (access, event) such that the access is propagated to all threads before the event. Where the model defines
    no such relation each access is propagated when it happens."""
    accesses = {node.number for node in skeleton.nodes if node.kind != "F"}
    if model.propagated is None:
        return frozenset((number, number) for number in accesses)
    return frozenset((a, b) for a, b in evaluator.relation(model.propagated) if a in accesses)
