"""A program to its event graph: unroll until the values that each cell may hold are known.

Why no value is left out. Take an execution that the model allows, and say that a value goes from a write to the reads
that read from it, and within a thread from a read to what the thread makes of it. Where these steps form no circle, the
values are made one after the other from the start's and the program's constants, each by a write of its own, and the
sets that are closed under the program's writes have them all.

- Under sequential consistency and TSO there is no circle of whatever kind: a read comes before all that its thread does
  later, and another thread's read after the write that it reads from. What is not reached with the values so far, by
  any branch, is not reached (`build`).
- The kernel's model orders nothing between a read and what is behind the arms of a branch that it decides, a variable
  set in an arm included. So values may justify each other in a circle through branches. The sets for it are closed
  under the program's writes whichever way its branches go: then what a branch decides is no step, and only circles
  through data and addresses are left. Of these the model forbids those of marked accesses (`circles` says why); a cell
  on another may hold every value of its type (`with_dependencies`).

What is excluded in the end, a branch that none of the values takes or an address that no pointer holds, is excluded
by sets that have all values.
"""

from dataclasses import replace

from encoder.graph.access import Domains, clears, sets
from encoder.graph.domain import interval
from encoder.graph.evaluate import evaluate, to_type
from encoder.graph.events import MOST, NOBODY, Event, Graph, Interference, ThreadGraph
from encoder.graph.term import Terms, possible
from encoder.graph.unroll import Unroller, Unrolling
from encoder.graph.value_cycles import circles, has_plain
from encoder.graph.value_sets import Growth, is_summed, lock_words, whole_range, written
from encoder.graph.waits import waits_for_srcu
from encoder.program.core import CellName, Program, ThreadVar
from encoder.program.traverse import leaves


def build(program: Program, loops: int, environment: Interference = NOBODY, *, named: bool = False) -> Graph:
    """Unroll every thread; `loops` bounds the rounds of loops that have no bound of their own. `named`: see `Graph`."""
    terms = Terms()
    symbols = {s.name: terms.var(f"symbol.{s.name}", interval(s.first, s.last)) for s in program.symbols}
    initial = {
        c.name: tuple(
            to_type(terms, evaluate(terms, e, symbols), k.type) for e, k in zip(c.init, c.components, strict=True)
        )
        for c in program.cells
    }
    domains: Domains = {cell: tuple(possible(t) for t in parts) for cell, parts in initial.items()}
    start = Graph(
        program=program, terms=terms, threads=(), initial=initial, symbols=symbols, domains=domains, summed=frozenset(),
        bits=frozenset(), named=named, environment=environment,
    )  # fmt: skip
    return settled(start, unrolling(start, loops))


def with_dependencies(graph: Graph, loops: int) -> Graph:
    """The graph as models need it that speak of dependencies: its events say on which reads their address, value and
    branches depend, and its cells may hold what values in a circle justify."""
    cells = {c.name: c for c in graph.program.cells}
    wide = circular(graph, loops)
    graph = replace(graph, domains=graph.domains | {c: whole_range(graph.program, cells[c]) for c in wide})
    how = replace(unrolling(graph, loops), dependencies=True)
    return settled(settled(graph, replace(how, either_way=True), wide), how, wide)


def unrolling(graph: Graph, loops: int) -> Unrolling:
    """How the graph's threads are unrolled where nothing is said of dependencies."""
    srcu = any(waits_for_srcu(thread.body) for thread in graph.program.threads)
    return Unrolling(loops, named=graph.named, srcu=srcu)


def circular(graph: Graph, loops: int) -> frozenset[CellName]:
    """The cells on circles that no model forbids, whatever values there are."""
    if not any(has_plain(thread.body) for thread in graph.program.threads):
        return frozenset()
    how = replace(unrolling(graph, loops), dependencies=True, either_way=True, anywhere=True)
    threads = unrolled(graph, how, graph.domains, frozenset())
    found = circles(threads)
    return frozenset(e.cell for t in threads for e in t.events if e.cell is not None and (e.thread, e.uid) in found)


def settled(graph: Graph, how: Unrolling, wide: frozenset[CellName] = frozenset()) -> Graph:
    """The graph unrolled, once the values that each cell may hold have grown to what they are.

    They are the least sets closed under the program's writes, found by unrolling until nothing changes. A cell that
    keeps growing stops after as many rounds as there are writes in its cycle of dependence: every value comes from a
    chain of distinct writes. `wide` are the cells that may hold every value of their type, which are no counters.
    """
    program, terms, initial = graph.program, graph.terms, graph.initial
    domains = dict(graph.domains)
    locks = frozenset(c.name for c in program.cells if not c.lock and len(c.components) == 1)
    growth = Growth()
    more = {c.name: MOST if c.name in graph.environment.counters else 0 for c in program.cells}
    while True:
        threads = unrolled(graph, how, domains, locks)
        events = [e for t in threads for e in t.events]
        kept = lock_bits(locks, threads, events, terms)
        summed = frozenset(
            c.name
            for c in program.cells
            if not c.lock and c.name not in wide and is_summed(c, events, initial[c.name], more[c.name])
        )
        grown = {
            c.name: written(c, events, initial[c.name], domains[c.name], summed, more[c.name]) for c in program.cells
        }
        words = {c.name: (lock_words(c.name, events),) for c in program.cells if c.lock}
        known = all(domains[lock] == word for lock, word in words.items()) and kept == locks
        domains |= words
        if not growth.changed(domains, grown | words, events) and known:
            return replace(graph, threads=threads, domains=domains, summed=summed, bits=locks)
        locks = kept


def unrolled(graph: Graph, how: Unrolling, domains: Domains, locks: frozenset[CellName]) -> tuple[ThreadGraph, ...]:
    """Every thread unrolled, given what its cells may hold and which of them look like lock bits."""
    cells = {c.name: c for c in graph.program.cells}
    return tuple(
        Unroller(graph.terms, i, thread, cells, domains, locks, observed(graph.program, thread.name), how).unrolled()
        for i, thread in enumerate(graph.program.threads)
    )


def lock_bits(
    locks: frozenset[CellName], threads: tuple[ThreadGraph, ...], events: list[Event], terms: Terms
) -> frozenset[CellName]:
    """Those cells that are lock bits: only ever set by read-modify-writes, and only cleared by who has set them.

    Of two threads that found such a bit clear and set it, the first has cleared it before the second set it: between
    its set and the next clear of the bit by anybody lies no other thread's clear, since that thread would have had to
    find the bit clear in between.
    """
    misused = frozenset[CellName]().union(*(thread.misused for thread in threads))
    others = {e.cell for e in events if e.writes is not None and not sets(e, terms) and not clears(e, terms)}
    set_ = {e.cell for e in events if sets(e, terms)}
    return frozenset(cell for cell in locks if cell in set_ and cell not in misused | others)


def observed(program: Program, thread: str) -> frozenset[str]:
    """The thread's variables that some property reads."""
    exprs = [e for p in program.properties for i in p.instances for e in (i.situation, i.violation)]
    return frozenset(v.name for v in leaves(*exprs) if isinstance(v, ThreadVar) and v.thread == thread)
