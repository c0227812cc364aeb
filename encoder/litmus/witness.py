"""An execution of a litmus test as people read it: each access with its value and where that comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from encoder.graph.events import Event, Graph, Kind
from encoder.graph.term import Term
from encoder.litmus.read import Litmus
from encoder.program.core import CellName, ThreadVar
from encoder.smt.communication import NEVER, Communication
from encoder.smt.nodes import Node
from encoder.smt.property import State
from encoder.smt.script import bits
from encoder.smt.solver import Model
from encoder.spec.litmus import Register

BINARY: Mapping[str, Callable[[int, int], int]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "&": lambda x, y: x & y,
    "|": lambda x, y: x | y,
    "^": lambda x, y: x ^ y,
    "<<": lambda x, y: x << min(y % 2**32, 32),
    ">>": lambda x, y: x >> min(y % 2**32, 32),
    "eq": lambda x, y: int(x == y),
    "le": lambda x, y: int(x <= y),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access. `source` is the write that a read sees: its place, or "the start"; "" for what reads nothing."""

    thread: str
    line: str
    text: str
    location: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """`accesses` by thread and in program order; `end` what the registers and variables that are asked for hold."""

    accesses: tuple[Access, ...]
    end: tuple[tuple[str, str], ...]


class Valuation:
    """The values of terms in a complete execution that the solver has found."""

    def __init__(self, graph: Graph, model: Model) -> None:
        self.graph = graph
        self.model = model
        self.guards = {f"done.{step.thread}.{step.index}": step.guard for step in graph.steps}
        self.found: dict[int, int] = {}

    def value(self, term: Term) -> int:
        """A number; truth as 0 or 1."""
        if term.ident not in self.found:
            self.found[term.ident] = self._value(term)
        return self.found[term.ident]

    def _value(self, term: Term) -> int:
        match term.op:
            case "true" | "false":
                return int(term.op == "true")
            case "const":
                return term.low
            case "var":
                return self.model.number(term.name, bits(term))
            case "lit":
                return self._literal(term.name)
            case "not":
                return 1 - self.value(term.args[0])
            case "and" | "or":
                wanted = any if term.op == "or" else all
                return int(wanted(self.value(arg) for arg in term.args))
            case "ite":
                return self.value(term.args[1] if self.value(term.args[0]) else term.args[2])
            case "wrap":
                low = int(term.name)
                return (self.value(term.args[0]) - low) % 2**32 + low
            case op:
                return BINARY[op](self.value(term.args[0]), self.value(term.args[1]))

    def _literal(self, name: str) -> int:
        if name in self.guards:
            return self.value(self.guards[name])
        return int(name.startswith("reach.") or self.model.true(name))


def execution(test: Litmus, graph: Graph, communication: Communication, model: Model) -> Execution:
    """Draw what the solver has found."""
    drawing = _Drawing(test, Valuation(graph, model), communication)
    accesses = [drawing.access(event) for event in graph.events if event.cell is not None and drawing.happens(event)]
    return Execution(accesses=tuple(accesses), end=tuple(drawing.end(State(graph))))


class _Drawing:
    def __init__(self, test: Litmus, values: Valuation, communication: Communication) -> None:
        self.test = test
        self.values = values
        self.communication = communication
        self.sources = {read.event: found for read, found in communication.sources.items()}

    def happens(self, event: Event) -> bool:
        return bool(self.values.value(event.step.guard) and self.values.value(event.target))

    def access(self, event: Event) -> Access:
        site = event.step.site
        return Access(
            thread=site.thread, line=site.label, text=site.text, location=str(event.cell), value=self.effect(event),
            source=self.source(event) if event.reads else "",
        )  # fmt: skip

    def effect(self, event: Event) -> str:
        """`1` read, `= 1` written, `0 -> 1` both."""
        succeeds = bool(self.values.value(event.succeeds))
        match event.kind:
            case Kind.ACQUIRE:
                return "taken" if succeeds else "not free"
            case Kind.RELEASE:
                return "free"
        read = " ".join(self.shown(term) for term in event.reads)
        written = " ".join(self.shown(term) for term in event.writes or ())
        if event.kind is Kind.WRITE:
            return f"= {written}"
        return f"{read} -> {written}" if event.kind is Kind.RMW and succeeds else read

    def source(self, event: Event) -> str:
        candidates = self.sources.get(event, {})
        for write, condition in candidates.items():
            if len(candidates) == 1 or all(self.holds(literal) for literal in condition):
                return "the start" if write is None else f"{write.event.step.site.thread} {write.event.step.site.label}"
        return ""

    def shown(self, term: Term) -> str:
        return self.number(self.values.value(term))

    def number(self, value: int) -> str:
        """A number, or the name of the variable whose address it is."""
        name = self.test.addresses.get(value)
        return f"&{name}" if name else str(value)

    def end(self, state: State) -> list[tuple[str, str]]:
        shown = []
        for observed in self.test.observed:
            if isinstance(observed, Register):
                thread = next(t for t in self.test.program.threads if t.name == f"P{observed.thread}")
                if observed.name in dict(thread.variables):
                    term = state.term(ThreadVar(thread.name, observed.name))
                    shown.append((f"{observed.thread}:{observed.name}", self.shown(term)))
            else:
                name = observed.name if observed.index is None else f"{observed.name}[{observed.index}]"
                shown.append((name, self.last(CellName(name, ""))))
        return shown

    def last(self, cell: CellName) -> str:
        """What is left in a cell: that of its one write that no other follows in coherence order."""
        writes = [w for w in self.communication.writes.get(cell, []) if self.wrote(w.event)]
        for write in writes:
            if all(other is write or self.ordered(other, write) for other in writes):
                return " ".join(self.shown(term) for term in write.values)
        return " ".join(self.shown(term) for term in self.values.graph.initial[cell])

    def wrote(self, event: Event) -> bool:
        return self.happens(event) and bool(self.values.value(event.succeeds))

    def ordered(self, a: Node, b: Node) -> bool:
        """co(a, b), both executed; None is for certain."""
        literal = self.communication.before(a, b)
        if literal is None:
            return True
        if literal == NEVER:
            return False
        return self.holds(literal)

    def holds(self, literal: int) -> bool:
        name = self.communication.clauses.names[abs(literal)].strip("|")
        return self.values.model.true(name) == (literal > 0)
