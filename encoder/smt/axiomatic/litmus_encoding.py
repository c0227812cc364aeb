"""Questions about complete executions under any memory model, as litmus tests ask them.

    litmus(graph, model, goals, assumed) -> Problems

`goals` names expressions over the final state (`program.core.Final`, `ThreadVar`): for each, is there an allowed
execution in which every thread has ended, `assumed` holds (a test's filter), and the expression holds?
`Problems.text(name)` is the whole problem as SMT-LIB text for a `Session`. The model's flags (`Problems.flags`:
data-race, mixed-accesses…) are goals too: does an allowed execution raise the flag? A goal that `Problems.goals` gives
as "false" need not be asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from encoder.graph.events import Graph
from encoder.memory.relation import MemoryModel
from encoder.program.core import Expr
from encoder.smt.axiomatic.communication import Communication
from encoder.smt.axiomatic.executions import axiomatic
from encoder.smt.axiomatic.flags import Flags
from encoder.smt.axiomatic.thin_air import assert_grounded
from encoder.smt.end_state import State
from encoder.smt.execution import done, reached
from encoder.smt.interleaving.encode import assumptions
from encoder.smt.text.script import TRUE, Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """`base` is the text of the executions alone, `goals` are formulas over it; the model's flags need `more` text.

    `communication` has the literals of rf and co.
    """

    base: str
    more: str
    goals: dict[str, str]
    flags: tuple[str, ...]
    clauses: int
    communication: Communication

    def text(self, goal: str) -> str:
        """The whole problem for one goal."""
        more = self.more if goal in self.flags else ""
        return f"{self.base}{more}; goal: {goal}\n(assert {self.goals[goal]})\n"


def litmus(graph: Graph, model: MemoryModel, goals: Mapping[str, Expr], assumed: Expr) -> Problems:
    """Build the problems about complete executions of the program; see above."""
    terms, state, script = graph.terms, State(graph), Script()
    asked = {name: terms.as_bool(state.term(goal)) for name, goal in goals.items()}
    filtered = terms.as_bool(state.term(assumed))
    complete(script, graph)
    executions = axiomatic(script, graph, model, {step: step.guard for step in graph.steps}, state, complete=True)
    assert_grounded(graph, executions.nodes, executions.communication)
    script.group("assumed")
    script.clause(script.truth(filtered))
    formulas = {name: script.truth(goal) for name, goal in asked.items()}
    text = script.fresh()
    flags = Flags(executions.evaluator, model).formulas()
    return Problems(
        base=text, more=script.fresh(), goals=formulas | flags, flags=tuple(flags), clauses=script.clauses,
        communication=executions.communication,
    )  # fmt: skip


def complete(script: Script, graph: Graph) -> None:
    """Assert that every thread runs to its end: what is on its path happens, no loop goes on, no pointer is wild."""
    script.group("complete: every thread has ended")
    terms = graph.terms
    for number, thread in enumerate(graph.threads):
        for count in range(1, len(thread.steps) + 1):
            script.alias(reached(number, count), TRUE)
        for step in thread.steps:
            script.alias(done(terms, step).name, script.truth(step.guard))
        for stop in thread.bounds + thread.faults:
            script.clause(script.truth(terms.not_(stop.guard)))
    for assumption in assumptions(graph):
        script.clause(script.truth(assumption))
    for symbol in graph.symbols.values():
        script.number(symbol)
