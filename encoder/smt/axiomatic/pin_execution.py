"""Assertions that leave exactly one execution: to find out whether a change would have prevented this one."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from encoder.graph.events import Graph, GraphStep
from encoder.smt.axiomatic.communication import NEVER
from encoder.smt.axiomatic.encode import AxiomaticEncoding
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.progress import done
from encoder.smt.text.clauses import ALWAYS, Cond
from encoder.smt.text.script import negate, quote


class PinnedExecution:
    """Writes an execution of a graph as assertions on the literals of an encoding (`encode_executions`)."""

    def __init__(self, encoding: AxiomaticEncoding, graph: Graph) -> None:
        self.communication = encoding.executions.communication
        self.clauses = self.communication.clauses
        self.script = encoding.script
        self.graph = graph

    def execution(
        self, steps: Sequence[GraphStep], sources: Mapping[GraphStep, GraphStep | None],
        coherence: Iterable[Sequence[GraphStep]], symbols: Mapping[str, int],
    ) -> str:  # fmt: skip
        """Assertions for these steps, where each reads from its source (None: the initial value), with writes in the
        orders of `coherence`."""
        lines = self._happened(steps, symbols)
        for order in coherence:
            lines += self._in_order({step: place for place, step in enumerate(order)})
        for read, ways in self.communication.sources.items():
            if read.event.step in sources:
                wanted = sources[read.event.step]
                others = (c for source, c in ways.items() if (source and source.event.step) != wanted)
                lines += [self._not(condition) for condition in others]
        return "".join(f"(assert {line})\n" for line in lines)

    def interleaving(self, steps: Sequence[GraphStep], symbols: Mapping[str, int]) -> str:
        """Assertions for these steps one after the other, where each reads what was written last."""
        places = {step: place for place, step in enumerate(steps)}
        lines = self._happened(steps, symbols) + self._in_order(places)
        for read, ways in self.communication.sources.items():
            if read.event.step in places and read.cell is not None:
                for source, condition in ways.items():
                    lines += self._latest(read, source, condition, places)
        return "".join(f"(assert {line})\n" for line in lines)

    def _latest(
        self, read: EventNode, source: EventNode | None, condition: Cond, places: Mapping[GraphStep, int]
    ) -> list[str]:
        """The read does not read from the source if that is later, or if another write happens in between."""
        assert read.cell is not None
        here = places[read.event.step]
        first = -1 if source is None else places.get(source.event.step, len(places))
        if first > here:
            return [self._not(condition)]
        between = (
            w for w in self.communication.writes.get(read.cell, [])
            if w is not source and first < places.get(w.event.step, -1) < here
        )  # fmt: skip
        return [self._not(condition | w.guard) for w in between if not any(-x in condition for x in w.guard)]

    def _happened(self, steps: Sequence[GraphStep], symbols: Mapping[str, int]) -> list[str]:
        """Exactly these steps happen, and the symbols have these values."""
        made = set(steps)
        names = {step: quote(done(self.graph.terms, step).name) for step in self.graph.steps}
        lines = [name if step in made else negate(name) for step, name in names.items()]
        for name, value in symbols.items():
            term = self.graph.symbols[name]
            if term.value is None:
                text, width = self.script.number(term)
                lines.append(f"(= {text} (_ bv{value % 2**width} {width}))")
        return lines

    def _in_order(self, places: Mapping[GraphStep, int]) -> list[str]:
        """The writes of each location are in this order."""
        lines = []
        for writes in self.communication.writes.values():
            made = sorted((w for w in writes if w.event.step in places), key=lambda w: places[w.event.step])
            for a, b in combinations(made, 2):
                literal = self.communication.co_literal(a, b)
                if literal is not None and literal != NEVER and a.event.step is not b.event.step:
                    lines.append(self.clauses.text(literal))
        return lines

    def _not(self, condition: Cond) -> str:
        """The condition does not hold."""
        return negate(self.clauses.formula(condition)) if condition != ALWAYS else "false"
