"""A memory model's expressions evaluated on one execution, by definition: events are sets, relations are sets of pairs.

broken_axioms(model, execution) -> the names of the axioms that are broken
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import assert_never

from encoder.memory.model import Axiom, MemoryModel
from encoder.memory.relation import Events, Relation, RelationOp, names

NodePair = tuple[int, int]
Pairs = frozenset[NodePair]
EventSet = frozenset[int]

NOTHING: Pairs = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """The events, as numbers; in `tags` the events of each tag; in `given` the base relations (po, rf, co, fr, rmw,
    addr, data, ctrl, rcu-rscs, loc, int, ext, id, same-value)."""

    events: EventSet
    tags: Mapping[str, EventSet]
    given: Mapping[str, Pairs]


class RelationEvaluator:
    """Evaluates expressions on one execution; results are cached."""

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self._cache: dict[Relation, Pairs] = {}
        self._growing: dict[str, Pairs] = {}

    def events(self, events: Events) -> EventSet:
        """The events in a set. Raises ValueError for an expression that is not a set of events."""
        if events.op is RelationOp.TAG:
            return self.execution.tags.get(events.name, frozenset())
        if events.op in (RelationOp.DOMAIN, RelationOp.RANGE):
            side = 0 if events.op is RelationOp.DOMAIN else 1
            return frozenset(pair[side] for pair in self._operand(events, 0))
        parts = [self.events(part) for part in events.args if isinstance(part, Events)]
        match events.op:
            case RelationOp.COMPLEMENT:
                return self.execution.events - parts[0]
            case RelationOp.UNION:
                return parts[0] | parts[1]
            case RelationOp.INTERSECTION:
                return parts[0] & parts[1]
            case RelationOp.DIFFERENCE:
                return parts[0] - parts[1]
            case _:
                raise ValueError(f"{events.op} is no set of events")

    def relation(self, relation: Relation) -> Pairs:
        """The pairs of a relation. Raises KeyError for a base relation that the execution does not have."""
        if self._growing and _names(relation) & self._growing.keys():
            return self._evaluate(relation)
        if relation not in self._cache:
            self._cache[relation] = self._evaluate(relation)
        return self._cache[relation]

    def _operand(self, whole: Relation | Events, place: int) -> Pairs:
        part = whole.args[place]
        assert isinstance(part, Relation)
        return self.relation(part)

    def _set(self, whole: Relation, place: int) -> EventSet:
        part = whole.args[place]
        assert isinstance(part, Events)
        return self.events(part)

    def _identity(self) -> Pairs:
        return frozenset((event, event) for event in self.execution.events)

    def _evaluate(self, relation: Relation) -> Pairs:
        match relation.op:
            case RelationOp.NAME:
                return (
                    self._growing[relation.name]
                    if relation.name in self._growing
                    else self._base_relation(relation.name)
                )
            case RelationOp.LET:
                return self._operand(relation, 0)
            case RelationOp.REC:
                return self._least_fixpoint(relation)
            case RelationOp.UNION:
                return self._operand(relation, 0) | self._operand(relation, 1)
            case RelationOp.INTERSECTION:
                return self._operand(relation, 0) & self._operand(relation, 1)
            case RelationOp.DIFFERENCE:
                return self._operand(relation, 0) - self._operand(relation, 1)
            case RelationOp.SEQUENCE:
                return sequence(self._operand(relation, 0), self._operand(relation, 1))
            case RelationOp.OPTION:
                return self._operand(relation, 0) | self._identity()
            case RelationOp.STAR:
                return closure(self._operand(relation, 0)) | self._identity()
            case RelationOp.PLUS:
                return closure(self._operand(relation, 0))
            case RelationOp.INVERSE:
                return frozenset((b, a) for a, b in self._operand(relation, 0))
            case RelationOp.IDENTITY:
                return frozenset((event, event) for event in self._set(relation, 0))
            case RelationOp.PRODUCT:
                return frozenset((a, b) for a in self._set(relation, 0) for b in self._set(relation, 1))
            case RelationOp.TAG | RelationOp.COMPLEMENT | RelationOp.DOMAIN | RelationOp.RANGE:
                raise ValueError(f"{relation.op} is no relation")
            case never:
                assert_never(never)

    def _base_relation(self, name: str) -> Pairs:
        return self.execution.given[name]

    def _least_fixpoint(self, relation: Relation) -> Pairs:
        """The least relation that equals its body: iterate from the empty relation until the body adds nothing.

        Inside the body the relation is a leaf with a name of its own, which is used nowhere else.
        """
        body, inner = relation.args
        assert isinstance(body, Relation) and isinstance(inner, Relation)
        found = NOTHING
        while True:
            self._growing[inner.name] = found
            grown = self._evaluate(body)
            del self._growing[inner.name]
            if grown == found:
                return found
            found = grown


@cache
def _names(relation: Relation) -> set[str]:
    return names(relation)


def sequence(left: Pairs, right: Pairs) -> Pairs:
    """`left ; right`."""
    after = _following(right)
    return frozenset([(a, c) for a, b in left if b in after for c in after[b]])


def closure(pairs: Pairs) -> Pairs:
    """The transitive closure of a relation."""
    after = _following(pairs)
    found: list[NodePair] = []
    for start in after:
        todo = list(after[start])
        reached: set[int] = set()
        while todo:
            event = todo.pop()
            if event not in reached:
                reached.add(event)
                todo.extend(after.get(event, ()))
        found += [(start, event) for event in reached]
    return frozenset(found)


def _following(pairs: Pairs) -> dict[int, list[int]]:
    """For each event with a successor, its successors, in no order."""
    after: dict[int, list[int]] = {}
    for a, b in pairs:
        after.setdefault(a, []).append(b)
    return after


def successors(pairs: Pairs) -> dict[int, list[int]]:
    """For each event with a successor, its successors in ascending order."""
    return {event: sorted(after) for event, after in sorted(_following(pairs).items())}


def holds(axiom: Axiom, evaluator: RelationEvaluator) -> bool:
    """Whether the execution satisfies an axiom."""
    pairs = evaluator.relation(axiom.relation)
    match axiom.kind:
        case "empty":
            return not pairs
        case "irreflexive":
            return all(a != b for a, b in pairs)
        case "acyclic":
            return all(a != b for a, b in closure(pairs))
        case never:
            assert_never(never)


def broken_axioms(model: MemoryModel, execution: Execution) -> tuple[str, ...]:
    """The names of the axioms that the execution breaks, in the model's order."""
    evaluator = RelationEvaluator(execution)
    return tuple(axiom.name for axiom in model.axioms if not holds(axiom, evaluator))
