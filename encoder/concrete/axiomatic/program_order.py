"""Program order as far as a drawing can show it, where the model's own order contradicts it.

Under the kernel's model a read may be satisfied before an earlier one, and a store may be seen before an earlier read
has its value. Then no sequence shows every thread in program order. As few steps as possible leave it: reads rather
than stores, stores rather than read-modify-writes. None moves further than it must; all other steps, fences and the
ends of regions among them, stay in program order.
"""

from collections.abc import Callable, Iterable, Sequence

from encoder.concrete.axiomatic.cycles import shortest_cycle

StepEdge = tuple[int, int]  # between steps, numbered from 1
Edges = set[StepEdge]
Preference = Callable[[int], tuple[int, ...]]
"""Sorts steps: those that should rather be reordered come first."""

MOST_REORDERED = 4
"""Up to this many reordered steps the number is minimal; beyond it steps are taken greedily, which may be too many."""


class AcyclicOrder:
    """Edges between steps 1 to `size` that form no cycle; an edge that would close a cycle is not added."""

    def __init__(self, size: int) -> None:
        self.edges: Edges = set()
        self._after = [0] * (size + 1)

    def extend(self, edges: Iterable[StepEdge]) -> None:
        """Add the edges one by one, those that would close a cycle left out."""
        for a, b in edges:
            if a != b and not self.reaches(b, a):
                self.edges.add((a, b))
                self._reach(a, b)

    def reaches(self, a: int, b: int) -> bool:
        """Whether a path of edges leads from `a` to `b`."""
        return bool(self._after[a] >> b & 1)

    def allows(self, *edges: StepEdge) -> bool:
        """Whether all these edges can be added."""
        trial = AcyclicOrder(len(self._after) - 1)
        trial._after = self._after[:]
        trial.extend(edges)
        return trial.edges == set(edges)

    def _reach(self, a: int, b: int) -> None:
        reached = self._after[b] | 1 << b
        for step, after in enumerate(self._after):
            if step == a or after >> a & 1:
                self._after[step] |= reached


def add_program_order(order: AcyclicOrder, listing: Sequence[Sequence[int]], preference: Preference) -> None:
    """Add as much of program order as is possible. `listing` has each thread's steps in program order."""
    reordered = reordered_steps(order.edges, listing, preference)
    apart = range(1, max(map(len, listing), default=0))
    pairs = [pair for distance in apart for steps in listing for pair in zip(steps, steps[distance:], strict=False)]
    order.extend(sorted(pairs, key=lambda pair: not reordered.isdisjoint(pair)))


def reordered_steps(own: Edges, listing: Sequence[Sequence[int]], preference: Preference) -> frozenset[int]:
    """A smallest set of steps without which program order agrees with the edges `own`, which are acyclic (greedy beyond
    MOST_REORDERED)."""
    ends = {step for edge in own for step in edge}
    between = [[step for step in steps if step in ends] for steps in listing]
    po = {(a, b) for steps in between for i, a in enumerate(steps) for b in steps[i + 1 :]} - own
    for most in range(MOST_REORDERED + 1):
        found = _at_most(own, po, frozenset(), most, preference)
        if found is not None:
            return found
    reordered: frozenset[int] = frozenset()
    while candidates := _candidates(own, po, reordered, preference):
        reordered |= {candidates[0]}
    return reordered


def _at_most(
    own: Edges, po: Edges, reordered: frozenset[int], more: int, preference: Preference
) -> frozenset[int] | None:
    """`reordered` and at most `more` further steps, such that no cycle is left; None where they do not suffice."""
    candidates = _candidates(own, po, reordered, preference)
    if not candidates:
        return reordered
    runs_under = (_at_most(own, po, reordered | {candidate}, more - 1, preference) for candidate in candidates if more)
    return next((found for found in runs_under if found is not None), None)


def _candidates(own: Edges, po: Edges, reordered: frozenset[int], preference: Preference) -> list[int]:
    """The ends of the program-order edges in a shortest cycle, one of which has to be reordered; () where there is no
    cycle."""
    left = {edge for edge in po if reordered.isdisjoint(edge)}
    after: dict[int, list[int]] = {}
    for a, b in sorted(own | left):
        after.setdefault(a, []).append(b)
    cycle = shortest_cycle(after)
    steps = {step for edge in zip(cycle, (*cycle[1:], *cycle[:1]), strict=True) if edge in left for step in edge}
    return sorted(steps, key=preference)
