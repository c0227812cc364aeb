"""The base relations of every execution: po, rf, co, fr, rmw, dependencies, and regions matched by nesting."""

from collections.abc import Callable
from itertools import permutations

from encoder.graph.dependency import Deps
from encoder.graph.events import Event
from encoder.graph.lock_balance import ends
from encoder.smt.axiomatic.communication import Communication
from encoder.smt.axiomatic.memory_events import EventNode, both_happen, exclusive
from encoder.smt.axiomatic.sparse_relation import Alternatives, Sparse, add, one_condition
from encoder.smt.axiomatic.static_predicates import PairTest
from encoder.smt.text.clauses import ALWAYS, Clauses, Cond, both
from encoder.smt.text.selectors import Topic


class BaseRelations:
    """Builds each base relation when it is first used. `open_sections` is rcu-open, once grace periods are there."""

    def __init__(self, clauses: Clauses, nodes: list[EventNode], communication: Communication) -> None:
        self.clauses = clauses
        self.nodes = nodes
        self.communication = communication
        self.open_sections: Alternatives | None = None
        self._found: dict[str, Sparse] = {}

    def relation(self, name: str) -> Sparse:
        """The relation of this name, with one condition for each pair. Raises KeyError for an unknown name."""
        relation = self._found.get(name)
        if relation is None:
            found = self._implied_fr() if name == "fr" else one_condition(self.clauses, self.alternatives(name))
            relation = self._found[name] = found
        return relation

    def _implied_fr(self) -> Sparse:
        """fr, with the literals that coherence speaks of too."""
        pairs: Sparse = {}
        for read, write, condition in self.communication.implied_fr():
            pairs.setdefault(read.number, {})[write.number] = condition
        return pairs

    def alternatives(self, name: str, keep: PairTest | None = None) -> Alternatives:
        """The same relation exactly: for each pair the conditions, each sufficient and one of them necessary. Pairs of
        po that do not pass the test `keep` are not built. Raises KeyError for an unknown name."""
        pairs: Alternatives = {}
        match name:
            case "po":
                for a, b in self._po(keep):
                    add(pairs, a.number, b.number, self._under(both_happen(a, b), a.ordered | b.ordered))
            case "rf" | "co":
                given = self.communication.rf() if name == "rf" else self.communication.co()
                for a, b, condition in given:
                    add(pairs, a.number, b.number, condition)
            case "fr":
                for a, b, ways in self.communication.fr():
                    pairs.setdefault(a.number, {})[b.number] = ways
            case "rmw":
                for a, b in self.communication.rmw:
                    kept = self.clauses.selector(Topic.RMW, a.event.step.site)
                    add(pairs, a.number, b.number, self._under(both_happen(a, b), kept))
            case "addr":
                self._dependencies(pairs, name, lambda event: event.address)
            case "data":
                self._dependencies(pairs, name, lambda event: event.data, writes=True)
            case "ctrl":
                self._dependencies(pairs, name, lambda event: event.control)
            case "direct-addr":
                self._dependencies(pairs, "addr", lambda event: event.direct_address)
            case "direct-data":
                self._dependencies(pairs, "data", lambda event: event.direct_data, writes=True, registers=True)
            case "branch":
                self._dependencies(pairs, "ctrl", lambda event: event.branched)
            case "same-value":
                self._same_value(pairs)
            case "rcu-open" if self.open_sections is not None:
                pairs = self.open_sections
            case "rcu-rscs":
                self._nested(pairs, "Rcu-lock", "Rcu-unlock")
            case "irq-rscs":
                self._nested(pairs, "Irq-begin", "Irq-end")
            case _:
                raise KeyError(name)
        return pairs

    @staticmethod
    def _under(condition: Cond | None, facts: Cond) -> Cond | None:
        """The conjunction of a condition, if there is one, and the selectors of facts."""
        return None if condition is None else both(condition, facts)

    def _po(self, keep: PairTest | None) -> list[tuple[EventNode, EventNode]]:
        """The pairs of a thread's nodes that can both happen and pass the test, the earlier one first."""
        threads: dict[int, list[EventNode]] = {}
        for node in self.nodes:
            threads.setdefault(node.thread, []).append(node)
        terms = self.clauses.terms
        return [
            (a, b) for own in threads.values() for i, a in enumerate(own) for b in own[i + 1 :]
            if (keep is None or keep(a.number, b.number) is not None)
            and not (a.path and b.path and exclusive(terms, a, b))
        ]  # fmt: skip

    def _dependencies(
        self, pairs: Alternatives, name: str, kind: Callable[[Event], Deps], *, writes: bool = False,
        registers: bool = False,
    ) -> None:  # fmt: skip
        """Add pairs from the read that an event depends on to the event; `kind` gives the event's dependencies of this
        kind. With `writes` they lead to the event's write only, with `registers` only where they are
        `computed_in_registers`."""
        readers = {(n.thread, n.event.uid): n for n in self.nodes if n.half == "R"}
        for node in self.nodes:
            if node.half == "F" or (writes and node.half == "R"):
                continue
            for uid, under in kind(node.event):
                reader = readers.get((node.thread, uid))
                if reader is not None and registers and not computed_in_registers(reader, node):
                    continue
                condition = None if reader is None else self.clauses.condition(under)
                guards = None if reader is None else both_happen(reader, node)
                if reader is not None and condition is not None and guards is not None:
                    # The index of an srcu_read_unlock() tells which section ends; that is no ordering fact.
                    is_index = "Srcu-lock" in reader.tags and "Srcu-unlock" in node.tags
                    fact = ALWAYS if is_index else self.clauses.selector(Topic.DEPENDENCY, reader.event.step.site, name)
                    add(pairs, reader.number, node.number, self._under(both(condition, guards), fact))

    def _same_value(self, pairs: Alternatives) -> None:
        """Add the pairs of accesses of one location that read or write the same value."""
        terms = self.clauses.terms
        for a, b in permutations((n for n in self.nodes if n.half != "F"), 2):
            happen = both_happen(a, b) if a.cell == b.cell else None
            if happen is not None:
                equal = terms.and_(*(terms.eq(x, y) for x, y in zip(a.values, b.values, strict=True)))
                same = self.clauses.condition(equal)
                add(pairs, a.number, b.number, None if same is None else both(happen, same))

    def _nested(self, pairs: Alternatives, begin: str, end: str) -> None:
        """Add the begins and ends of regions, matched by nesting on every path."""
        terms = self.clauses.terms
        for open_ in (n for n in self.nodes if begin in n.tags):
            still = terms.true
            for close in (n for n in self.nodes[open_.number + 1 :] if n.thread == open_.thread and end in n.tags):
                guard, happen = close.event.step.guard, both_happen(open_, close)
                matched = terms.and_(still, ends(terms, close.event, open_.event))
                still = terms.and_(still, terms.not_(terms.and_(guard, matched)))
                if happen is not None and terms.and_(guard, matched) is not terms.false:
                    rest = (part for part in terms.conjuncts(matched) if not terms.implied(guard, part))
                    condition = self.clauses.condition(terms.and_(*rest))
                    add(pairs, open_.number, close.number, self._under(condition, happen))


def computed_in_registers(reader: EventNode, node: EventNode) -> bool:
    """Whether a read that an event depends on reaches it by registers: not by an atomic instruction's own arithmetic,
    nor as what a loop of load- and store-exclusive has only compared."""
    return reader.event is not node.event or ("Amo" not in node.tags and "CBNZ" not in reader.tags)
