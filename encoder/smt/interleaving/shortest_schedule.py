"""The schedule to show: fewest steps, then fewest context switches, then first in spec order."""

from dataclasses import dataclass
from itertools import pairwise

from encoder.graph.events import Event, GraphStep
from encoder.smt.interleaving.execution import InterleavingConstraints
from encoder.smt.progress import done
from encoder.smt.solvers.z3_solver import Answer, Session, SolverModel
from encoder.smt.text.script import FALSE, TRUE, at_most, bit_width, both, negate, quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """An interleaving: its steps in order, and the values of the symbols.

    `shortest` is false if time ran out before the solver could prove that no shorter schedule exists.
    """

    steps: tuple[GraphStep, ...]
    symbols: tuple[tuple[str, int], ...]
    shortest: bool


class ShortestSchedule:
    """Narrows a satisfiable problem to one schedule. A further constraint is kept if the problem stays satisfiable with
    it."""

    def __init__(self, session: Session, constraints: InterleavingConstraints, goal: str, first: SolverModel) -> None:
        self.session = session
        self.constraints = constraints
        self.graph = constraints.graph
        self.model = first
        self.proved_shortest = True
        self.kept = [goal]
        self.max_blocks = 0

    def run(self) -> Schedule:
        """The schedule to show. Raises TimeoutError if time runs out before any schedule is known."""
        self._fewest_steps()
        self._first_symbols()
        blocks = self._fewest_blocks()
        self._first_threads(blocks)
        return Schedule(
            steps=tuple(self._by_block(blocks)),
            symbols=tuple((s.name, self._symbol(s.name)) for s in self.graph.program.symbols),
            shortest=self.proved_shortest,
        )

    def _try(self, *literals: str) -> bool:
        """Keep the literals if the problem stays satisfiable with them."""
        answer: Answer = self.session.check(*self.kept, *literals)
        if answer.model is not None:
            self.model = answer.model
            self.kept.extend(literals)
        elif answer.word == "unknown":
            self.proved_shortest = False
        return answer.model is not None

    def _add(self, text: str) -> None:
        """Add assertions, after the declarations that they made the script write."""
        self.session.add(self.constraints.script.take_text() + text)

    def _define(self, name: str, body: str) -> str:
        """A new literal that implies the formula."""
        self._add(f"(declare-const {quote(name)} Bool)\n(assert (=> {quote(name)} {body}))\n")
        return quote(name)

    # Fewest steps

    def _happened(self, step: GraphStep) -> bool:
        return self.model.true(done(self.graph.terms, step).name)

    def _fewest_steps(self) -> None:
        literals = list(self.constraints.done.values())
        while True:
            fewer = sum(self._happened(s) for s in self.graph.steps) - 1
            bound = self._define(f"at most {fewer} steps", at_most(fewer, literals))
            if not self._try(bound):
                fewest = at_most(fewer + 1, literals)
                self.kept.append(self._define(f"at most {fewer + 1} steps as found", fewest))
                return

    def _symbol(self, name: str) -> int:
        term = self.graph.symbols[name]
        return term.low if term.value is not None else self.model.number(term.name, bit_width(term))

    def _first_symbols(self) -> None:
        script = self.constraints.script
        for symbol in self.graph.program.symbols:
            term = self.graph.symbols[symbol.name]
            if term.value is None:
                text, width = script.number(term)
                self._try(self._define(f"first {symbol.name}", f"(= {text} (_ bv{symbol.first % 2**width} {width}))"))

    # Fewest context switches

    def _fewest_blocks(self) -> int:
        """Divide the schedule into blocks of consecutive steps of one thread, and find the smallest number of
        blocks."""
        self.max_blocks = 8
        while True:
            self._number_blocks(self.max_blocks)
            for blocks in range(1, self.max_blocks + 1):
                last = [self._later(steps[-1], blocks) for steps in self._threads()] if blocks < self.max_blocks else []
                if self._try(*(negate(x) for x in last)):
                    return blocks
            if self.max_blocks > len(self.graph.steps):
                raise TimeoutError
            self.max_blocks *= 2

    def _threads(self) -> list[tuple[GraphStep, ...]]:
        return [t.steps for t in self.graph.threads if t.steps]

    def _later(self, step: GraphStep, block: int) -> str:
        """The literal that the step's block has number `block` or higher."""
        return TRUE if block == 0 else quote(f"block.{self.max_blocks}.{step.thread}.{step.index}.{block}")

    def _runs(self, thread: int, block: int) -> str:
        """The literal that the thread executes this block."""
        return quote(f"runs.{self.max_blocks}.{thread}.{block}")

    def _number_blocks(self, max_blocks: int) -> None:
        """Assert that the number of a step's block does not decrease along program order and increases from an event to
        a later conflicting one."""
        names = [self._runs(t, k) for t in range(len(self.graph.threads)) for k in range(max_blocks)]
        names += [self._later(s, k) for s in self.graph.steps for k in range(1, max_blocks)]
        clauses: list[tuple[str, ...]] = []
        for k in range(max_blocks):
            for t in range(len(self.graph.threads)):
                clauses += [(negate(self._runs(t, k)), negate(self._runs(u, k))) for u in range(t)]
        for steps in self._threads():
            for step in steps:
                clauses += [(negate(self._later(step, k)), self._later(step, k - 1)) for k in range(2, max_blocks)]
                for k in range(max_blocks):
                    beyond = self._later(step, k + 1) if k + 1 < max_blocks else FALSE
                    clauses.append(
                        (
                            negate(self.constraints.done[step]),
                            negate(self._later(step, k)),
                            beyond,
                            self._runs(step.thread, k),
                        )
                    )
            for one, following in pairwise(steps):
                clauses += [(negate(self._later(one, k)), self._later(following, k)) for k in range(1, max_blocks)]
        for a, b in self.constraints.conflicts.pairs:
            clauses += self._increasing(a, b, max_blocks) + self._increasing(b, a, max_blocks)
        lines = [f"(declare-const {n} Bool)" for n in names]
        lines += [
            f"(assert (or {' '.join(c for c in clause if c != FALSE)} false))"
            for clause in clauses
            if TRUE not in clause
        ]
        self._add("\n".join(lines) + "\n")

    def _increasing(self, a: Event, b: Event, max_blocks: int) -> list[tuple[str, ...]]:
        """If `a` happens before `b`, then `b` is in a later block."""
        happens = self.constraints.happens
        first = negate(both(happens[a], happens[b], self.constraints.order.before(a, b)))
        return [
            (first, negate(self._later(a.step, k)), self._later(b.step, k + 1) if k + 1 < max_blocks else FALSE)
            for k in range(max_blocks)
        ]

    def _first_threads(self, blocks: int) -> None:
        """For each block in turn, prefer the first thread that can execute it."""
        for k in range(blocks):
            for t in range(len(self.graph.threads)):
                if self._try(self._runs(t, k)):
                    break

    def _by_block(self, blocks: int) -> list[GraphStep]:
        """The steps that happen, in the order of their blocks."""

        def block(step: GraphStep) -> int:
            return sum(self.model.true(self._later(step, k).strip("|")) for k in range(1, blocks))

        return sorted((s for s in self.graph.steps if self._happened(s)), key=lambda s: (block(s), s.thread, s.index))
