"""Evaluates terms in a model that the solver has found."""

from collections.abc import Callable, Mapping

from encoder.graph.events import Event, Graph
from encoder.graph.term import Term
from encoder.smt.progress import done
from encoder.smt.solvers.z3_solver import SolverModel
from encoder.smt.text.script import bit_width, negate

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


class Valuation:
    """The values of terms in an execution that the solver has found. If it is `complete`, every thread has ended and a
    step happens exactly if its guard holds."""

    def __init__(self, graph: Graph, model: SolverModel, *, complete: bool) -> None:
        self.graph = graph
        self.model = model
        guards = {done(graph.terms, step).name: step.guard for step in graph.steps}
        self.guards = guards if complete else {}
        self.cache: dict[int, int] = {}

    def value(self, term: Term) -> int:
        """The value of a term; a Boolean is 0 or 1."""
        if term.ident not in self.cache:
            self.cache[term.ident] = self._value(term)
        return self.cache[term.ident]

    def _value(self, term: Term) -> int:
        match term.op:
            case "true" | "false":
                return int(term.op == "true")
            case "const":
                return term.low
            case "var":
                return self.model.number(term.name, bit_width(term))
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

    def happens(self, event: Event) -> bool:
        """Whether the event is part of the execution."""
        happened = self._literal(done(self.graph.terms, event.step).name)
        return bool(happened and self.value(event.target))

    def holds(self, literal: str) -> bool:
        """Whether a literal, a declared name or its negation, is true."""
        return not self.holds(negate(literal)) if literal.startswith("(not ") else self.model.true(literal.strip("|"))
