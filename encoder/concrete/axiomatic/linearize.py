"""The order in which an execution of a weak model is drawn: one that extends the model's own, with few switches.

An execution is no sequence. What the model orders (for the kernel's model hb, pb and rb; under TSO its order without
the reads that miss a store) is drawn in that order, and every thread in program order wherever the two agree: a store
that others see late shows as a read that missed it. Where they do not agree (a read whose value was there before that
of an earlier one), as few steps as possible leave their place, see `displaced`. Coherence comes next. Of the reads that
could be the one that misses a store, those that miss a plain store come first: no machine delays a read-modify-write
for long. A flush that waits for a region is not drawn inside of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from encoder.concrete.axiomatic.close_sections import close_sections
from encoder.concrete.axiomatic.execution import coherent, execution, skeleton
from encoder.concrete.axiomatic.grace_periods import pairings
from encoder.concrete.axiomatic.program_order import AcyclicOrder, StepEdge, program_order
from encoder.concrete.axiomatic.relations import RelationEvaluator
from encoder.concrete.axiomatic.replay import breaking
from encoder.concrete.axiomatic.thread_runs import Drawn
from encoder.memory.model import MemoryModel
from encoder.memory.relation import Relation, co, fr, members, rf
from encoder.program.core import Program, Property


def linearize(
    program: Program, prop: Property, model: MemoryModel, symbols: Mapping[str, int], steps: Sequence[Drawn],
    coherence: Mapping[str, Sequence[int]], loops: int | None,
) -> tuple[tuple[Drawn, ...], dict[str, tuple[int, ...]]]:  # fmt: skip
    """The same steps and coherence, of an execution that breaks the property, in the order to draw.

    Raises SelfCheckError where there is no such execution.
    """
    found = breaking(program, prop, model, symbols, steps, coherence, loops)
    frame = close_sections(skeleton(found, program.cells, coherent(program.cells, found.done, coherence)))
    evaluator = RelationEvaluator(execution(frame))
    number = {node.number: node.step for node in frame.nodes}

    def between(relation: Relation) -> list[StepEdge]:
        ends = ((number[a], number[b]) for a, b in evaluator.relation(relation))
        return sorted({(a, b) for a, b in ends if a and b and a != b})

    order = AcyclicOrder(len(steps))
    for relation in (rf, *model_order(model)):
        order.extend(between(relation))
    writes, reads = ({node.step for node in frame.nodes if node.half == half} for half in "WR")
    listing = [[done.step for done in found.of(thread)] for thread in range(len(program.threads))]
    rank = {step: place for place, step in enumerate(step for own in listing for step in own)}
    index = {done.step: done.index for done in found.done}

    def preference(step: int) -> tuple[int, ...]:
        return step not in reads | writes, step in writes, step in writes & reads, -index[step], rank[step]

    program_order(order, listing, preference)
    order.extend(between(co))
    waits = [
        [(number[a], number[b]) for a, b in pairing.drawn] for pairing in pairings(program, found, frame, evaluator)
    ]
    for edge in sorted(between(fr), key=lambda edge: (edge[1] not in writes & reads, rank[edge[0]], rank[edge[1]])):
        if all(any(order.allows(edge, way) for way in ways) for ways in waits):
            order.extend([edge])
    for ways in waits:
        order.extend([way for way in ways if order.allows(way)][:1])
    return renumbered(steps, coherence, fewest_switches(listing, order))


def model_order(model: MemoryModel) -> list[Relation]:
    """What the axioms that the model's order carries keep apart, reads that miss a store left out."""
    return [part for axiom in model.order_axioms for part in members(axiom.relation) if part is not fr]


def renumbered(
    steps: Sequence[Drawn], coherence: Mapping[str, Sequence[int]], order: Sequence[int]
) -> tuple[tuple[Drawn, ...], dict[str, tuple[int, ...]]]:
    """The steps in another order, given as their present numbers."""
    new = {old: place for place, old in enumerate(order, 1)} | {0: 0}
    moved = [steps[old - 1] for old in order]
    return (
        tuple(s if s.reads_from is None else replace(s, reads_from=new[s.reads_from]) for s in moved),
        {cell: tuple(new[step] for step in written) for cell, written in coherence.items()},
    )


def fewest_switches(listing: Sequence[Sequence[int]], given: AcyclicOrder) -> list[int]:
    """The numbers of the steps in an order that has all edges, with the fewest switches between threads, and of these
    orders the one that is first in the threads' order. `listing` has each thread's steps in program order, which is
    kept where the edges leave it open."""
    lines = [_line(steps, given) for steps in listing]
    place = {step: (t, i) for t, line in enumerate(lines) for i, step in enumerate(line)}
    needs: list[list[dict[int, int]]] = [[{} for _ in line] for line in lines]
    for a, b in given.edges:
        (t, i), (u, k) = place[a], place[b]
        if t != u:
            needs[u][k][t] = max(needs[u][k].get(t, 0), i + 1)

    def free(done: tuple[int, ...], thread: int) -> bool:
        step = done[thread]
        return step < len(lines[thread]) and all(done[t] >= n for t, n in needs[thread][step].items())

    def after(done: tuple[int, ...], thread: int) -> tuple[int, ...]:
        return (*done[:thread], done[thread] + 1, *done[thread + 1 :])

    @cache
    def switches(done: tuple[int, ...], last: int) -> int:
        """The fewest switches from here to the end."""
        ways = [switches(after(done, t), t) + (t != last) for t in range(len(lines)) if free(done, t)]
        return min(ways, default=0)

    order: list[int] = []
    done, last = (0,) * len(lines), -1
    while len(order) < sum(map(len, lines)):
        last = min(
            (t for t in range(len(lines)) if free(done, t)),
            key=lambda t: (switches(after(done, t), t) + (t != last), t),
        )
        order.append(lines[last][done[last]])
        done = after(done, last)
    return order


def _line(steps: Sequence[int], given: AcyclicOrder) -> list[int]:
    """A thread's steps in an order that the edges allow, those through other threads too."""
    left, line = list(steps), []
    while left:
        step = next(step for step in left if not any(given.leads(other, step) for other in left))
        left.remove(step)
        line.append(step)
    return line
