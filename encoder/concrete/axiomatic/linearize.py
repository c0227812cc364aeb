"""The order in which an execution of a weak model is drawn: one that extends the model's own order, with few context
switches.

An execution of a weak model is not a sequence. What the model orders (in the kernel's model hb, pb and rb; under TSO
and in Arm's model the order without the from-reads edges) is drawn in that order, and every thread in program order as
far as the two agree: a store that other threads see late then shows as a read that missed it. Where they do not agree
(a read whose value was there before that of an earlier read), as few steps as possible leave program order, see
`reordered_steps`.
Coherence comes next, then from-reads, those to read-modify-writes first: where some read must be drawn below a store
that it misses, that store is a plain one if possible, as no machine delays a read-modify-write for long. A flush that
waits for a region is not drawn inside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from encoder.concrete.axiomatic.close_sections import close_sections
from encoder.concrete.axiomatic.execution import build_execution, build_skeleton, coherence_orders
from encoder.concrete.axiomatic.grace_periods import section_pairings
from encoder.concrete.axiomatic.program_order import AcyclicOrder, StepEdge, add_program_order
from encoder.concrete.axiomatic.relations import RelationEvaluator
from encoder.concrete.axiomatic.replay import violating_runs
from encoder.concrete.axiomatic.thread_runs import WitnessStep
from encoder.memory.model import MemoryModel
from encoder.memory.relation import Relation, co, fr, fre, members, rf
from encoder.program.core import Program, Property


def linearize(
    program: Program, prop: Property, model: MemoryModel, symbols: Mapping[str, int], steps: Sequence[WitnessStep],
    coherence: Mapping[str, Sequence[int]], loops: int | None,
) -> tuple[tuple[WitnessStep, ...], dict[str, tuple[int, ...]]]:  # fmt: skip
    """The same steps and coherence orders, renumbered in the order in which to draw them.

    The steps must make an execution that the model allows and that breaks the property. Raises SelfCheckError where
    they do not.
    """
    found = violating_runs(program, prop, model, symbols, steps, coherence, loops)
    skeleton = close_sections(
        build_skeleton(found, program.cells, coherence_orders(program.cells, found.done, coherence), model.instructions)
    )
    evaluator = RelationEvaluator(build_execution(skeleton))
    number = {node.number: node.step for node in skeleton.nodes}

    def between(relation: Relation) -> list[StepEdge]:
        ends = ((number[a], number[b]) for a, b in evaluator.relation(relation))
        return sorted({(a, b) for a, b in ends if a and b and a != b})

    order = AcyclicOrder(len(steps))
    for relation in (rf, *model_order(model)):
        order.extend(between(relation))
    writes, reads = ({node.step for node in skeleton.nodes if node.kind == kind} for kind in "WR")
    listing = [[done.step for done in found.of_thread(thread)] for thread in range(len(program.threads))]
    rank = {step: place for place, step in enumerate(step for own in listing for step in own)}
    index = {done.step: done.index for done in found.done}

    def preference(step: int) -> tuple[int, ...]:
        return step not in reads | writes, step in writes, step in writes & reads, -index[step], rank[step]

    add_program_order(order, listing, preference)
    order.extend(between(co))
    wait_orders = [
        [(number[a], number[b]) for a, b in pairing.step_orders]
        for pairing in section_pairings(program, found, skeleton, evaluator)
    ]
    for edge in sorted(between(fr), key=lambda edge: (edge[1] not in writes & reads, rank[edge[0]], rank[edge[1]])):
        if all(any(order.allows(edge, way) for way in ways) for ways in wait_orders):
            order.extend([edge])
    for ways in wait_orders:
        order.extend([way for way in ways if order.allows(way)][:1])
    return renumber(steps, coherence, fewest_switches(listing, order))


def model_order(model: MemoryModel) -> list[Relation]:
    """The relations that the axioms carried by the model's order keep acyclic, from-reads left out."""
    return [part for axiom in model.order_axioms for part in members(axiom.relation) if part not in (fr, fre)]


def renumber(
    steps: Sequence[WitnessStep], coherence: Mapping[str, Sequence[int]], order: Sequence[int]
) -> tuple[tuple[WitnessStep, ...], dict[str, tuple[int, ...]]]:
    """The steps and coherence orders with the steps in another order, which is given as their present numbers."""
    new = {old: place for place, old in enumerate(order, 1)} | {0: 0}
    moved = [steps[old - 1] for old in order]
    return (
        tuple(s if s.reads_from is None else replace(s, reads_from=new[s.reads_from]) for s in moved),
        {cell: tuple(new[step] for step in written) for cell, written in coherence.items()},
    )


def fewest_switches(listing: Sequence[Sequence[int]], given: AcyclicOrder) -> list[int]:
    """The numbers of the steps in an order that respects all edges and has the fewest context switches; among these the
    one that is first in the threads' order.

    `listing` has each thread's steps in program order, which is kept where the edges allow it.
    """
    lines = [_thread_order(steps, given) for steps in listing]
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
        """The fewest context switches from this point to the end; `done` counts each thread's finished steps, `last`
        ran last."""
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


def _thread_order(steps: Sequence[int], given: AcyclicOrder) -> list[int]:
    """A thread's steps in program order as far as the edges, those through other threads included, allow it."""
    left, line = list(steps), []
    while left:
        step = next(step for step in left if not any(given.reaches(other, step) for other in left))
        left.remove(step)
        line.append(step)
    return line
