"""An execution of a litmus test for people: each access with its value and the write that it reads from."""

from dataclasses import dataclass

from encoder.graph.events import Event, EventKind, Graph
from encoder.graph.term import Term
from encoder.litmus.read import LitmusTest
from encoder.program.core import CellName, ThreadVar
from encoder.smt.axiomatic.communication import NEVER, Communication
from encoder.smt.axiomatic.memory_events import EventNode
from encoder.smt.end_state import EndState
from encoder.smt.solvers.z3_solver import SolverModel
from encoder.smt.valuation import Valuation
from encoder.spec.litmus import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnAccess:
    """One access. `source` is the write that it reads from: its thread and line, or "the start"; "" for an access that
    does not read."""

    thread: str
    line: str
    text: str
    location: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnExecution:
    """`accesses` by thread and in program order; `end` has the final values of the observed registers and variables."""

    accesses: tuple[DrawnAccess, ...]
    end: tuple[tuple[str, str], ...]


def draw_execution(test: LitmusTest, graph: Graph, communication: Communication, model: SolverModel) -> DrawnExecution:
    """The execution that the solver found."""
    drawing = _ExecutionDrawer(test, Valuation(graph, model, complete=True), communication)
    accesses = [drawing.access(event) for event in graph.events if event.cell is not None and drawing.happens(event)]
    return DrawnExecution(accesses=tuple(accesses), end=tuple(drawing.end(EndState(graph))))


class _ExecutionDrawer:
    def __init__(self, test: LitmusTest, values: Valuation, communication: Communication) -> None:
        self.test = test
        self.values = values
        self.communication = communication
        self.sources = {read.event: found for read, found in communication.sources.items()}

    def happens(self, event: Event) -> bool:
        return self.values.happens(event)

    def access(self, event: Event) -> DrawnAccess:
        site = event.step.site
        return DrawnAccess(
            thread=site.thread, line=site.label, text=site.text, location=str(event.cell), value=self.effect(event),
            source=self.source(event) if event.reads else "",
        )  # fmt: skip

    def effect(self, event: Event) -> str:
        """The value: `1` read, `= 1` written, `0 -> 1` both."""
        succeeds = bool(self.values.value(event.succeeds))
        match event.kind:
            case EventKind.ACQUIRE:
                return "taken" if succeeds else "not free"
            case EventKind.RELEASE:
                return "free"
        read = " ".join(self.format_term(term) for term in event.reads)
        written = " ".join(self.format_term(term) for term in event.writes or ())
        if event.kind is EventKind.WRITE:
            return f"= {written}"
        return f"{read} -> {written}" if event.kind is EventKind.RMW and succeeds else read

    def source(self, event: Event) -> str:
        candidates = self.sources.get(event, {})
        for write, condition in candidates.items():
            if len(candidates) == 1 or all(self.holds(literal) for literal in condition):
                return "the start" if write is None else f"{write.event.step.site.thread} {write.event.step.site.label}"
        return ""

    def format_term(self, term: Term) -> str:
        return self.format_number(self.values.value(term))

    def format_number(self, value: int) -> str:
        """A number, or the name of the variable whose address it is."""
        name = self.test.addresses.get(value)
        return f"&{name}" if name else str(value)

    def end(self, state: EndState) -> list[tuple[str, str]]:
        shown = []
        for observed in self.test.observed:
            if isinstance(observed, Register):
                thread = next(t for t in self.test.program.threads if t.name == f"P{observed.thread}")
                if observed.name in dict(thread.variables):
                    term = state.term(ThreadVar(thread.name, observed.name))
                    shown.append((f"{observed.thread}:{observed.name}", self.format_term(term)))
            else:
                name = observed.name if observed.index is None else f"{observed.name}[{observed.index}]"
                shown.append((name, self.last_value(CellName(name, ""))))
        return shown

    def last_value(self, cell: CellName) -> str:
        """The final value of a cell: that of its last write in coherence order."""
        writes = [w for w in self.communication.writes.get(cell, []) if self.wrote(w.event)]
        for write in writes:
            if all(other is write or self.ordered(other, write) for other in writes):
                return " ".join(self.format_term(term) for term in write.values)
        return " ".join(self.format_term(term) for term in self.values.graph.initial[cell])

    def wrote(self, event: Event) -> bool:
        return self.happens(event) and bool(self.values.value(event.succeeds))

    def ordered(self, a: EventNode, b: EventNode) -> bool:
        """Whether a is before b in coherence order; both are executed. The literal None means certainly."""
        literal = self.communication.co_literal(a, b)
        if literal is None:
            return True
        if literal == NEVER:
            return False
        return self.holds(literal)

    def holds(self, literal: int) -> bool:
        return self.values.holds(self.communication.clauses.text(literal))
