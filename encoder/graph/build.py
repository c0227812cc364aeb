"""A program to its event graph: unroll until the values that each cell may hold are known."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from encoder.graph.access import Domains, clears, sets
from encoder.graph.domain import Domain, interval, union
from encoder.graph.evaluate import evaluate, leaves, to_type
from encoder.graph.events import MOST, NOBODY, Environment, Event, Graph, Kind, ThreadGraph
from encoder.graph.term import Term, Terms, possible
from encoder.graph.unroll import Unroller
from encoder.graph.waits import waits_for_srcu
from encoder.program.core import Cell, CellName, Program, ThreadVar

THIN_AIR = 0x7EA1  # stands for all values that no write of the program makes


def build(program: Program, loops: int, environment: Environment = NOBODY, *, named: bool = False) -> Graph:
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
    for cell in program.cells:
        if cell.lock:
            domains[cell.name] = (interval(0, 1 + len(program.threads)),)
    start = Graph(
        program=program, terms=terms, threads=(), initial=initial, symbols=symbols, domains=domains, summed=frozenset(),
        bits=frozenset(c.name for c in program.cells if not c.lock and len(c.components) == 1), named=named,
        environment=environment,
    )  # fmt: skip
    return settled(start, loops, dependencies=False)


def with_dependencies(graph: Graph, loops: int) -> Graph:
    """The graph as models need it that speak of dependencies: its events say on which reads their address, value and
    branches depend, and values from thin air are taken into account (see `thin_air`)."""
    while True:
        graph = settled(graph, loops, dependencies=True)
        circles = {c for c in thin_air(graph.threads) if all(isinstance(d, frozenset) for d in graph.domains[c])}
        if all(THIN_AIR in d for c in circles for d in graph.domains[c] if isinstance(d, frozenset)):
            return graph
        more = {c: tuple(union(d, frozenset({THIN_AIR})) for d in graph.domains[c]) for c in circles}
        graph = replace(graph, domains=graph.domains | more)


def settled(graph: Graph, loops: int, *, dependencies: bool) -> Graph:
    """The graph unrolled, once the values that each cell may hold have grown to what they are.

    They are the least sets closed under the program's writes, found by unrolling until nothing changes. A cell that
    keeps growing stops after as many rounds as there are writes in its cycle of dependence: every value comes from a
    chain of distinct writes. Only plain writes may go in a circle.
    """
    program, terms, initial = graph.program, graph.terms, graph.initial
    domains, locks = dict(graph.domains), graph.bits
    growth, srcu = Growth(), any(waits_for_srcu(thread.body) for thread in program.threads)
    watched = [observed(program, thread.name) for thread in program.threads]
    cells = {c.name: c for c in program.cells}
    more = {c.name: MOST if c.name in graph.environment.counters else 0 for c in program.cells}
    while True:
        unrolled = [
            Unroller(
                terms, i, thread, cells, domains, locks, watched[i], loops,
                dependencies=dependencies, named=graph.named, srcu=srcu,
            )
            for i, thread in enumerate(program.threads)
        ]  # fmt: skip
        threads = tuple(u.result() for u in unrolled)
        events = [e for t in threads for e in t.events]
        kept = lock_bits(locks, unrolled, events, terms)
        summed = frozenset(
            c.name for c in program.cells if not c.lock and is_summed(c, events, initial[c.name], more[c.name])
        )
        grown = {
            c.name: hull(terms, c, events, initial[c.name], domains[c.name], summed, more[c.name])
            for c in program.cells
        }
        if not growth.changed(domains, grown, events) and kept == locks:
            return replace(graph, threads=threads, domains=domains, summed=summed, bits=locks)
        locks = kept


def lock_bits(
    locks: frozenset[CellName], unrolled: list[Unroller], events: list[Event], terms: Terms
) -> frozenset[CellName]:
    """Those cells that are lock bits: only ever set by read-modify-writes, and only cleared by who has set them.

    Of two threads that found such a bit clear and set it, the first has cleared it before the second set it: between
    its set and the next clear of the bit by anybody lies no other thread's clear, since that thread would have had to
    find the bit clear in between.
    """
    misused = {cell for u in unrolled for cell in u.misused}
    others = {e.cell for e in events if e.writes is not None and not sets(e, terms) and not clears(e, terms)}
    set_ = {e.cell for e in events if sets(e, terms)}
    return frozenset(cell for cell in locks if cell in set_ and cell not in misused | others)


def observed(program: Program, thread: str) -> frozenset[str]:
    """The thread's variables that some property reads."""
    exprs = [e for p in program.properties for i in p.instances for e in (i.situation, i.violation)]
    return frozenset(v.name for e in exprs for v in leaves(e) if isinstance(v, ThreadVar) and v.thread == thread)


def is_summed(cell: Cell, events: list[Event], initial: tuple[Term, ...], more: int) -> bool:
    """Whether the cell is a counter: every read-modify-write adds, and no choice of them leaves 32 bits, with what the
    environment may have added."""
    writes = [e for e in events if e.cell == cell.name and e.writes is not None]
    adds = [e for e in writes if e.kind is Kind.RMW]
    if len(cell.components) != 1 or not adds or any(e.delta is None for e in adds):
        return False
    low, high = {"int": (-(2**31), 2**31 - 1), "unsigned": (0, 2**32 - 1)}.get(cell.components[0].type.kind, (1, 0))
    first, last = sum_range(initial[0], writes, more)
    return low <= first and last <= high


def hull(
    terms: Terms,
    cell: Cell,
    events: list[Event],
    initial: tuple[Term, ...],
    before: tuple[Domain, ...],
    summed: frozenset[CellName],
    more: int,
) -> tuple[Domain, ...]:
    """What the cell may hold, given what it was thought to hold."""
    if cell.lock:
        return before
    writes = [e for e in events if e.cell == cell.name and e.writes is not None]
    if cell.name in summed:
        return (sum_range(initial[0], writes, more),)
    result = []
    for k in range(len(cell.components)):
        found = union(possible(initial[k]), before[k])
        for event in writes:
            assert event.writes is not None
            found = union(found, possible(event.writes[k]))
        result.append(found)
    return tuple(result)


def sum_range(initial: Term, writes: list[Event], more: int) -> tuple[int, int]:
    """Bounds of the start (or a store) plus any choice of the deltas and up to `more`."""
    starts = [initial] + [e.writes[0] for e in writes if e.delta is None and e.writes is not None]
    deltas = [e.delta for e in writes if e.delta is not None]
    return (
        min(t.low for t in starts) + sum(min(0, d.low) for d in deltas),
        max(t.high for t in starts) + sum(max(0, d.high) for d in deltas) + more,
    )


class Growth:
    """Decides when the cells' values are known; see `settled`.

    A cell and those that it depends on and that depend on it grow together, a chain of their writes by one a round.
    The rounds count from when what else they depend on has last grown, or a write or a dependence has shown itself: a
    cell with one value only is a number, on which nothing depends.
    """

    def __init__(self) -> None:
        self.rounds: dict[CellName, int] = {}
        self.shapes: dict[CellName, object] = {}
        self.taken: set[CellName] = set()

    def changed(self, domains: Domains, grown: Domains, events: list[Event]) -> bool:
        """Take over what has grown, except where a cell has grown long enough; whether anything was taken over."""
        moved = {cell for cell in grown if grown[cell] != domains[cell]}
        if not moved:
            return False
        sources = dependence(events)
        below = {cell: reach(cell, sources) for cell in grown}
        writes = Counter(e.cell for e in events if e.writes is not None)
        for cell in grown:
            circle = frozenset({cell} | {c for c in below[cell] if cell in below[c]})
            edges = frozenset((c, s) for c in circle for s in sources.get(c, ()))
            shape = edges, sum(writes[c] for c in circle)
            inputs = {s for _, s in edges} - circle
            anew = shape != self.shapes.get(cell) or inputs & self.taken
            self.rounds[cell] = 0 if anew else self.rounds[cell] + 1
            self.shapes[cell] = shape
            if self.rounds[cell] >= shape[1]:
                moved.discard(cell)
        for cell in moved:
            domains[cell] = grown[cell]
        self.taken = moved
        return bool(moved)


def dependence(events: list[Event]) -> dict[CellName, set[CellName]]:
    """For each cell, the cells whose values the values written to it are made of."""
    cell_of = {term.ident: e.cell for e in events if e.cell for term in e.reads}
    sources: dict[CellName, set[CellName]] = {}
    for event in events:
        if event.cell is not None and event.writes is not None:
            found = sources.setdefault(event.cell, set())
            found.update(cell_of[t.ident] for w in event.writes for t in subterms(w) if t.ident in cell_of)
    return sources


def subterms(term: Term) -> Iterable[Term]:
    seen: dict[int, Term] = {}
    todo = [term]
    while todo:
        t = todo.pop()
        if t.ident not in seen:
            seen[t.ident] = t
            todo.extend(t.args)
    return seen.values()


def thin_air(threads: tuple[ThreadGraph, ...]) -> set[CellName]:
    """The cells with a plain write whose value may come, by any path through memory, from that write itself.

    The kernel's model lets such a circle take any value out of thin air: its cells may hold `THIN_AIR` too.
    """
    sources: dict[CellName, set[CellName]] = {}
    plain: set[CellName] = set()
    for thread in threads:
        cells = {e.uid: e.cell for e in thread.events}
        for event in thread.events:
            if event.cell is not None and event.writes is not None:
                found = {cells[uid] for uid, _ in event.data if uid != event.uid}
                sources.setdefault(event.cell, set()).update(c for c in found if c is not None)
                if event.tags == ("plain",):
                    plain.add(event.cell)
    return {member for cell in plain if cell in reach(cell, sources) for member in cycle(cell, sources)}


def cycle(cell: CellName, sources: dict[CellName, set[CellName]]) -> set[CellName]:
    """The cells that depend on the cell and that it depends on, itself included."""
    below = reach(cell, sources)
    return {cell} | {c for c in below if cell in reach(c, sources)}


def reach(start: CellName, sources: dict[CellName, set[CellName]]) -> set[CellName]:
    seen: set[CellName] = set()
    todo = [start]
    while todo:
        for c in sources.get(todo.pop(), ()):
            if c not in seen:
                seen.add(c)
                todo.append(c)
    return seen
