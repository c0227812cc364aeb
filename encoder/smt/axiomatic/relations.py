"""Builds sparse relations over a graph's nodes from a model's relation expressions."""

from encoder.memory.relation import Events, Relation, RelationOp, mentioning
from encoder.smt.axiomatic.base_relations import BaseRelations
from encoder.smt.axiomatic.communication import Communication
from encoder.smt.axiomatic.emptiness import Emptiness
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.axiomatic.sparse_relation import (
    Sparse,
    TransitiveClosure,
    compose,
    intersect,
    inverse,
    one_condition,
    union,
)  # fmt: skip
from encoder.smt.axiomatic.static_predicates import PairTest, all_tests, intersected, is_static, operand, pair_test
from encoder.smt.text.clauses import ALWAYS, Clauses, Cond, both


class RelationEncoder:
    """`relation` builds an expression once; `sequence(left, r)` builds `left ; r` without building all of r."""

    def __init__(self, clauses: Clauses, nodes: list[EventNode], communication: Communication) -> None:
        self.clauses = clauses
        self.nodes = nodes
        self.communication = communication
        self.identity: Sparse = {n.number: {n.number: n.guard} for n in nodes}
        self._relations: dict[Relation, Sparse] = {}
        self.base_relations = BaseRelations(clauses, nodes, communication)
        self._sets: dict[Events, dict[int, Cond]] = {}
        self._closures: dict[int, tuple[Sparse, Sparse]] = {}
        self._sequences: dict[tuple[int, Relation], tuple[Sparse, Sparse]] = {}
        self._recursive: dict[str, Sparse] = {}
        self.is_empty = Emptiness(self.events, communication.rmw).is_empty

    # Sets

    def events(self, events: Events) -> dict[int, Cond]:
        """The nodes of a set, each with the condition, in addition to happening, under which it is a member."""
        members = self._sets.get(events)
        if members is None:
            members = self._sets[events] = self._events(events)
        return members

    def _events(self, events: Events) -> dict[int, Cond]:
        if events.op is RelationOp.TAG:
            return {n.number: n.tags[events.name] for n in self.nodes if events.name in n.tags}
        if events.op in (RelationOp.DOMAIN, RelationOp.RANGE):
            return self._domain_or_range(events)
        parts = [self.events(p) for p in events.args if isinstance(p, Events)]
        if events.op is RelationOp.COMPLEMENT:
            return self._without({n.number: ALWAYS for n in self.nodes}, parts[0])
        left, right = parts
        if events.op is RelationOp.DIFFERENCE:
            return self._without(left, right)
        if events.op is RelationOp.INTERSECTION:
            meets = {n: both(c, right[n]) for n, c in left.items() if n in right}
            return {n: c for n, c in meets.items() if c is not None}
        assert events.op is RelationOp.UNION
        return {n: self._either(left.get(n), right.get(n)) for n in sorted(left.keys() | right.keys())}

    def _either(self, a: Cond | None, b: Cond | None) -> Cond:
        """A condition that holds if one of the two does."""
        ways = [c for c in (a, b) if c is not None]
        return self.clauses.any_of(ways)

    def _domain_or_range(self, events: Events) -> dict[int, Cond]:
        """The domain or range of a relation."""
        (relation,) = events.args
        assert isinstance(relation, Relation)
        pairs = self.relation(relation)
        rows = pairs if events.op is RelationOp.DOMAIN else inverse(pairs)
        return {n: self.clauses.any_of([c - self.nodes[n].guard for c in row.values()]) for n, row in rows.items()}

    @staticmethod
    def _without(left: dict[int, Cond], right: dict[int, Cond]) -> dict[int, Cond]:
        """A difference of sets. Raises ValueError if the subtracted membership depends on the execution: relations must
        be monotone."""
        if any(right[n] for n in left if n in right):
            raise ValueError("a set that depends on the execution cannot be taken away")
        return {n: c for n, c in left.items() if n not in right}

    # Relations

    def relation(self, relation: Relation) -> Sparse:
        """The relation of an expression."""
        pairs = self._relations.get(relation)
        if pairs is None:
            pairs = self._evaluate(relation)
            self._relations[relation] = pairs
        return pairs

    def _evaluate(self, relation: Relation) -> Sparse:
        self.clauses.check_deadline()
        operands = [a for a in relation.args if isinstance(a, Relation)]
        match relation.op:
            case RelationOp.NAME:
                if is_static(relation):
                    return self._filter(self._all_pairs(), self.pair_test(relation))
                recursive = self._recursive.get(relation.name)
                return self.base_relations.relation(relation.name) if recursive is None else recursive
            case RelationOp.LET:
                return self.relation(operands[0])
            case RelationOp.REC:
                return self._least_fixpoint(relation, operands[0])
            case RelationOp.UNION:
                return union(self.clauses, [self.relation(o) for o in operands])
            case RelationOp.INTERSECTION:
                return self._intersection(relation)
            case RelationOp.DIFFERENCE:
                return self._difference(operands[0], operands[1])
            case RelationOp.SEQUENCE:
                if operands[1].op is RelationOp.LET and not self.relation(operands[1]):
                    return {}
                return self.sequence(self.relation(operands[0]), operands[1])
            case RelationOp.OPTION | RelationOp.STAR:
                return self.sequence(self.identity, relation)
            case RelationOp.PLUS:
                return compose(self.clauses, self.relation(operands[0]), self._closure(self.relation(operands[0])))
            case RelationOp.INVERSE:
                return inverse(self.relation(operands[0]))
            case RelationOp.IDENTITY:
                return self.sequence(self.identity, relation)
            case RelationOp.PRODUCT:
                return self._filter(self._all_pairs(), self.pair_test(relation))
            case _:
                raise ValueError(f"{relation.op} is no relation")

    def sequence(self, left: Sparse, relation: Relation) -> Sparse:
        """`left ; relation`."""
        if not left:
            return left
        key = (id(left), relation)
        cached = self._sequences.get(key)
        if cached is None:
            cached = (left, self._sequence(left, relation))
            self._sequences[key] = cached
        return cached[1]

    def _sequence(self, left: Sparse, relation: Relation) -> Sparse:
        first = relation.args[0] if relation.args else None
        match relation.op:
            case RelationOp.IDENTITY:
                assert isinstance(first, Events)
                members = self.events(first)
                kept = {a: {b: both(c, members[b]) for b, c in row.items() if b in members} for a, row in left.items()}
                return {a: {b: c for b, c in row.items() if c is not None} for a, row in kept.items() if row}
            case RelationOp.SEQUENCE:
                assert isinstance(first, Relation)
                second = relation.args[1]
                assert isinstance(second, Relation)
                return self.sequence(self.sequence(left, first), second)
            case RelationOp.UNION:
                return union(self.clauses, [self.sequence(left, a) for a in relation.args if isinstance(a, Relation)])
            case RelationOp.OPTION:
                assert isinstance(first, Relation)
                return union(self.clauses, [left, self.sequence(left, first)])
            case RelationOp.STAR:
                assert isinstance(first, Relation)
                closed = self._closure(self.relation(first))
                return closed if left is self.identity else compose(self.clauses, left, closed)
            case _:
                return compose(self.clauses, left, self.relation(relation))

    def _closure(self, relation: Sparse) -> Sparse:
        """`relation*`."""
        cached = self._closures.get(id(relation))
        if cached is None:
            cached = self._closures[id(relation)] = (
                relation,
                TransitiveClosure(self.clauses, relation).sequence(self.identity),
            )
        return cached[1]

    # Intersection and difference

    def _intersection(self, relation: Relation) -> Sparse:
        """The intersection of all members; static ones only filter pairs."""
        parts = intersected(relation)
        others = [part for part in parts if not is_static(part)]
        keep = all_tests(self.pair_test(part) for part in parts if is_static(part))
        pairs = self._filter_lazily(others[0], keep) if others else self._filter(self._all_pairs(), keep)
        for part in others[1:]:
            if not pairs:
                break
            pairs = intersect(pairs, self.relation(part))
        return pairs

    def _filter_lazily(self, relation: Relation, keep: PairTest) -> Sparse:
        """The pairs of the relation that pass a test; where possible, pairs that do not pass are not built."""
        if relation not in self._relations:
            match relation.op:
                case RelationOp.LET:
                    return self._filter_lazily(operand(relation, 0), keep)
                case RelationOp.DIFFERENCE if is_static(operand(relation, 1)):
                    drop = self.pair_test(operand(relation, 1))
                    return self._filter_lazily(
                        operand(relation, 0), lambda a, b: keep(a, b) if is_kept(drop(a, b)) else None
                    )
                case RelationOp.NAME if relation.name == "po":
                    kept = self.base_relations.alternatives("po", keep)
                    return self._filter(one_condition(self.clauses, kept), keep)
                case RelationOp.SEQUENCE:
                    return self._filter_sequence(operand(relation, 0), operand(relation, 1), keep)
                case _:
                    pass
        return self._filter(self.relation(relation), keep)

    def _filter_sequence(self, left: Relation, right: Relation, keep: PairTest) -> Sparse:
        """The pairs of `left ; right` that pass a test."""
        match right.op:
            case RelationOp.IDENTITY:
                return self.sequence(self._filter_lazily(left, keep), right)
            case RelationOp.OPTION:
                beyond = compose(self.clauses, self.relation(left), self.relation(operand(right, 0)), keep)
                return union(self.clauses, [self._filter_lazily(left, keep), self._filter(beyond, keep)])
            case _:
                return self._filter(self.relation(left >> right), keep)

    def _difference(self, left: Relation, right: Relation) -> Sparse:
        """A difference of relations. Raises ValueError unless what is subtracted is the same in every execution."""
        if not is_static(right):
            raise ValueError("a relation that depends on the execution cannot be taken away")
        drop = self.pair_test(right)
        return {a: {b: c for b, c in row.items() if is_kept(drop(a, b))} for a, row in self.relation(left).items()}

    def _filter(self, relation: Sparse, keep: PairTest) -> Sparse:
        """The pairs that pass a test."""
        pairs: Sparse = {}
        for a, row in relation.items():
            for b, condition in row.items():
                extra = keep(a, b)
                meet = None if extra is None else both(condition, extra)
                if meet is not None:
                    pairs.setdefault(a, {})[b] = meet
        return pairs

    def _all_pairs(self) -> Sparse:
        """All pairs of nodes that can both happen."""
        pairs: Sparse = {}
        for a in self.nodes:
            for b in self.nodes:
                guard = both(a.guard, b.guard)
                if guard is not None:
                    pairs.setdefault(a.number, {})[b.number] = guard
        return pairs

    def pair_test(self, relation: Relation) -> PairTest:
        """The test of pairs that a static relation is; see `is_static`."""
        return pair_test(relation, self.nodes, self.events, self.clauses)

    # Recursion

    def _least_fixpoint(self, relation: Relation, body: Relation) -> Sparse:
        """The least relation that satisfies a recursive definition: a literal for each pair that may be in it, and
        clauses that derive them."""
        assert relation.name not in self._recursive
        clauses = self.clauses
        recursive = mentioning(body, relation.name)
        may: Sparse = {}
        while True:
            self._recursive[relation.name] = may
            grown = self._fresh_evaluation(body, recursive)
            if all(b in may.get(a, {}) for a, row in grown.items() for b in row):
                break
            known = may
            may = {}
            for a, row in grown.items():
                may[a] = {b: known.get(a, {}).get(b) or frozenset((clauses.fresh(),)) for b in row}
        for a, row in grown.items():
            for b, condition in row.items():
                (head,) = may[a][b]
                if head not in condition:
                    clauses.forbid(condition, head)
        del self._recursive[relation.name]
        return may

    def _fresh_evaluation(self, body: Relation, recursive: set[Relation]) -> Sparse:
        """Build an expression whose recursive parts are still growing, without caching these."""
        self._relations = {r: pairs for r, pairs in self._relations.items() if r not in recursive}
        self._sequences = {key: pairs for key, pairs in self._sequences.items() if key[1] not in recursive}
        return self.relation(body)


def is_kept(drop: Cond | None) -> bool:
    """Whether a pair stays when a relation with this test is subtracted. Raises ValueError if that depends on the
    execution."""
    if drop:
        raise ValueError("a relation that depends on the execution cannot be taken away")
    return drop is None
