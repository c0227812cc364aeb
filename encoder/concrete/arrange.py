"""The order in which an execution of a weak model is drawn: one that extends the model's own, with few switches.

An execution is no sequence. What the model orders (for the kernel's model hb and pb; under TSO its order without the
reads that miss a store) is drawn in that order, and program order and coherence too wherever they do not contradict it:
a store that others see late shows as a read that missed it, not as a step drawn out of its thread's order. Of the reads
that could be the one, those that miss a plain store come first: no machine delays a read-modify-write for long.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from encoder.concrete.closing import closed
from encoder.concrete.cycles import is_acyclic
from encoder.concrete.execution import coherent, execution, skeleton
from encoder.concrete.happened import Drawn, happened
from encoder.concrete.relations import Evaluator
from encoder.concrete.replay import started
from encoder.memory.relation import MemoryModel, Relation, co, fr, members, po, rf
from encoder.program.core import Program

Edges = set[tuple[int, int]]  # between steps, numbered from 1


def arrange(
    program: Program, model: MemoryModel, symbols: Mapping[str, int], steps: Sequence[Drawn],
    coherence: Mapping[str, Sequence[int]], loops: int | None,
) -> tuple[tuple[Drawn, ...], dict[str, tuple[int, ...]]]:  # fmt: skip
    """The same steps and coherence in the order to draw.

    Raises SelfCheckError where the program cannot make these steps.
    """
    threads = {thread.name: n for n, thread in enumerate(program.threads)}
    _, start = started(program, symbols, loops)
    words = dict(zip((cell.name for cell in program.cells), start.memory, strict=True))
    found = happened(program, words, steps, loops)
    frame = closed(skeleton(found, program.cells, coherent(program.cells, found.done, coherence)))
    evaluator = Evaluator(execution(frame))
    orders = [a.relation for a in model.axioms if a.kind != "empty" and a.name != "coherence"]
    own = [part for relation in orders for part in members(relation) if part is not fr]
    atomic = {frame.nodes[a].step for a, _ in frame.pairs["rmw"]}
    number = {node.number: node.step for node in frame.nodes}

    def between(relation: Relation) -> Edges:
        ends = ((number[a], number[b]) for a, b in evaluator.relation(relation))
        return {(a, b) for a, b in ends if a and b and a != b}

    edges = between(rf)
    for relation in (*own, po, co):
        more = between(relation)
        if is_acyclic(edges | more):
            edges |= more
    for edge in sorted(between(fr), key=lambda edge: (edge[1] not in atomic, edge)):
        if is_acyclic(edges | {edge}):
            edges.add(edge)
    return renumbered(steps, coherence, fewest_switches([threads[s.thread] for s in steps], edges))


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


def fewest_switches(threads: Sequence[int], edges: Edges) -> list[int]:
    """The numbers of the steps in an order that has all edges, with the fewest switches between threads, and of these
    orders the one that is first in the threads' order and their steps' own. `threads` is each
    step's thread, by number."""
    lines = _lines(threads, edges)
    place = {step: (t, i) for t, line in enumerate(lines) for i, step in enumerate(line)}
    needs: list[list[dict[int, int]]] = [[{} for _ in line] for line in lines]
    for a, b in edges:
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
    while len(order) < len(threads):
        last = min(
            (t for t in range(len(lines)) if free(done, t)),
            key=lambda t: (switches(after(done, t), t) + (t != last), t),
        )
        order.append(lines[last][done[last]])
        done = after(done, last)
    return order


def _lines(threads: Sequence[int], edges: Edges) -> list[list[int]]:
    """Each thread's steps in an order that the edges allow, by their numbers where they leave it open."""
    before: dict[int, set[int]] = {step: set() for step in range(1, len(threads) + 1)}
    for a, b in edges:
        before[b].add(a)
    lines: dict[int, list[int]] = {thread: [] for thread in sorted(set(threads))}
    while before:
        step = min(step for step, earlier in before.items() if not earlier)
        del before[step]
        for earlier in before.values():
            earlier.discard(step)
        lines[threads[step - 1]].append(step)
    return list(lines.values())
