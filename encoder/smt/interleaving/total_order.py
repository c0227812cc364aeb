"""One total order of the conflicting events, as Boolean literals.

This encodes a model with the axiom `acyclic po | rf | co | fr`: co, fr and rf are read off one order that extends po.
Only pairs of events of different threads have an order literal; within a thread the listing order holds. Two events
that a common lock protects have no literal of their own: they are ordered as their critical sections are. What these
say of an event that does not happen must not contradict the listing order: where the section ends on another branch,
and what follows there is listed first, the event is stray, and its order counts only if it happens.
"""

from itertools import combinations

from encoder.graph.conflicts import Conflicts, common_lock, is_stray
from encoder.graph.events import Event, LockSection
from encoder.smt.text.script import FALSE, TRUE, Script, both, either, negate


class TotalOrder:
    """`before(a, b)` is the literal that `a` happens before `b`.

    It means nothing unless both events happen: conjoin it with the conditions that they do.
    """

    def __init__(self, script: Script, conflicts: Conflicts, happens: dict[Event, str]) -> None:
        self.script = script
        self.conflicts = conflicts
        self.happens = happens
        self.sections: dict[tuple[LockSection, LockSection], str] = {}
        self.ordered = {events[0].thread: events for events in conflicts.ordered if events}
        self.stray: dict[tuple[Event, LockSection], bool] = {}

    def before(self, a: Event, b: Event) -> str:
        """`a` before `b`. For events under a common lock it is false unless both took the lock."""
        if a.thread == b.thread:
            return TRUE if a.step.index < b.step.index else FALSE
        shared = common_lock(a, b)
        if shared is None:
            return self._single(a, b)
        stray = (self.happens[e] for e, s in zip((a, b), shared, strict=True) if self._is_stray(e, s))
        return both(self._section(*shared), *stray)

    def _is_stray(self, event: Event, section: LockSection) -> bool:
        """See `conflicts.is_stray`; only events that have an order matter."""
        key = event, section
        if key not in self.stray:
            self.stray[key] = is_stray(event, section, self.ordered.get(event.thread, ()))
        return self.stray[key]

    def _single(self, a: Event, b: Event) -> str:
        """The order literal of two events."""
        first, second = (a, b) if a.thread < b.thread else (b, a)
        literal = self.script.boolean(f"lt.{first.thread}.{first.uid}.{second.thread}.{second.uid}")
        return literal if first is a else negate(literal)

    def _section(self, a: LockSection, b: LockSection) -> str:
        """One of `a` and one of `b` hold the lock, that of `a` first."""
        literal = self.sections.get((a, b))
        if literal is None:
            name = f"cs.{a[0].thread}.{'.'.join(str(e.uid) for e in a)}.{b[0].thread}.{'.'.join(str(e.uid) for e in b)}"
            pairs = [both(self.before(x, y), self._holds(x, a), self._holds(y, b)) for x in a for y in b]
            literal = self.sections[a, b] = self.script.define(name, either(*pairs))
        return literal

    def _holds(self, event: Event, section: LockSection) -> str:
        """This acquisition is the latest one of the section that took the lock."""
        later = [e for e in section if e.step.index > event.step.index]
        return both(self._taken(event), *(negate(self._taken(e)) for e in later))

    def _taken(self, event: Event) -> str:
        """The event happens and takes the lock."""
        return both(self.happens[event], self.script.truth(event.takes))

    # Acyclicity

    def assert_total(self) -> None:
        """Assert that no cycle goes through two or three threads, which excludes all cycles."""
        self.script.group("order: the placed events are in one total order that extends po")
        threads = [events for events in self.conflicts.ordered if events]
        for one, other in combinations(threads, 2):
            self._two(one, other)
            self._two(other, one)
        for one, second, third in combinations(threads, 3):
            self._three(one, second, third)
            self._three(one, third, second)

    def _two(self, one: tuple[Event, ...], other: tuple[Event, ...]) -> None:
        """Exclude cycles `a`, a successor of `a`, `b`, `a`.

        The next successor suffices, since it precedes all further ones; but if its order with `b` is one of critical
        sections, which says nothing if one of them is not entered, the following successor is needed too.
        """
        for b in other:
            for number, a in enumerate(one):
                for successor in one[number + 1 :]:
                    self._forbid(self.before(successor, b), self.before(b, a))
                    if common_lock(successor, b) is None:
                        break

    def _three(self, one: tuple[Event, ...], second: tuple[Event, ...], third: tuple[Event, ...]) -> None:
        """Exclude cycles `x`, `y`, `z`, `x`."""
        edges = [self._edges(*pair) for pair in ((one, second), (second, third), (third, one))]
        few = sum(any(not own for _, own in pairs.values()) for pairs in edges) == 1
        xy, yz, zx = edges
        for x in one:
            for y in second:
                first, speaks_xy = xy[x, y]
                for z in third:
                    (middle, speaks_yz), (last, speaks_zx) = yz[y, z], zx[z, x]
                    if not few or (speaks_xy and speaks_yz and speaks_zx):
                        self._forbid(first, middle, last)

    def _edges(self, one: tuple[Event, ...], other: tuple[Event, ...]) -> dict[tuple[Event, Event], tuple[str, bool]]:
        """For each pair its literal, and whether a clause is needed for it: the pair has no common lock, or it consists
        of the last ordered event of the first critical section and the first one of the second, or of stray ones.

        If only these two threads share locks, every cycle with an edge between two critical sections implies one
        through such a pair: the cycle's other edges reach the pair along po.
        """
        shared = {(a, b): common_lock(a, b) for a in one for b in other}
        last: dict[tuple[LockSection, LockSection], Event] = {}
        first: dict[tuple[LockSection, LockSection], Event] = {}
        for (a, b), sections in shared.items():
            if sections is not None:
                if not self._is_stray(a, sections[0]):
                    last[sections] = max(last.get(sections, a), a, key=lambda e: e.step.index)
                if not self._is_stray(b, sections[1]):
                    first[sections] = min(first.get(sections, b), b, key=lambda e: e.step.index)

        def speaks(a: Event, b: Event, sections: tuple[LockSection, LockSection]) -> bool:
            return (last.get(sections) is a or self._is_stray(a, sections[0])) and (
                first.get(sections) is b or self._is_stray(b, sections[1])
            )

        return {(a, b): (self.before(a, b), s is None or speaks(a, b, s)) for (a, b), s in shared.items()}

    def _forbid(self, *literals: str) -> None:
        """Assert that not all of the literals hold."""
        self.script.clause(*(negate(x) for x in literals))
