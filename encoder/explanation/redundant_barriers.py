"""Which barriers of the specs a scenario's proofs need, and which are redundant."""

from collections.abc import Iterable

from encoder.base.errors import SelfCheckError
from encoder.base.result import Progress, Tell, silent
from encoder.explanation.reasons import Barriers, CoreLine
from encoder.explanation.wording import lines_of
from encoder.graph.events import Graph
from encoder.memory.model import MemoryModel
from encoder.program.core import Program
from encoder.smt.axiomatic.encode import Modifications, encode_violations
from encoder.smt.axiomatic.memory_events import FENCES, ORDERS
from encoder.smt.solvers.minimal_core import MinimalCore
from encoder.smt.text.selectors import Fact, Selectors, Topic
from encoder.smt.thread_symmetry import identical_threads


class RedundantBarriers:
    """Removes barriers from a graph with named branches, singly and together, and asks for every proved property again.

    A barrier is a fence, an acquire or release ordering, or the full barrier of an atomic operation; not what a lock or
    a flush orders. Raises TimeoutError where time runs out before it is known which properties are proved.
    """

    def __init__(
        self, program: Program, graph: Graph, model: MemoryModel, deadline: float, tell: Tell = silent
    ) -> None:
        self.graph = graph
        self.model = model
        self.tell = tell
        self.facts = Selectors(identical_threads(program.threads))
        encoding = encode_violations(graph, model, program.properties, deadline, Modifications(selectors=self.facts))
        self.core_finder = MinimalCore(encoding, self.facts, deadline)
        self.all_facts = frozenset(self.facts.numbers)
        found = {each.name: self.core_finder.rests_on(each.name, self.all_facts) for each in program.properties}
        self.cores = {name: core for name, core in found.items() if core is not None}

    def barriers(self) -> Barriers:
        """What each barrier is needed for. Raises SelfCheckError where the queries disagree."""
        needed: list[Fact] = []
        either: list[Fact] = []
        spared: list[Fact] = []
        try:
            candidates = self._candidates()
            for number, fact in enumerate(candidates):
                self.tell(Progress(reached="which barriers are needed", done=number, of=len(candidates)))
                if self._can_spare(self.all_facts.difference(spared, {fact})):
                    spared.append(fact)
                elif self._all_proved(self.all_facts - {fact}):
                    either.append(fact)
                else:
                    needed.append(fact)
            self._confirm(self.all_facts.difference(spared))
            whole = True
        except TimeoutError:
            spared, whole = [], False
        return Barriers(
            properties=tuple(self.cores), needed=self._lines(needed), either=self._lines(either),
            spared=self._lines(spared), whole=whole,
        )  # fmt: skip

    def _candidates(self) -> list[Fact]:
        """The barriers that the model looks at, in spec order: fences first, then the orderings of accesses."""
        known = self.model.tags & {*FENCES, *ORDERS} | {"full"}
        found = (fact for fact in self.facts.numbers if fact.topic is Topic.BARRIER and fact.detail in known)
        return sorted(found, key=lambda fact: fact.detail not in FENCES)

    def _can_spare(self, on: frozenset[Fact]) -> bool:
        """Whether these facts prove every property. If so, a core of each among them is kept: it says which queries are
        not needed."""
        found = dict(self.cores)
        for name, core in self.cores.items():
            if not core <= on:
                fewer = self.core_finder.rests_on(name, on)
                if fewer is None:
                    return False
                found[name] = fewer
        self.cores = found
        return True

    def _all_proved(self, on: frozenset[Fact]) -> bool:
        """Whether these facts prove every property."""
        return all(core <= on or self.core_finder.rests_on(name, on) is not None for name, core in self.cores.items())

    def _confirm(self, on: frozenset[Fact]) -> None:
        """Raises SelfCheckError where these facts do not prove every property in a query of its own."""
        for name in self.cores:
            if not self.core_finder.confirms(name, on):
                raise SelfCheckError(f"{name} is proved without barriers, but not by a query of its own")

    def _lines(self, facts: Iterable[Fact]) -> tuple[CoreLine, ...]:
        return lines_of(self.graph, facts, self.model.name)
