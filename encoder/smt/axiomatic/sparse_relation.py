"""Sparse relations between nodes: an absent pair is false, any other holds under a condition, which implies that both
events happen.

In a derived relation the conditions of the parts imply the condition of a pair, but not conversely. That suffices where
pairs are forbidden: the solver may let a condition hold exactly where the pair exists.
"""

from collections.abc import Callable, Iterable

from encoder.graph.components import components
from encoder.smt.text.clauses import MAX_UNNAMED, Clauses, Cond, both, minimal

Sparse = dict[int, dict[int, Cond]]
Alternatives = dict[int, dict[int, list[Cond]]]


def add(pairs: Alternatives, a: int, b: int, condition: Cond | None) -> None:
    """Add an alternative condition for a pair; None is no alternative."""
    if condition is not None:
        pairs.setdefault(a, {}).setdefault(b, []).append(condition)


def one_condition(clauses: Clauses, pairs: Alternatives) -> Sparse:
    """The relation with one condition for each pair."""
    any_of = clauses.any_of
    return {
        a: {b: w[0] if len(w) == 1 and len(w[0]) <= MAX_UNNAMED else any_of(w) for b, w in row.items()}
        for a, row in pairs.items()
    }


def union(clauses: Clauses, parts: Iterable[Sparse]) -> Sparse:
    """The union of relations."""
    kept = [p for p in parts if p]
    if len(kept) == 1:
        return kept[0]
    pairs: Alternatives = {}
    for part in kept:
        for a, row in part.items():
            into = pairs.setdefault(a, {})
            for b, condition in row.items():
                into.setdefault(b, []).append(condition)
    return one_condition(clauses, pairs)


def compose(
    clauses: Clauses, left: Sparse, right: Sparse, keep: Callable[[int, int], Cond | None] | None = None
) -> Sparse:
    """`left ; right`; with `keep` only the pairs for which it does not give None, whose condition is ignored."""
    pairs: Alternatives = {}
    nothing: dict[int, Cond] = {}
    for a, row in left.items():
        into: dict[int, list[Cond]] = {}
        for b, first in row.items():
            for c, second in right.get(b, nothing).items():
                if keep is not None and keep(a, c) is None:
                    continue
                condition = first if not second else second if not first else both(first, second)
                if condition is not None:
                    into.setdefault(c, []).append(condition)
        if into:
            pairs[a] = into
    return one_condition(clauses, pairs)


def inverse(relation: Sparse) -> Sparse:
    """The inverse relation."""
    pairs: Sparse = {}
    for a, row in relation.items():
        for b, condition in row.items():
            pairs.setdefault(b, {})[a] = condition
    return pairs


def intersect(left: Sparse, right: Sparse) -> Sparse:
    """The intersection of two relations."""
    pairs: Sparse = {}
    for a, row in left.items():
        other = right.get(a, {})
        for b, condition in row.items():
            if b in other:
                meet = both(condition, other[b])
                if meet is not None:
                    pairs.setdefault(a, {})[b] = meet
    return pairs


def transitive_reduction(relation: Sparse) -> Sparse:
    """The relation without pairs that the closure does not need: those that are also reached by way of a third node,
    with one unconditional step.

    Only unconditional steps to a higher node number count. Such a step is omitted if there are two shorter
    unconditional ones instead; any other pair is omitted if there are an unconditional step and a pair that starts
    later or ends earlier. So whatever replaces a pair is kept in the end.
    """
    certain = {a: {b: c for b, c in row.items() if not c and b > a} for a, row in relation.items()}
    into = inverse(certain)

    def implied(a: int, b: int, condition: Cond) -> bool:
        if b in certain[a]:
            return any(b in certain.get(m, ()) for m in certain[a])
        late = any(m != b and b in relation.get(m, ()) and relation[m][b] <= condition for m in certain[a])
        return late or any(m != a and m in relation[a] and relation[a][m] <= condition for m in into.get(b, ()))

    return {a: {b: c for b, c in row.items() if not implied(a, b, c)} for a, row in relation.items()}


class TransitiveClosure:
    """`left ; relation*` for any `left`.

    Nodes with equal predecessors under equal conditions are reached under equal conditions, and so are the successors
    of equal nodes: each such class is computed once.
    """

    def __init__(self, clauses: Clauses, relation: Sparse) -> None:
        self.clauses = clauses
        self.relation = relation = transitive_reduction(relation)
        self.into = inverse(relation)
        self.component = components(relation)
        signatures: dict[frozenset[tuple[int, Cond]], int] = {}
        self.same_predecessors = {n: signatures.setdefault(frozenset(row.items()), n) for n, row in self.into.items()}
        self.rows: dict[frozenset[tuple[int, Cond]], dict[int, Cond]] = {}

    def sequence(self, left: Sparse) -> Sparse:
        """`left ; relation*`."""
        beyond = compose(self.clauses, left, self.relation)
        for a, row in beyond.items():
            key = frozenset(row.items())
            if key not in self.rows:
                self.rows[key] = self._row(row)
            beyond[a] = self.rows[key]
        return union(self.clauses, [left, beyond])

    def _row(self, start: dict[int, Cond]) -> dict[int, Cond]:
        """The nodes reached from one node, given how it reaches the starts."""
        reached = set(start)
        todo = list(start)
        while todo:
            for b in self.relation.get(todo.pop(), ()):
                if b not in reached:
                    reached.add(b)
                    todo.append(b)
        groups: dict[int, list[int]] = {}
        for node in sorted(reached):
            groups.setdefault(self.component.get(node, -1 - node), []).append(node)
        conditions: dict[int, Cond] = {}
        for number in sorted(groups, reverse=True):
            members = groups[number]
            if len(members) > 1:
                self._cycle(members, start, conditions)
            else:
                alternatives = self._alternatives(members[0], start, conditions)
                if alternatives:
                    conditions[members[0]] = self.clauses.any_of(alternatives)
        return conditions

    def _alternatives(self, node: int, start: dict[int, Cond], conditions: dict[int, Cond]) -> list[Cond]:
        """The conditions under which a node is a start or is reached by its last step."""
        alternatives = {start[node]} if node in start else set()
        for before, step in self.into.get(node, {}).items():
            if before in conditions:
                way = both(conditions[before], step)
                if way is not None:
                    alternatives.add(way)
        return minimal(alternatives)

    def _cycle(self, members: list[int], start: dict[int, Cond], conditions: dict[int, Cond]) -> None:
        """The nodes of one component. A literal for each is derived by clauses; nodes with equal predecessors share
        one."""
        heads: dict[tuple[int, Cond | None], int] = {}
        for node in members:
            given = start.get(node)
            if given is not None and not given:
                conditions[node] = given
                continue
            key = (self.same_predecessors[node], given)
            if key in heads:
                conditions[node] = conditions[heads[key]]
            else:
                heads[key] = node
                conditions[node] = frozenset((self.clauses.fresh(),))
        for node in heads.values():
            (head,) = conditions[node]
            for way in self._alternatives(node, start, conditions):
                if head not in way:
                    self.clauses.forbid(way, head)
