"""Relations that have no pairs since some set of events that they need has none: seen without building a pair."""

from collections.abc import Callable, Collection

from encoder.memory.relation import Events, Relation, RelationOp, rmw
from encoder.smt.axiomatic.static_predicates import operand
from encoder.smt.text.clauses import Cond


class Emptiness:
    """Says of relations whether they are seen to be empty. `events` gives the members of a set, `pairs_of_rmw` the
    read-modify-writes."""

    def __init__(self, events: Callable[[Events], dict[int, Cond]], pairs_of_rmw: Collection[object]) -> None:
        self.events = events
        self.pairs_of_rmw = pairs_of_rmw
        self._known: dict[Relation, bool] = {}

    def is_empty(self, relation: Relation) -> bool:
        """Whether the relation is seen to be empty; one that is empty for another reason is not."""
        known = self._known.get(relation)
        if known is None:
            known = self._known[relation] = self._lacks_events(relation)
        return known

    def _lacks_events(self, relation: Relation) -> bool:
        match relation.op:
            case RelationOp.NAME:
                return relation is rmw and not self.pairs_of_rmw
            case RelationOp.PRODUCT | RelationOp.IDENTITY:
                return any(self._is_without(side) for side in relation.args if isinstance(side, Events))
            case RelationOp.LET | RelationOp.DIFFERENCE | RelationOp.INVERSE | RelationOp.PLUS:
                return self.is_empty(operand(relation, 0))
            case RelationOp.UNION:
                return self.is_empty(operand(relation, 0)) and self.is_empty(operand(relation, 1))
            case RelationOp.INTERSECTION | RelationOp.SEQUENCE:
                return self.is_empty(operand(relation, 0)) or self.is_empty(operand(relation, 1))
            case _:
                return False

    def _is_without(self, events: Events) -> bool:
        """Whether the set has no events; the domain or range of a relation is not built to see it."""
        of = next((each for each in events.args if isinstance(each, Relation)), None)
        return not self.events(events) if of is None else self.is_empty(of)
