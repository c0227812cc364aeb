"""What a question asks of an execution, as terms over its literals."""

from dataclasses import dataclass, field
from typing import assert_never

from encoder.graph.evaluate import combine, to_type, zero
from encoder.graph.events import Graph, Stop
from encoder.graph.term import Term
from encoder.program.core import (
    BOOL,
    Arith,
    At,
    CellName,
    Choose,
    Const,
    Convert,
    Ended,
    Expr,
    Final,
    Instance,
    Not,
    Property,
    ThreadVar,
    Var,
)
from encoder.smt.execution import done, reach
from encoder.smt.identical import identical_threads, representative


@dataclass(slots=True)
class State:
    """The state that an execution ends in. `finals` are the variables made for the last values of cells."""

    graph: Graph
    finals: dict[CellName, tuple[Term, ...]] = field(default_factory=dict)

    def term(self, expr: Expr) -> Term:
        """The term of a property's expression."""
        terms = self.graph.terms
        match expr:
            case Const(value=value, type=scalar):
                return terms.truth(bool(value)) if scalar == BOOL else terms.const(value)
            case Var(name=name):
                return self.graph.symbols[name]
            case Not(operand=operand):
                return terms.not_(terms.as_bool(self.term(operand)))
            case Convert(operand=operand, type=scalar):
                return to_type(terms, self.term(operand), scalar)
            case Arith(op=op, left=left, right=right, type=scalar):
                return combine(terms, op, self.term(left), self.term(right), scalar)
            case Choose(condition=condition, then=then, otherwise=otherwise):
                return terms.choose(terms.as_bool(self.term(condition)), self.term(then), self.term(otherwise))
            case Final(cell=cell, component=component):
                return self.final(cell, component)
            case ThreadVar(thread=thread, name=name):
                return self.variable(thread, name)
            case At(thread=thread, label=label):
                return self.position(thread, label)
            case Ended(thread=thread):
                return self.ended(self.number(thread))
            case _:
                assert_never(expr)

    def number(self, thread: str) -> int:
        return [t.name for t in self.graph.program.threads].index(thread)

    def final(self, cell: CellName, component: str) -> Term:
        components = next(c.components for c in self.graph.program.cells if c.name == cell)
        if cell not in self.finals:
            made = []
            for part, domain in zip(components, self.graph.domains[cell], strict=True):
                name = f"final.{cell}.{part.name}"
                made.append(self.graph.terms.lit(name) if part.type == BOOL else self.graph.terms.var(name, domain))
            self.finals[cell] = tuple(made)
        return self.finals[cell][[c.name for c in components].index(component)]

    def variable(self, thread: str, name: str) -> Term:
        """The variable's latest definition that is done."""
        terms, number = self.graph.terms, self.number(thread)
        value = zero(terms, dict(self.graph.program.threads[number].variables)[name])
        for definition in self.graph.threads[number].definitions:
            if definition.variable == name:
                made = terms.and_(definition.guard, reach(terms, number, definition.after))
                value = terms.choose(made, definition.value, value)
        return value

    def position(self, thread: str, label: str) -> Term:
        terms, number = self.graph.terms, self.number(thread)
        return terms.or_(
            *(
                terms.and_(step.guard, reach(terms, number, step.index), terms.not_(done(terms, step)))
                for step in self.graph.threads[number].steps
                if label in step.site.path
            )
        )

    def ended(self, number: int) -> Term:
        terms, thread = self.graph.terms, self.graph.threads[number]
        stopped = [self.stopped(number, stop) for stop in thread.bounds + thread.faults]
        return terms.and_(reach(terms, number, len(thread.steps)), terms.not_(terms.or_(*stopped)))

    def stopped(self, number: int, stop: Stop) -> Term:
        """The thread has come to a place where the graph ends and it does not."""
        return self.graph.terms.and_(stop.guard, reach(self.graph.terms, number, stop.after))

    def beyond(self, number: int, stop: Stop) -> Term:
        """The thread has gone on where it should not have: its next step there is done."""
        return self.graph.terms.and_(stop.guard, reach(self.graph.terms, number, stop.after + 1))


def victims(graph: Graph, asked: Property) -> tuple[Instance, ...]:
    """The instances to ask about: the first of those that differ only in which identical threads they name.

    A goal is some instance's condition, with conditions on the state of all threads at once beside it; so by what
    `identical` says, all that such instances are asked for is met by the first one or by none of them.
    """
    classes = identical_threads(graph.program.threads)
    kept: dict[tuple[Expr, ...], Instance] = {}
    for instance in asked.instances:
        kept.setdefault(representative((instance.situation, instance.violation), classes), instance)
    return tuple(kept.values())
