"""The state in which an execution stops, as terms: what the expressions of properties are evaluated in."""

from dataclasses import dataclass, field
from typing import Literal, assert_never

from encoder.graph.evaluate import term_of, zero
from encoder.graph.events import Cutoff, Event, Graph, GraphStep, Resource
from encoder.graph.term import Term
from encoder.program.core import (
    BOOL,
    At,
    CellName,
    Ended,
    Expr,
    Final,
    Instance,
    Keeps,
    Leaf,
    Property,
    ThreadVar,
    Var,
    Waits,
)
from encoder.smt.deadlock import blocked
from encoder.smt.progress import done, prefix_done
from encoder.smt.thread_symmetry import identical_threads, representative

FlushWaits = Literal["ordered", "may wait", "go on"]
"""How a thread before the end of a flush or grace period is treated by `t.waits`, see `EndState`."""


@dataclass(slots=True)
class EndState:
    """The state in which an execution stops. `finals` holds the variables made for the last values of cells.

    A flush or grace period waits for a section only if the section began first. With `flush_waits` "ordered"
    (executions are total orders) `began` has a literal for each such pair of begins, which the encoder must constrain.
    Executions under other models have no such order: with "may wait" the end of a wait is blocked by every open section
    of its kind, with "go on" by none.
    """

    graph: Graph
    flush_waits: FlushWaits = "may wait"
    finals: dict[CellName, tuple[Term, ...]] = field(default_factory=dict)
    began: dict[tuple[Event, Event], Term] = field(default_factory=dict)

    def term(self, expr: Expr) -> Term:
        """The term of a property's expression."""
        return term_of(self.graph.terms, expr, self.leaf)

    def leaf(self, leaf: Leaf) -> Term:
        """The term of a leaf of a property's expression."""
        match leaf:
            case Var(name=name):
                return self.graph.symbols[name]
            case Final(cell=cell, component=component):
                return self.final_component(cell, component)
            case ThreadVar(thread=thread, name=name):
                return self.variable_value(thread, name)
            case At(thread=thread, label=label):
                return self.at_label(thread, label)
            case Ended(thread=thread):
                return self.has_ended(self.thread_index(thread))
            case Waits(thread=thread):
                return self.is_waiting(self.thread_index(thread))
            case Keeps(thread=thread, kind=kind, cell=cell):
                return self.holds_at_end(self.thread_index(thread), (kind, cell))
            case _:
                assert_never(leaf)

    def thread_index(self, thread: str) -> int:
        """The index of the thread of this name."""
        return [t.name for t in self.graph.program.threads].index(thread)

    def final_component(self, cell: CellName, component: str) -> Term:
        """The last value of one component of a cell."""
        components = next(c.components for c in self.graph.program.cells if c.name == cell)
        return self.final_values(cell)[[c.name for c in components].index(component)]

    def final_values(self, cell: CellName) -> tuple[Term, ...]:
        """The last values of the cell's components."""
        components = next(c.components for c in self.graph.program.cells if c.name == cell)
        if cell not in self.finals:
            made = []
            for part, domain in zip(components, self.graph.domains[cell], strict=True):
                name = f"final.{cell}.{part.name}"
                made.append(self.graph.terms.lit(name) if part.type == BOOL else self.graph.terms.var(name, domain))
            self.finals[cell] = tuple(made)
        return self.finals[cell]

    def variable_value(self, thread: str, name: str) -> Term:
        """The value of a thread's variable: its latest definition that is in effect."""
        terms, number = self.graph.terms, self.thread_index(thread)
        value = zero(terms, dict(self.graph.program.threads[number].variables)[name])
        for definition in self.graph.threads[number].definitions:
            if definition.variable == name:
                made = terms.and_(definition.guard, prefix_done(terms, number, definition.after))
                value = terms.choose(made, definition.value, value)
        return value

    def at_label(self, thread: str, label: str) -> Term:
        """The thread's next step has this label in its path."""
        terms, number = self.graph.terms, self.thread_index(thread)
        return terms.or_(
            *(self.at_step(number, step) for step in self.graph.threads[number].steps if label in step.site.path)
        )

    def has_ended(self, number: int) -> Term:
        """The thread has executed all its steps and is not at a cutoff."""
        terms, thread = self.graph.terms, self.graph.threads[number]
        at_cutoff = [self.at_cutoff(number, stop) for stop in thread.bounds + thread.faults]
        return terms.and_(prefix_done(terms, number, len(thread.steps)), terms.not_(terms.or_(*at_cutoff)))

    def at_step(self, number: int, step: GraphStep) -> Term:
        """The thread's next step is this one."""
        terms = self.graph.terms
        return terms.and_(step.guard, prefix_done(terms, number, step.index), terms.not_(done(terms, step)))

    def is_waiting(self, number: int) -> Term:
        """The thread is just before an event that cannot happen in this state."""
        terms = self.graph.terms
        return terms.or_(
            *(
                terms.and_(self.at_step(number, event.step), event.target, stuck)
                for event in self.graph.threads[number].events
                if (stuck := blocked(self.graph, event, self.final_values, self._began)) is not terms.false
            )
        )

    def _began(self, region: Event, flush: Event) -> Term:
        """The condition that the section began before the flush or grace period did."""
        if self.flush_waits != "ordered":
            return self.graph.terms.truth(self.flush_waits == "may wait")
        name = f"began.{region.thread}.{region.uid}.{flush.thread}.{flush.uid}"
        return self.began.setdefault((region, flush), self.graph.terms.lit(name))

    def holds_at_end(self, number: int, resource: Resource) -> Term:
        """The thread has ended and still holds the resource."""
        terms = self.graph.terms
        count = dict(self.graph.threads[number].held_at_end).get(resource, terms.const(0))
        return terms.and_(self.has_ended(number), terms.not_(terms.eq(count, terms.const(0))))

    def at_cutoff(self, number: int, stop: Cutoff) -> Term:
        """The thread has come to a place where the graph stops."""
        return self.graph.terms.and_(stop.guard, prefix_done(self.graph.terms, number, stop.after))

    def exceeds_bound(self) -> Term:
        """Some thread goes on beyond the bound of a loop."""
        at_cutoff = (self.at_cutoff(i, s) for i, t in enumerate(self.graph.threads) for s in t.bounds)
        return self.graph.terms.or_(*at_cutoff)

    def past_cutoff(self, number: int, stop: Cutoff) -> Term:
        """The thread has executed the step at the cutoff."""
        return self.graph.terms.and_(stop.guard, prefix_done(self.graph.terms, number, stop.after + 1))


def representatives(graph: Graph, prop: Property) -> tuple[Instance, ...]:
    """One instance of the property for each class of instances that differ only in which identical threads they name.

    A goal is some instance's condition, possibly conjoined with conditions that are symmetric in all threads. So by the
    argument in `smt.thread_symmetry` the goal is reachable by either all instances of a class or none.
    """
    classes = identical_threads(graph.program.threads)
    kept: dict[tuple[Expr, ...], Instance] = {}
    for instance in prop.instances:
        kept.setdefault(representative((instance.situation, instance.violation), classes), instance)
    return tuple(kept.values())
