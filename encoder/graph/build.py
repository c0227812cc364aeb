"""From a program to its event graph: unroll until the sets of values that each cell may hold no longer grow.

Why the sets are complete. In an execution that the model allows, a value flows from a write to the reads that read from
it, and within a thread from a read to whatever the thread computes from it. If these steps form no cycle, the values
are produced one after another from the initial values and the program's constants, each by a write of its own, so the
least sets closed under the program's writes contain all of them.

- Sequential consistency and TSO allow no such cycle: a read comes before everything that its thread does later, and
  another thread's read comes after the write that it reads from. Code that no branch reaches with the values so far is
  unreachable (`build`).
- LKMM orders nothing between a read and what follows the arms of a branch on it, even if that uses a variable set in an
  arm. So values may justify each other in a cycle through branches. The sets for LKMM (`with_dependencies`) are closed
  under the program's writes with every branch taken both ways: the outcome of a branch is then no step of the flow, and
  only cycles through data and addresses remain. LKMM forbids those of marked accesses (see `value_cycles`); a cell on
  any other cycle may hold every value of its type.
- Arm's model forbids all of these cycles, those of unmarked accesses too: it orders a read before every write that it
  leads to by data or an address, through memory and by comparisons too (`pob` in memory/arm64.py).

A branch that no value takes, and an address that no pointer holds, is thus excluded by complete sets only.
"""

from collections import defaultdict
from dataclasses import replace

from encoder.graph.access import Domains, clears_bit, sets_bit
from encoder.graph.domain import interval
from encoder.graph.emit import EventEmitter, UnrollOptions
from encoder.graph.evaluate import evaluate, to_type
from encoder.graph.events import MAX_ADDED, NO_INTERFERENCE, Event, Graph, Interference, ThreadGraph
from encoder.graph.term import Terms, possible_values
from encoder.graph.unroll import Unroller
from encoder.graph.value_cycles import has_plain, value_cycles
from encoder.graph.value_sets import Growth, full_range, is_counter, lock_words, values_after
from encoder.graph.waits import has_srcu_grace_period
from encoder.program.core import CellName, If, Loop, Program, Thread, ThreadVar
from encoder.program.traverse import leaves, place_of, statements


def build(
    program: Program, loops: int, interference: Interference = NO_INTERFERENCE, *, named_branches: bool = False
) -> Graph:
    """The program's event graph for models without dependencies. `loops` bounds the iterations of loops that have no
    bound of their own. `named_branches`: see `Graph`."""
    terms = Terms()
    symbols = {s.name: terms.var(f"symbol.{s.name}", interval(s.first, s.last)) for s in program.symbols}
    initial = {
        c.name: tuple(
            to_type(terms, evaluate(terms, e, symbols), k.type) for e, k in zip(c.init, c.components, strict=True)
        )
        for c in program.cells
    }
    domains: Domains = {cell: tuple(possible_values(t) for t in parts) for cell, parts in initial.items()}
    start = Graph(
        program=program, terms=terms, threads=(), initial=initial, symbols=symbols, domains=domains,
        counters=frozenset(), lock_bits=frozenset(), named_branches=named_branches, interference=interference,
    )  # fmt: skip
    return with_value_sets(start, unroll_options(start, loops))


def with_dependencies(graph: Graph, loops: int) -> Graph:
    """The graph for a model that uses dependencies: events record the reads that their address, their value and the
    branches around them depend on, and value sets include values that justify each other in a cycle. `loops` is that of
    `build`."""
    cells = {c.name: c for c in graph.program.cells}
    unbounded = cells_on_value_cycles(graph, loops)
    graph = replace(graph, domains=graph.domains | {c: full_range(graph.program, cells[c]) for c in unbounded})
    options = replace(unroll_options(graph, loops), dependencies=True)
    if unbounded or any(map(branches, graph.program.threads)):
        graph = with_value_sets(graph, replace(options, both_branches=True), unbounded)
    return with_value_sets(graph, options, unbounded)


def unroll_options(graph: Graph, loops: int) -> UnrollOptions:
    """How the graph's threads are unrolled for a model without dependencies."""
    srcu = any(has_srcu_grace_period(thread.body) for thread in graph.program.threads)
    return UnrollOptions(loops, named_branches=graph.named_branches, srcu=srcu)


def cells_on_value_cycles(graph: Graph, loops: int) -> frozenset[CellName]:
    """The cells on value cycles that no model forbids, whatever values are possible."""
    if not any(has_plain(thread.body) for thread in graph.program.threads):
        return frozenset()
    options = replace(unroll_options(graph, loops), dependencies=True, both_branches=True, any_target=True)
    threads = RepeatedUnrolling(graph, options).threads(graph.domains, frozenset())
    on_cycles = value_cycles(threads)
    return frozenset(e.cell for t in threads for e in t.events if e.cell is not None and (e.thread, e.uid) in on_cycles)


def with_value_sets(graph: Graph, options: UnrollOptions, unbounded: frozenset[CellName] = frozenset()) -> Graph:
    """The graph unrolled with complete value sets.

    They are the least sets closed under the program's writes, found by unrolling until nothing changes. A cell whose
    set keeps growing stops after as many rounds as there are writes in its cycle of dependence, since every value comes
    from a chain of distinct writes. A cell in `unbounded` may hold every value of its type and is not treated as a
    counter.
    """
    program, terms, initial = graph.program, graph.terms, graph.initial
    domains = dict(graph.domains)
    candidates = frozenset(c.name for c in program.cells if not c.lock and len(c.components) == 1)
    growth = Growth()
    added_by_others = {c.name: MAX_ADDED if c.name in graph.interference.counters else 0 for c in program.cells}
    unrolling = RepeatedUnrolling(graph, options)
    while True:
        threads = unrolling.threads(domains, candidates)
        events = [e for t in threads for e in t.events]
        writes = writes_by_cell(events)
        still_bits = find_lock_bits(candidates, threads, events, terms)
        counters = frozenset(
            c.name
            for c in program.cells
            if not c.lock
            and c.name not in unbounded
            and is_counter(c, writes[c.name], initial[c.name], added_by_others[c.name])
        )
        grown = {
            c.name: values_after(c, writes[c.name], initial[c.name], domains[c.name], counters, added_by_others[c.name])
            for c in program.cells
        }
        words = {c.name: (lock_words(c.name, events),) for c in program.cells if c.lock}
        known = all(domains[lock] == word for lock, word in words.items()) and still_bits == candidates
        domains |= words
        if not growth.take_over(domains, grown | words, events) and known:
            threads = unrolling.with_first_iterations()
            return replace(graph, threads=threads, domains=domains, counters=counters, lock_bits=candidates)
        candidates = still_bits


def branches(thread: Thread) -> bool:
    """Whether the thread has a branch or a loop."""
    return any(isinstance(statement, If | Loop) for statement in statements(thread.body))


class RepeatedUnrolling:
    """Unrolls the threads of a graph again and again, each only if what its cells may hold has changed since."""

    def __init__(self, graph: Graph, options: UnrollOptions) -> None:
        self.options = options
        self.terms = graph.terms
        self.program = graph.program
        self.cells = {c.name: c for c in graph.program.cells}
        self.accessed = [sorted(accessed_cells(thread)) for thread in graph.program.threads]
        self.observed = [observed_variables(graph.program, thread.name) for thread in graph.program.threads]
        self.inputs: dict[int, object] = {}
        self.unrollers: dict[int, Unroller] = {}
        self.unrolled: dict[int, ThreadGraph] = {}

    def threads(self, domains: Domains, candidates: frozenset[CellName]) -> tuple[ThreadGraph, ...]:
        """Every thread unrolled, given what its cells may hold; `candidates` are the cells that look like lock bits."""
        for index, thread in enumerate(self.program.threads):
            accessed = self.accessed[index]
            inputs = [domains[cell] for cell in accessed], candidates.intersection(accessed)
            if inputs != self.inputs.get(index):
                emitter = EventEmitter(
                    self.terms, index, thread, self.cells, domains, candidates, self.observed[index], self.options
                )
                self.inputs[index], self.unrollers[index] = inputs, Unroller(thread, emitter)
                self.unrolled[index] = self.unrollers[index].unrolled()
        return tuple(self.unrolled[index] for index in range(len(self.program.threads)))

    def with_first_iterations(self) -> tuple[ThreadGraph, ...]:
        """The threads as they were unrolled last, with the first iterations of their loops."""
        return tuple(
            self.unrollers[index].with_first_iterations(self.unrolled[index])
            for index in range(len(self.program.threads))
        )


def accessed_cells(thread: Thread) -> frozenset[CellName]:
    """The cells that a thread may access, by the types of its pointers."""
    places = map(place_of, statements(thread.body))
    return frozenset(cell for place in places if place is not None for _, cell in place.targets)


def writes_by_cell(events: list[Event]) -> defaultdict[CellName, list[Event]]:
    """The events that write each cell."""
    writes: defaultdict[CellName, list[Event]] = defaultdict(list)
    for event in events:
        if event.cell is not None and event.writes is not None:
            writes[event.cell].append(event)
    return writes


def find_lock_bits(
    candidates: frozenset[CellName], threads: tuple[ThreadGraph, ...], events: list[Event], terms: Terms
) -> frozenset[CellName]:
    """The candidates that are lock bits: set only by read-modify-writes, and cleared only by the thread that has set
    them.

    If two threads each found such a bit clear and set it, the first cleared it before the second set it. Between the
    first thread's set and the next clear there is no clear by another thread, since that thread would have had to find
    the bit clear and set it in between.
    """
    misused_bits = frozenset[CellName]().union(*(thread.misused_bits for thread in threads))
    others = {e.cell for e in events if e.writes is not None and not sets_bit(e, terms) and not clears_bit(e, terms)}
    set_ = {e.cell for e in events if sets_bit(e, terms)}
    return frozenset(cell for cell in candidates if cell in set_ and cell not in misused_bits | others)


def observed_variables(program: Program, thread: str) -> frozenset[str]:
    """The thread's variables that some property reads."""
    exprs = [e for p in program.properties for i in p.instances for e in (i.situation, i.violation)]
    return frozenset(v.name for v in leaves(*exprs) if isinstance(v, ThreadVar) and v.thread == thread)
