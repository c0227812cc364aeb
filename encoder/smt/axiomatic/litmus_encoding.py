"""Encodes complete executions of a litmus test under any memory model."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from encoder.graph.events import Graph
from encoder.memory.model import MemoryModel
from encoder.program.core import Expr
from encoder.smt.axiomatic.communication import Communication
from encoder.smt.axiomatic.executions import assert_axioms, assert_communication
from encoder.smt.axiomatic.flags import Flags
from encoder.smt.axiomatic.thin_air import assert_grounded
from encoder.smt.encoding import Encoding, assumptions
from encoder.smt.end_state import EndState
from encoder.smt.formula import Formula
from encoder.smt.progress import done, prefix_name
from encoder.smt.text.script import TRUE, Script


@dataclass(frozen=True, slots=True, kw_only=True)
class LitmusEncoding(Encoding):
    """An encoding of complete executions. Its goals are formulas to be asserted: expressions over the final state, and
    the model's `flags` (data-race, mixed-accesses…: an allowed execution raises the flag), which need `flag_text` in
    addition. A goal that is `FALSE` need not be asked. `communication` has the literals of rf and co."""

    flag_text: str
    flags: tuple[str, ...]
    communication: Communication

    def problem_for(self, goal: str) -> Formula:
        """All that is asserted for one goal."""
        flag_text = self.flag_text if goal in self.flags else ""
        return self.formula.plus(f"{flag_text}; goal: {goal}\n(assert {self.goals[goal]})\n")


def encode_litmus(
    graph: Graph, model: MemoryModel, goals: Mapping[str, Expr], filter_condition: Expr, deadline: float = inf
) -> LitmusEncoding:
    """Encode for each goal: is there an allowed execution in which every thread has ended and both the goal and
    `filter_condition` (a test's filter) hold?

    Raises TimeoutError if building takes longer than until `deadline`, a `time.monotonic()` value.
    """
    terms, state, script = graph.terms, EndState(graph), Script()
    asked = {name: terms.as_bool(state.term(goal)) for name, goal in goals.items()}
    filtered = terms.as_bool(state.term(filter_condition))
    _assert_complete(script, graph)
    happen = {step: step.guard for step in graph.steps}
    executions = assert_communication(script, graph, happen, state, deadline, model=model)
    order = assert_axioms(executions, model, complete=True, eliminates=False)
    assert_grounded(graph, executions.nodes, executions.communication)
    script.group("assumed")
    script.clause(script.truth(filtered))
    formulas = {name: script.truth(goal) for name, goal in asked.items()}
    formula = Formula(script.take_text(), order)
    flags = Flags(executions.relations, model).formulas()
    return LitmusEncoding(
        script=script, formula=formula, flag_text=script.take_text(), goals=formulas | flags, flags=tuple(flags),
        communication=executions.communication,
    )  # fmt: skip


def _assert_complete(script: Script, graph: Graph) -> None:
    """Assert that every thread has ended: each step on its path happens, no loop exceeds its bound, and no pointer is
    invalid."""
    script.group("complete: every thread has ended")
    terms = graph.terms
    for number, thread in enumerate(graph.threads):
        for count in range(1, len(thread.steps) + 1):
            script.alias(prefix_name(number, count), TRUE)
        for step in thread.steps:
            script.alias(done(terms, step).name, script.truth(step.guard))
        for stop in thread.bounds + thread.faults:
            script.clause(script.truth(terms.not_(stop.guard)))
    for assumption in assumptions(graph):
        script.clause(script.truth(assumption))
    for symbol in graph.symbols.values():
        script.number(symbol)
