"""The sets of values that each cell may hold, grown round by round until they are complete.

A round unrolls the program with the sets so far and adds the values that its writes then produce.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from encoder.graph.access import Domains
from encoder.graph.components import components
from encoder.graph.domain import Domain, interval, union
from encoder.graph.events import Event, EventKind
from encoder.graph.term import Term, possible_values
from encoder.program.core import Cell, CellName, Program, Scalar

INT_RANGES = {"int": (-(2**31), 2**31 - 1), "unsigned": (0, 2**32 - 1)}


def is_counter(cell: Cell, writes: list[Event], initial: tuple[Term, ...], added_by_others: int) -> bool:
    """Whether the cell, which these events write, can be treated as a counter: every read-modify-write adds an amount
    that does not depend on the value read, and no selection of the adds leaves the 32-bit range, even with up to
    `added_by_others` from interference."""
    adds = [e for e in writes if e.kind is EventKind.RMW]
    if len(cell.components) != 1 or not adds or any(e.delta is None for e in adds):
        return False
    low, high = INT_RANGES.get(cell.components[0].type.kind, (1, 0))
    first, last = sum_range(initial[0], writes, added_by_others)
    return low <= first and last <= high


def values_after(
    cell: Cell,
    writes: list[Event],
    initial: tuple[Term, ...],
    before: tuple[Domain, ...],
    counters: frozenset[CellName],
    added_by_others: int,
) -> tuple[Domain, ...]:
    """The values that the cell may hold, given the events that write it and what it was known to hold `before`."""
    if cell.lock:
        return before
    if cell.name in counters:
        return (sum_range(initial[0], writes, added_by_others),)
    result = []
    for k in range(len(cell.components)):
        domain = union(possible_values(initial[k]), before[k])
        for event in writes:
            assert event.writes is not None
            domain = union(domain, possible_values(event.writes[k]))
        result.append(domain)
    return tuple(result)


def lock_words(cell: CellName, events: Iterable[Event]) -> Domain:
    """The values of a lock: 0 if free, 1 if held for writing, 1 + n if held for reading by n acquisitions that were not
    released, several of which may be of one thread."""
    return interval(0, 1 + sum(e.kind is EventKind.ACQUIRE and e.cell == cell and e.mode == "read" for e in events))


def sum_range(initial: Term, writes: list[Event], added_by_others: int) -> tuple[int, int]:
    """Bounds of the initial value (or a store) plus any selection of the deltas and up to `added_by_others`."""
    starts = [initial] + [e.writes[0] for e in writes if e.delta is None and e.writes is not None]
    deltas = [e.delta for e in writes if e.delta is not None]
    return (
        min(t.low for t in starts) + sum(min(0, d.low) for d in deltas),
        max(t.high for t in starts) + sum(max(0, d.high) for d in deltas) + added_by_others,
    )


def full_range(program: Program, cell: Cell) -> tuple[Domain, ...]:
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
    """Decides when the value sets are complete: see `build.with_value_sets`.

    A cell and those that it depends on and that depend on it grow together, by one link of a chain of their writes in a
    round. Their rounds are counted from the last time that another cell they depend on has grown, or that a new write
    or dependence appeared: reads of a cell with one possible value are constants, which nothing depends on.
    """

    def __init__(self) -> None:
        self.rounds: dict[CellName, int] = {}
        self.shapes: dict[CellName, object] = {}
        self.grown: set[CellName] = set()

    def take_over(self, domains: Domains, grown: Domains, events: list[Event]) -> bool:
        """Take over the sets that have grown into `domains`, except for cells that have grown long enough; whether
        anything was taken over."""
        grown_cells = {cell for cell in grown if grown[cell] != domains[cell]}
        if not grown_cells:
            return False
        sources = dependence(events)
        writes = Counter(e.cell for e in events if e.writes is not None)
        for circle in circles(grown, sources):
            edges = frozenset((c, s) for c in circle for s in sources.get(c, ()))
            shape = edges, sum(writes[c] for c in circle)
            fed = not self.grown.isdisjoint({s for _, s in edges} - circle)
            for cell in circle & grown.keys():
                anew = fed or shape != self.shapes.get(cell)
                self.rounds[cell] = 0 if anew else self.rounds[cell] + 1
                self.shapes[cell] = shape
                if self.rounds[cell] >= shape[1]:
                    grown_cells.discard(cell)
        for cell in grown_cells:
            domains[cell] = grown[cell]
        self.grown = grown_cells
        return bool(grown_cells)


def dependence(events: list[Event]) -> dict[CellName, set[CellName]]:
    """For each cell, the cells that the values written to it are computed from."""
    cell_of = {term.ident: e.cell for e in events if e.cell for term in e.reads}
    sources: dict[CellName, set[CellName]] = {}
    for event in events:
        if event.cell is not None and event.writes is not None:
            cells = sources.setdefault(event.cell, set())
            cells.update(cell_of[t.ident] for w in event.writes for t in subterms(w) if t.ident in cell_of)
    return sources


def subterms(term: Term) -> Iterable[Term]:
    """All subterms of a term."""
    seen: dict[int, Term] = {}
    todo = [term]
    while todo:
        t = todo.pop()
        if t.ident not in seen:
            seen[t.ident] = t
            todo.extend(t.args)
    return seen.values()


def circles(cells: Iterable[CellName], sources: Mapping[CellName, Iterable[CellName]]) -> list[frozenset[CellName]]:
    """The cells and what they depend on, by mutual dependence: the strongly connected components of `sources`."""
    members: dict[int, set[CellName]] = {}
    for cell, number in components({cell: sources.get(cell, ()) for cell in cells}).items():
        members.setdefault(number, set()).add(cell)
    return [frozenset(each) for each in members.values()]
