"""Questions about properties under any memory model: asked of every prefix, threads stopped anywhere.

    prefixes(graph, model, asked, depth) -> Prefixes

The goals are those of `query.queries`: start, violation, situation, bound, fault.
"""

from dataclasses import dataclass

from encoder.graph.events import Graph
from encoder.memory.relation import MemoryModel
from encoder.program.core import Property
from encoder.smt.axiomatic import Axiomatic, axiomatic
from encoder.smt.execution import done, reached
from encoder.smt.property import State
from encoder.smt.query import assumptions, goals_of
from encoder.smt.script import TRUE, Script, both, either, negate


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixes:
    """`base` is the text of the executions alone, `goals` are literals in it."""

    executions: Axiomatic
    base: str
    goals: dict[str, str]
    clauses: int

    def text(self, goal: str) -> str:
        """The whole problem for one goal."""
        return f"{self.base}; goal: {goal}\n(assert {self.goals[goal]})\n"


def prefixes(graph: Graph, model: MemoryModel, asked: Property, depth: int | None) -> Prefixes:
    """Build the problems for a property, schedules limited to `depth` steps."""
    script, state, terms = Script(), State(graph), graph.terms
    goals = goals_of(graph, state, asked)
    happened = closed(script, graph)
    executions = axiomatic(script, graph, model, {s: done(terms, s) for s in graph.steps}, state, complete=False)
    script.group("start: what the scenario assumes")
    for symbol in graph.symbols.values():
        script.number(symbol)
    for assumption in assumptions(graph):
        script.clause(script.truth(assumption))
    if depth is not None:
        script.group("depth: the schedule has at most this many steps")
        script.clause(f"((_ at-most {depth}) {' '.join(happened)})")
    literals = {name: script.truth(goal) for name, goal in goals.items()}
    return Prefixes(executions=executions, base=script.fresh(), goals=literals, clauses=script.clauses)


def closed(script: Script, graph: Graph) -> list[str]:
    """Assert that a step happens only where its guard holds and all before it did; whether each step happens."""
    script.group("po: executions are closed under program order, and a step happens only where its guard holds")
    found = []
    for number, thread in enumerate(graph.threads):
        reach = TRUE
        for step in thread.steps:
            guard = script.truth(step.guard)
            happened = script.truth(done(graph.terms, step))
            found.append(happened)
            script.clause(negate(happened), reach)
            script.clause(negate(happened), guard)
            reach = script.define(reached(number, step.index + 1), both(reach, either(negate(guard), happened)))
    return found
