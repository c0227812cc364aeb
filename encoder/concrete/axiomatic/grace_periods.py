"""Critical sections against grace periods, and irq regions against TLB flushes, by trying every choice.

A flush by IPI returns only after every irq region, on a CPU that runs the mm, that began before it has ended: of each
such pair one comes first. Where the section does, everything before its end comes before everything after the grace
period; where the grace period does, everything before it comes before everything in and after the section. A section
that is still open cannot come first. The execution is possible when the pairs can be settled such that the model's
order stays acyclic. RCU and SRCU behave in the same way under every model (the fundamental law of RCU, Alglave et al.,
ASPLOS 2018), and so do irq regions and grace periods of RCU where the program says so. All pairs are settled together,
those that a model has an axiom for too: an order that is acyclic with each alone may not be with both.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from encoder.concrete.axiomatic.cycles import is_acyclic
from encoder.concrete.axiomatic.execution import Skeleton, nested
from encoder.concrete.axiomatic.memory_events import ExecutedNode
from encoder.concrete.axiomatic.relations import Pairs, RelationEvaluator, successors
from encoder.concrete.axiomatic.thread_runs import ThreadRuns
from encoder.memory.lkmm import srcu_rscs
from encoder.memory.model import MemoryModel
from encoder.memory.relation import base
from encoder.program.core import Program

SectionVertex = tuple[str, int]
"""An event ("event", node), or the moment before ("to") or after ("from") everything that an event orders."""
SectionEdge = tuple[SectionVertex, SectionVertex]


@dataclass(frozen=True, slots=True)
class Pairing:
    """A section (its end None while it is open) and a grace period that waits for it, as node numbers."""

    begin: int
    end: int | None
    first: int
    last: int

    @property
    def ways(self) -> list[SectionEdge]:
        """What each choice adds: the grace period first, then the section first."""
        grace = (("to", self.first), ("from", self.begin))
        return [grace] if self.end is None else [grace, (("to", self.end), ("from", self.last))]

    @property
    def drawn(self) -> list[tuple[int, int]]:
        """What each choice means for a drawing: which node stands above which other."""
        grace = (self.first, self.begin)
        return [grace] if self.end is None else [(self.end, self.last), grace]


def unsettled(
    program: Program, found: ThreadRuns, frame: Skeleton, model: MemoryModel, evaluator: RelationEvaluator
) -> str | None:
    """Which pair cannot be settled, in a sentence; None where all can. `evaluator` is that of the execution."""
    pairs = pairings(program, found, frame, evaluator)
    if not pairs:
        return None
    edges = [*_order(frame, model, evaluator), *_around(pairs, frame, model, evaluator)]
    for pairing in pairs:
        if not _tried([pairing], edges):
            begin, first, last = (frame.nodes[n].step for n in (pairing.begin, pairing.first, pairing.last))
            which = f"step {last}" if first == last else f"steps {first} to {last}"
            state = ", which is still open," if pairing.end is None else ""
            return f"the section that begins with step {begin}{state} and {which}: neither can have come first"
    return None if _tried(pairs, edges) else "sections and grace periods: there is no order of all of them"


def pairings(program: Program, found: ThreadRuns, frame: Skeleton, evaluator: RelationEvaluator) -> list[Pairing]:
    """Of each of these pairs one comes first, under every model."""
    return [*_flushes(program, found, frame), *_graces(program, frame, evaluator)]


def _tried(pairs: list[Pairing], edges: list[SectionEdge]) -> bool:
    """Whether some choice for each pair keeps the edges acyclic."""
    if not is_acyclic(edges):
        return False
    if not pairs:
        return True
    return any(_tried(pairs[1:], [*edges, way]) for way in pairs[0].ways)


def _flushes(program: Program, found: ThreadRuns, frame: Skeleton) -> Iterator[Pairing]:
    """Irq regions with the flushes by other threads of the mm that the region's thread runs."""
    ends = dict(nested(frame.nodes, "Irq-begin", "Irq-end"))
    mms = {done.step: done.deed.mm for done in found.done}
    latest: dict[int, ExecutedNode] = {}
    for node in frame.nodes:
        if "Flush-begin" in node.tags:
            latest[node.thread] = node
        elif "Flush-end" in node.tags and node.thread in latest:
            first = latest[node.thread]
            for region in frame.nodes:
                runs = program.threads[region.thread].runs
                if "Irq-begin" in region.tags and region.thread != node.thread and runs and runs == mms[first.step]:
                    yield Pairing(region.number, ends.get(region.number), first.number, node.number)


def _graces(program: Program, frame: Skeleton, evaluator: RelationEvaluator) -> Iterator[Pairing]:
    """RCU and SRCU sections with the grace periods of their kind, and location; irq regions with those of RCU."""
    srcu = evaluator.relation(srcu_rscs)
    readers = {"Rcu-lock": nested(frame.nodes, "Rcu-lock", "Rcu-unlock")}
    if program.irq_readers:
        readers["Irq-begin"] = nested(frame.nodes, "Irq-begin", "Irq-end")
    for grace in frame.nodes:
        first = grace.number - 1  # the node of its begin
        for section in frame.nodes:
            for begin, pairs in readers.items():
                if begin in section.tags and "Sync-rcu" in grace.tags:
                    yield from _pairs(frame, section.number, pairs, first, grace.number)
            if "Srcu-lock" in section.tags and "Sync-srcu" in grace.tags and section.cell == grace.cell:
                yield from _pairs(frame, section.number, srcu, first, grace.number)


def _pairs(frame: Skeleton, begin: int, pairs: Pairs, first: int, last: int) -> Iterator[Pairing]:
    """A section with a grace period: one pair for each of its ends, one without where it has none."""
    ends = sorted(end for section, end in pairs if section == begin and frame.nodes[end].step)
    yield from (Pairing(begin, end, first, last) for end in ends or (None,))


def _order(frame: Skeleton, model: MemoryModel, evaluator: RelationEvaluator) -> Iterator[SectionEdge]:
    """What the axioms that the model's order carries keep acyclic."""
    for axiom in model.order_axioms:
        if axiom.kind == "acyclic":
            for a, b in evaluator.relation(axiom.relation):
                yield ("event", a), ("event", b)


def _around(
    pairs: list[Pairing], frame: Skeleton, model: MemoryModel, evaluator: RelationEvaluator
) -> Iterator[SectionEdge]:
    """What comes to everybody before an event is before its "to", what follows an event is after its "from"."""
    po = evaluator.relation(base("po"))
    to = {p.first for p in pairs} | {p.end for p in pairs if p.end is not None}
    from_ = {p.last for p in pairs} | {p.begin for p in pairs}
    yield from ((("to", p.first), ("from", p.last)) for p in pairs)
    sources: Mapping[int, list[int]] = successors(frozenset((b, a) for a, b in _propagated(frame, model, evaluator)))
    for a, b in po:
        if b in to:
            yield from ((("event", source), ("to", b)) for source in sources.get(a, ()))
        if a in from_ and frame.nodes[b].half != "F":
            yield ("from", a), ("event", b)
        if a in from_ and b in to:
            yield ("from", a), ("to", b)
    yield from ((("from", a), ("event", a)) for a in from_ if frame.nodes[a].half != "F")


def _propagated(frame: Skeleton, model: MemoryModel, evaluator: RelationEvaluator) -> Pairs:
    """What has come to everybody before which events: each access, where the model says no more, when it happens."""
    accesses = {node.number for node in frame.nodes if node.half != "F"}
    if model.propagated is None:
        return frozenset((number, number) for number in accesses)
    return frozenset((a, b) for a, b in evaluator.relation(model.propagated) if a in accesses)
