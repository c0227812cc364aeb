"""The executions that a memory model allows, given the condition under which each step happens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from encoder.graph.events import Graph, GraphStep
from encoder.graph.term import Term
from encoder.memory.model import MemoryModel
from encoder.smt.axiomatic.arm64_events import Arm64NodeBuilder
from encoder.smt.axiomatic.axioms import assert_model
from encoder.smt.axiomatic.communication import Communication
from encoder.smt.axiomatic.memory_events import EventNode, EventNodeBuilder
from encoder.smt.axiomatic.relations import RelationEncoder
from encoder.smt.end_state import EndState
from encoder.smt.formula import Order
from encoder.smt.text.clauses import Clauses
from encoder.smt.text.script import TRUE, Script, negate
from encoder.smt.text.selectors import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class AxiomaticExecutions:
    """`communication` has the literals of rf and co; `relations` builds the model's relations over the `nodes`."""

    nodes: list[EventNode]
    communication: Communication
    relations: RelationEncoder


def assert_communication(
    script: Script, graph: Graph, done: dict[GraphStep, Term], state: EndState, deadline: float = inf,
    *, model: MemoryModel,
) -> AxiomaticExecutions:  # fmt: skip
    """Assert what every model requires: values come from writes, coherence, atomicity; and the last values of the end
    state.

    `deadline`, a `time.monotonic()` value, also limits later assertions. Of the model only what events are to it is
    used, and whether it orders critical sections.
    """
    clauses = Clauses(script, graph.terms, deadline)
    builder = (Arm64NodeBuilder if model.instructions else EventNodeBuilder)(clauses, graph, done, model.instructions)
    builder.make_all()
    for when, rule in builder.rules:
        script.clause(script.truth(graph.terms.implies(when, rule)))
    for test in (t for thread in graph.threads for t in thread.tests):
        script.clause(negate(script.selector_literal(Topic.TEST, test.site)), script.equal(test.taken, test.condition))
    for event in graph.events:
        happens = graph.terms.and_(done[event.step], event.target)
        fact = TRUE if event.await_ is graph.terms.true else script.selector_literal(Topic.TEST, event.step.site)
        script.clause(negate(fact), script.truth(graph.terms.implies(happens, event.await_)))
    communication = Communication(clauses, graph, builder.nodes, builder.rmw, orders_sections=model.orders_sections)
    communication.assert_all()
    script.group("state: last values")
    for cell, value in state.finals.items():
        communication.assert_last(cell, value)
    relations = RelationEncoder(clauses, builder.nodes, communication)
    return AxiomaticExecutions(nodes=builder.nodes, communication=communication, relations=relations)


def assert_axioms(
    executions: AxiomaticExecutions, model: MemoryModel, *, complete: bool, eliminates: bool,
    atomic_blocks: Iterable[Sequence[GraphStep]] = (), locked_blocks: Sequence[tuple[GraphStep, ...]] = (),
) -> Order | None:  # fmt: skip
    """Assert the axioms of the model; see `assert_model` for the order. For `atomic_blocks` and `locked_blocks` see
    `encode.Modifications`. Raises TimeoutError after the deadline."""
    steps = [frozenset(block) for block in atomic_blocks]
    merged = [
        (a, b)
        for a, b in pairwise(executions.nodes)
        for block in steps
        if a.event.step in block and b.event.step in block
    ]
    return assert_model(
        executions.relations.clauses,
        executions.relations,
        executions.nodes,
        model,
        complete=complete,
        merged=merged,
        locked_blocks=locked_blocks,
        eliminates=eliminates,
    )
