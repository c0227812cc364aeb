"""The execution to show under a model that is not a total order: as few steps as possible, then the first initial
state."""

from dataclasses import dataclass

from encoder.graph.events import Graph, GraphStep
from encoder.program.core import CellName
from encoder.smt.axiomatic.communication import NEVER, Communication
from encoder.smt.axiomatic.encode import AxiomaticEncoding
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.progress import done
from encoder.smt.solvers.z3_solver import Session, SolverModel
from encoder.smt.text.script import at_most, bit_width, quote
from encoder.smt.valuation import Valuation


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundExecution:
    """An execution. `steps` are each thread's, in program order. `sources` maps each step that reads to the step whose
    write it reads (None: the initial value), `coherence` each location to the steps that write it, in coherence order.
    `shortest` is false if time ran out before the solver could prove that."""

    steps: tuple[tuple[GraphStep, ...], ...]
    sources: dict[GraphStep, GraphStep | None]
    coherence: dict[CellName, tuple[GraphStep, ...]]
    symbols: tuple[tuple[str, int], ...]
    shortest: bool


class ShortestExecution:
    """Narrows a satisfiable problem to one execution. A further constraint is kept if the problem stays satisfiable
    with it. `assumptions` are literals that are assumed beside the goal."""

    def __init__(
        self,
        session: Session,
        encoding: AxiomaticEncoding,
        graph: Graph,
        goal: str,
        first: SolverModel,
        *assumptions: str,
    ) -> None:
        self.session = session
        self.encoding = encoding
        self.graph = graph
        self.kept = [goal, *assumptions]
        self.model = first
        self.proved_shortest = True

    def run(self) -> FoundExecution:
        """The execution to show."""
        self._fewest_steps()
        self._first_symbols()
        values = Valuation(self.graph, self.model, complete=False)
        communication = self.encoding.executions.communication
        return FoundExecution(
            steps=tuple(tuple(s for s in t.steps if self._happened(s)) for t in self.graph.threads),
            sources={
                n.event.step: source_of(values, communication, n) for n in communication.sources if happens(values, n)
            },
            coherence={
                cell: coherence_order(values, communication, writes) for cell, writes in communication.writes.items()
            },
            symbols=tuple((s.name, self._symbol(s.name)) for s in self.graph.program.symbols),
            shortest=self.proved_shortest,
        )

    def length(self) -> int:
        """The number of steps of the shortest execution."""
        self._fewest_steps()
        return sum(self._happened(s) for s in self.graph.steps)

    def _happened(self, step: GraphStep) -> bool:
        return self.model.true(done(self.graph.terms, step).name)

    def _try(self, name: str, body: str) -> bool:
        """Keep the constraint if the problem stays satisfiable with it."""
        self.session.add(f"(declare-const {quote(name)} Bool)\n(assert (=> {quote(name)} {body}))\n")
        answer = self.session.check(*self.kept, quote(name))
        if answer.model is not None:
            self.model = answer.model
            self.kept.append(quote(name))
        elif answer.word == "unknown":
            self.proved_shortest = False
        return answer.model is not None

    def _fewest_steps(self) -> None:
        """Ask for fewer and fewer steps, by leaps that double as long as there are such executions."""
        literals = [quote(done(self.graph.terms, s).name) for s in self.graph.steps]
        needed, leap = 0, 1
        while (fewest := sum(map(self._happened, self.graph.steps))) > needed and self.proved_shortest:
            fewer = max(needed, fewest - leap)
            if self._try(f"at most {fewer} steps", at_most(fewer, literals)):
                leap *= 2
            else:
                needed, leap = fewer + 1, 1
        self._try(f"at most {fewest} steps as found", at_most(fewest, literals))

    def _first_symbols(self) -> None:
        script = self.encoding.script
        for symbol in self.graph.program.symbols:
            term = self.graph.symbols[symbol.name]
            if term.value is None:
                text, width = script.number(term)
                self._try(f"first {symbol.name}", f"(= {text} (_ bv{symbol.first % 2**width} {width}))")

    def _symbol(self, name: str) -> int:
        term = self.graph.symbols[name]
        return term.low if term.value is not None else self.model.number(term.name, bit_width(term))


def happens(values: Valuation, node: EventNode) -> bool:
    """Whether the node is part of the execution: a failed write is not."""
    return values.happens(node.event) and (node.half != "W" or bool(values.value(node.event.succeeds)))


def source_of(values: Valuation, communication: Communication, read: EventNode) -> GraphStep | None:
    """The step whose write a read of the execution reads from; None for the initial value."""
    candidates = communication.sources[read]
    texts = {write: [communication.clauses.text(x) for x in condition] for write, condition in candidates.items()}
    for write, literals in texts.items():
        if len(candidates) == 1 or all(values.holds(x) for x in literals):
            return None if write is None else write.event.step
    raise AssertionError(f"{read.event.step.site.path} reads from nowhere")


def coherence_order(values: Valuation, communication: Communication, writes: list[EventNode]) -> tuple[GraphStep, ...]:
    """The steps of the writes that happen, in coherence order."""
    made = [w for w in writes if happens(values, w)]
    places = {w: sum(co_before(values, communication, other, w) for other in made if other is not w) for w in made}
    return tuple(w.event.step for w in sorted(made, key=lambda w: places[w]))


def co_before(values: Valuation, communication: Communication, a: EventNode, b: EventNode) -> bool:
    """Whether co(a, b), for two writes that happen."""
    if communication.critical_sections.co_representative(a) is communication.critical_sections.co_representative(b):
        return a.number < b.number
    literal = communication.co_literal(a, b)
    if literal is None or literal == NEVER:
        return literal is None
    return values.holds(communication.clauses.text(literal))
