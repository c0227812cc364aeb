"""Encodes interleavings: executions that are one total order of their steps (sequential consistency)."""

from dataclasses import dataclass

from encoder.graph.conflicts import find_conflicts, subterm_ids
from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.program.core import Property
from encoder.smt.encoding import Encoding, assert_assumptions, assert_depth, goal_literals, goals_of
from encoder.smt.end_state import EndState
from encoder.smt.formula import Formula
from encoder.smt.interleaving.execution import InterleavingConstraints, assert_interleaving
from encoder.smt.text.script import Script, negate


@dataclass(frozen=True, slots=True, kw_only=True)
class InterleavingEncoding(Encoding):
    """An encoding of the program's interleavings; `constraints` has the literals of their order."""

    constraints: InterleavingConstraints


def encode_interleavings(graph: Graph, prop: Property, depth: int | None) -> InterleavingEncoding:
    """Encode a property over interleavings of at most `depth` steps (None: any number)."""
    state = EndState(graph, "ordered")
    return encode_goals(graph, state, goals_of(graph, state, prop), depth)


def encode_goals(graph: Graph, state: EndState, goals: dict[str, Term], depth: int | None) -> InterleavingEncoding:
    """Encode these goals, which are conditions on the end state."""
    script = Script()
    conflicts = find_conflicts(graph, subterm_ids(list(goals.values())), frozenset(state.finals))
    constraints = assert_interleaving(script, graph, conflicts)
    assert_assumptions(script, graph)
    _assert_end_state(constraints, state)
    assert_depth(script, depth, constraints.done.values())
    literals = goal_literals(script, goals)
    return InterleavingEncoding(
        constraints=constraints, script=script, formula=Formula(script.take_text()), goals=literals
    )


def _assert_end_state(constraints: InterleavingConstraints, state: EndState) -> None:
    """Assert that the variables of the end state have the values that the interleaving gives them."""
    constraints.script.group("state: last values")
    for cell, value in state.finals.items():
        constraints.assert_final(cell, value)
    for (region, flush), first in state.began.items():
        constraints.script.clause(negate(constraints.script.truth(first)), constraints.order.before(region, flush))
