"""The executions that a memory model allows, given when each step happens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from encoder.graph.events import Graph, GraphStep
from encoder.graph.term import Term
from encoder.memory.model import MemoryModel
from encoder.smt.axiomatic.axioms import assert_model
from encoder.smt.axiomatic.communication import Communication
from encoder.smt.axiomatic.memory_events import EventNode, EventNodeBuilder
from encoder.smt.axiomatic.relations import RelationEncoder
from encoder.smt.end_state import EndState
from encoder.smt.text.clauses import Clauses
from encoder.smt.text.script import TRUE, Script, negate
from encoder.smt.text.selectors import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class AxiomaticExecutions:
    """`communication` has the literals of rf and co, `evaluator` the model's relations."""

    nodes: list[EventNode]
    communication: Communication
    evaluator: RelationEncoder


def assert_executions(
    script: Script, graph: Graph, model: MemoryModel, done: dict[GraphStep, Term], state: EndState, *, complete: bool
) -> AxiomaticExecutions:
    """Assert that the execution is one of the model's, and that the state's last values are its own."""
    made = assert_communication(script, graph, done, state, exclusive=model.orders_sections)
    assert_axioms(made, model, complete=complete)
    return made


def assert_communication(
    script: Script, graph: Graph, done: dict[GraphStep, Term], state: EndState, deadline: float = inf,
    *, exclusive: bool,
) -> AxiomaticExecutions:  # fmt: skip
    """Assert what every model asks: values come from writes, coherence, atomicity; the state's last values are its own.

    `deadline`, a `time.monotonic()` value, holds for later assertions too. `orders_sections`: what is taken for
    granted of locks, see `MemoryModel`.
    """
    clauses = Clauses(script, graph.terms, deadline)
    maker = EventNodeBuilder(clauses, graph, done)
    maker.make_all()
    for when, rule in maker.rules:
        script.clause(script.truth(graph.terms.implies(when, rule)))
    for test in (t for thread in graph.threads for t in thread.tests):
        script.clause(negate(script.given(Topic.TEST, test.site)), script.equal(test.taken, test.condition))
    for event in graph.events:
        happens = graph.terms.and_(done[event.step], event.target)
        fact = TRUE if event.await_ is graph.terms.true else script.given(Topic.TEST, event.step.site)
        script.clause(negate(fact), script.truth(graph.terms.implies(happens, event.await_)))
    communication = Communication(clauses, graph, maker.nodes, maker.rmw, exclusive=exclusive)
    communication.assert_all()
    script.group("state: last values")
    for cell, value in state.finals.items():
        communication.last(cell, value)
    evaluator = RelationEncoder(clauses, maker.nodes, communication)
    return AxiomaticExecutions(nodes=maker.nodes, communication=communication, evaluator=evaluator)


def assert_axioms(
    made: AxiomaticExecutions, model: MemoryModel, *, complete: bool, blocks: Iterable[Sequence[GraphStep]] = (),
    locked: Sequence[tuple[GraphStep, ...]] = (),
) -> None:  # fmt: skip
    """Assert the axioms of the model; for `blocks` and `locked` see `prefix.Changes`. Raises TimeoutError after the
    deadline."""
    steps = [frozenset(block) for block in blocks]
    joined = [
        (a, b) for a, b in pairwise(made.nodes) for block in steps if a.event.step in block and b.event.step in block
    ]
    assert_model(
        made.evaluator.clauses, made.evaluator, made.nodes, model, complete=complete, joined=joined, locked=locked
    )
