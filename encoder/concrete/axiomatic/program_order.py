"""Program order as far as a drawing can have it, where a model's own order contradicts it.

Under the kernel's model a read may be satisfied before an earlier one, and a store may be seen before an earlier read
has its value. Then no drawing shows every thread in program order. As few steps as possible leave their place: reads
rather than stores, stores rather than read-modify-writes. None goes further than it must, and the others, with the
fences and the ends of regions among them, stay in program order.
"""

from collections.abc import Callable, Iterable, Sequence

from encoder.concrete.axiomatic.cycles import shortest_cycle

StepEdge = tuple[int, int]  # between steps, numbered from 1
Edges = set[StepEdge]
Preference = Callable[[int], tuple[int, ...]]
"""The steps that leave their place more easily come first."""

MOST_MOVED = 4
"""Up to so many steps out of place are known to be the fewest; where there have to be more there may be too many."""


class AcyclicOrder:
    """Edges between steps 1 to `size` that form no cycle; an edge that would close one is not taken."""

    def __init__(self, size: int) -> None:
        self.edges: Edges = set()
        self._after = [0] * (size + 1)

    def extend(self, edges: Iterable[StepEdge]) -> None:
        """Take the edges one by one."""
        for a, b in edges:
            if a != b and not self.leads(b, a):
                self.edges.add((a, b))
                self._reach(a, b)

    def leads(self, a: int, b: int) -> bool:
        """Whether edges lead from one to the other."""
        return bool(self._after[a] >> b & 1)

    def allows(self, *edges: StepEdge) -> bool:
        """Whether all of them can be taken."""
        trial = AcyclicOrder(len(self._after) - 1)
        trial._after = self._after[:]
        trial.extend(edges)
        return trial.edges == set(edges)

    def _reach(self, a: int, b: int) -> None:
        reached = self._after[b] | 1 << b
        for step, after in enumerate(self._after):
            if step == a or after >> a & 1:
                self._after[step] |= reached


def program_order(order: AcyclicOrder, listing: Sequence[Sequence[int]], preference: Preference) -> None:
    """Take as much of program order as can be. `listing` has each thread's steps in program order."""
    moved = displaced(order.edges, listing, preference)
    apart = range(1, max(map(len, listing), default=0))
    pairs = [pair for distance in apart for steps in listing for pair in zip(steps, steps[distance:], strict=False)]
    order.extend(sorted(pairs, key=lambda pair: not moved.isdisjoint(pair)))


def displaced(own: Edges, listing: Sequence[Sequence[int]], preference: Preference) -> frozenset[int]:
    """The fewest steps without which program order agrees with `own`, which has no cycle itself."""
    ends = {step for edge in own for step in edge}
    between = [[step for step in steps if step in ends] for steps in listing]
    po = {(a, b) for steps in between for i, a in enumerate(steps) for b in steps[i + 1 :]} - own
    for most in range(MOST_MOVED + 1):
        found = _within(own, po, frozenset(), most, preference)
        if found is not None:
            return found
    moved: frozenset[int] = frozenset()
    while ways := _ways(own, po, moved, preference):
        moved |= {ways[0]}
    return moved


def _within(own: Edges, po: Edges, moved: frozenset[int], more: int, preference: Preference) -> frozenset[int] | None:
    """`moved` and at most so many more; None where they do not suffice."""
    ways = _ways(own, po, moved, preference)
    if not ways:
        return moved
    tried = (_within(own, po, moved | {way}, more - 1, preference) for way in ways if more)
    return next((found for found in tried if found is not None), None)


def _ways(own: Edges, po: Edges, moved: frozenset[int], preference: Preference) -> list[int]:
    """The steps one of which has to leave its place too, () where none has to: the ends of program order in a cycle."""
    left = {edge for edge in po if moved.isdisjoint(edge)}
    after: dict[int, list[int]] = {}
    for a, b in sorted(own | left):
        after.setdefault(a, []).append(b)
    cycle = shortest_cycle(after)
    steps = {step for edge in zip(cycle, (*cycle[1:], *cycle[:1]), strict=True) if edge in left for step in edge}
    return sorted(steps, key=preference)
