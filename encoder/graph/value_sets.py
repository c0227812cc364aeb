"""The values that each cell may hold, round by round, until they are known.

A round unrolls the program with the values known so far and adds what its writes make of them.
"""

from collections import Counter
from collections.abc import Iterable

from encoder.graph.access import Domains
from encoder.graph.domain import Domain, interval, union
from encoder.graph.events import Event, EventKind
from encoder.graph.term import Term, possible
from encoder.program.core import Cell, CellName, Program, Scalar

INT_RANGES = {"int": (-(2**31), 2**31 - 1), "unsigned": (0, 2**32 - 1)}


def is_summed(cell: Cell, events: list[Event], initial: tuple[Term, ...], more: int) -> bool:
    """Whether the cell is a counter: every read-modify-write adds, and no choice of them leaves 32 bits, with what the
    environment may have added (`more` at most)."""
    writes = [e for e in events if e.cell == cell.name and e.writes is not None]
    adds = [e for e in writes if e.kind is EventKind.RMW]
    if len(cell.components) != 1 or not adds or any(e.delta is None for e in adds):
        return False
    low, high = INT_RANGES.get(cell.components[0].type.kind, (1, 0))
    first, last = sum_range(initial[0], writes, more)
    return low <= first and last <= high


def written(
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


def lock_words(cell: CellName, events: Iterable[Event]) -> Domain:
    """What a lock may hold: 0 free, 1 held for writing, 1 + n held for reading by n acquisitions that were not
    released, of which one thread may have made several."""
    return interval(0, 1 + sum(e.kind is EventKind.ACQUIRE and e.cell == cell and e.mode == "read" for e in events))


def sum_range(initial: Term, writes: list[Event], more: int) -> tuple[int, int]:
    """Bounds of the start (or a store) plus any choice of the deltas and up to `more`."""
    starts = [initial] + [e.writes[0] for e in writes if e.delta is None and e.writes is not None]
    deltas = [e.delta for e in writes if e.delta is not None]
    return (
        min(t.low for t in starts) + sum(min(0, d.low) for d in deltas),
        max(t.high for t in starts) + sum(max(0, d.high) for d in deltas) + more,
    )


def whole_range(program: Program, cell: Cell) -> tuple[Domain, ...]:
    """All values of the types of the cell's components."""
    objects = {struct: len(names) for struct, names in program.objects}

    def values(scalar: Scalar) -> Domain:
        match scalar.kind:
            case "bool":
                return interval(0, 1)
            case "pointer":
                return interval(0, objects[scalar.struct])
            case "int" | "unsigned":
                return interval(*INT_RANGES[scalar.kind])

    return tuple(values(component.type) for component in cell.components)


class Growth:
    """Decides when the cells' values are known: see `build.settled`.

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


def reach(start: CellName, sources: dict[CellName, set[CellName]]) -> set[CellName]:
    seen: set[CellName] = set()
    todo = [start]
    while todo:
        for c in sources.get(todo.pop(), ()):
            if c not in seen:
                seen.add(c)
                todo.append(c)
    return seen
