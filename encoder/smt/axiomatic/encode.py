"""Questions about properties under any memory model: asked of every prefix, threads stopped anywhere."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf

from encoder.graph.events import Graph, GraphStep
from encoder.graph.term import Term
from encoder.memory.model import MemoryModel
from encoder.program.core import Property
from encoder.smt.axiomatic.executions import AxiomaticExecutions, assert_axioms, assert_communication
from encoder.smt.axiomatic.hypothetical_lock import assert_exclusion
from encoder.smt.axiomatic.thin_air import grounded_literal
from encoder.smt.encoding import Encoding, assert_assumptions, assert_depth, goal_literals, goals_of
from encoder.smt.end_state import EndState
from encoder.smt.progress import assert_po_closed, done, prefix_name
from encoder.smt.text.script import FALSE, Script, negate, quote
from encoder.smt.text.selectors import Selectors


@dataclass(frozen=True, slots=True, kw_only=True)
class AxiomaticEncoding(Encoding):
    """An encoding of the executions that a memory model allows, `executions`. Where values may come from thin air it
    has one more goal, `grounded`: the property breaks, and none does."""

    executions: AxiomaticExecutions


@dataclass(frozen=True, slots=True, kw_only=True)
class Modifications:
    """What an execution is asked for with: `facts` (of a `named` graph) get selectors, `offers` takes note of barriers
    that may be put in. `blocks` are steps of a thread that happen in one piece, under a model whose order has one place
    for all that shares it (see `Paths`): nothing of other threads comes between them, and who begins one ends it.
    `locked` are such steps over which one lock is held that the program does not have, under a model in whose order
    every access is. `alone`: executions of these steps and no others, as few as their constraints are then."""

    facts: Selectors | None = None
    offers: Selectors | None = None
    blocks: tuple[tuple[GraphStep, ...], ...] = ()
    locked: tuple[tuple[GraphStep, ...], ...] = ()
    alone: frozenset[GraphStep] | None = None


UNMODIFIED = Modifications()


def encode_executions(
    graph: Graph, model: MemoryModel, asked: Property, depth: int | None, deadline: float = inf,
    changes: Modifications = UNMODIFIED,
) -> AxiomaticEncoding:  # fmt: skip
    """Build the problems for a property under a memory model, executions limited to `depth` steps.

    Raises TimeoutError when that takes longer than until `deadline`, a `time.monotonic()` value.
    """
    state = EndState(graph)
    found = encode_goals(graph, model, state, goals_of(graph, state, asked), depth, deadline, changes)
    literal = grounded_literal(graph, found.executions.nodes, found.executions.communication)
    if literal is None or found.goals["violation"] == FALSE:
        return found
    goal = found.script.boolean("goal.grounded")
    found.script.clause(negate(goal), literal)
    found.script.clause(negate(goal), found.goals["violation"])
    return replace(found, text=found.text + found.script.fresh(), goals=found.goals | {"grounded": goal})


def encode_violations(
    graph: Graph, model: MemoryModel, asked: Iterable[Property], deadline: float, changes: Modifications = UNMODIFIED
) -> AxiomaticEncoding:
    """Build one problem for several properties: the goals are their violations, by the properties' names. Raises
    TimeoutError as `encode_executions` does."""
    state = EndState(graph)
    goals = {each.name: goals_of(graph, state, each)["violation"] for each in asked}
    return encode_goals(graph, model, state, goals, None, deadline, changes)


def encode_goals(
    graph: Graph, model: MemoryModel, state: EndState, goals: dict[str, Term], depth: int | None, deadline: float = inf,
    changes: Modifications = UNMODIFIED,
) -> AxiomaticEncoding:  # fmt: skip
    """Build the problem for these goals, which speak of the state. Raises TimeoutError as `encode_executions` does."""
    script, terms = Script(facts=changes.facts, offers=changes.offers), graph.terms
    happened = assert_po_closed(script, graph)
    alone = graph.steps if changes.alone is None else changes.alone
    made = {s: done(terms, s) if s in alone else terms.false for s in graph.steps}
    executions = assert_communication(script, graph, made, state, deadline, exclusive=model.orders_sections)
    assert_assumptions(script, graph)
    assert_depth(script, depth, happened.values())
    literals = goal_literals(script, goals)
    relaxed = script.fresh()
    for block in changes.blocks:
        ended = quote(prefix_name(block[0].thread, block[-1].index + 1))
        for step in block:
            script.clause(negate(happened[step]), ended)
    assert_exclusion(script, happened, changes.locked)
    assert_axioms(executions, model, complete=False, blocks=changes.blocks, locked=changes.locked)
    return AxiomaticEncoding(
        executions=executions, script=script, text=relaxed + script.fresh(), relaxed=relaxed, goals=literals
    )
