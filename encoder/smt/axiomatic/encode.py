"""Encodes a program's executions under any memory model, as prefixes: every thread may stop anywhere."""

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
from encoder.smt.formula import Formula
from encoder.smt.progress import assert_po_closed, done, prefix_name
from encoder.smt.text.script import FALSE, Script, negate, quote
from encoder.smt.text.selectors import Selectors


@dataclass(frozen=True, slots=True, kw_only=True)
class AxiomaticEncoding(Encoding):
    """An encoding of the executions that a memory model allows. If values may come from thin air there is one more
    goal, `grounded`: the property is violated and no value comes from thin air."""

    executions: AxiomaticExecutions


@dataclass(frozen=True, slots=True, kw_only=True)
class Modifications:
    """Changes to the executions that are encoded.

    - `selectors`: facts of the graph, which has `named_branches`, are switched on by these.
    - `candidate_barriers`: barriers that the program does not have, each present if its selector holds.
    - `atomic_blocks`: steps of one thread that happen as one: nothing of other threads comes between them, and a thread
      that begins a block finishes it. Requires a model whose order remains exact if their nodes are merged (see
      `OrderGraph`), as that of interleavings does.
    - `locked_blocks`: such steps over which a lock is held that the program does not have. Requires a model whose order
      contains every access.
    - `only_steps`: encode executions of these steps and no others, with fewer constraints.
    - `eliminates`: acyclicity of the model's order is part of the text (see `axioms.assert_model`).
    """

    selectors: Selectors | None = None
    candidate_barriers: Selectors | None = None
    atomic_blocks: tuple[tuple[GraphStep, ...], ...] = ()
    locked_blocks: tuple[tuple[GraphStep, ...], ...] = ()
    only_steps: frozenset[GraphStep] | None = None
    eliminates: bool = False


UNMODIFIED = Modifications()


def encode_executions(
    graph: Graph, model: MemoryModel, prop: Property, depth: int | None, deadline: float = inf,
    modifications: Modifications = UNMODIFIED,
) -> AxiomaticEncoding:  # fmt: skip
    """Encode a property's goals over the executions of a memory model, of at most `depth` steps (None: any number).

    Raises TimeoutError if building takes longer than until `deadline`, a `time.monotonic()` value.
    """
    state = EndState(graph)
    encoding = encode_goals(graph, model, state, goals_of(graph, state, prop), depth, deadline, modifications)
    literal = grounded_literal(graph, encoding.executions.nodes, encoding.executions.communication)
    if literal is None or encoding.goals["violation"] == FALSE:
        return encoding
    goal = encoding.script.boolean("goal.grounded")
    encoding.script.clause(negate(goal), literal)
    encoding.script.clause(negate(goal), encoding.goals["violation"])
    return replace(
        encoding,
        formula=encoding.formula.plus(encoding.script.take_text()),
        goals=encoding.goals | {"grounded": goal},
    )


def encode_violations(
    graph: Graph,
    model: MemoryModel,
    properties: Iterable[Property],
    deadline: float,
    modifications: Modifications = UNMODIFIED,
) -> AxiomaticEncoding:
    """Encode several properties at once: the goals are their violations, by the properties' names. Raises TimeoutError
    as `encode_executions` does."""
    state = EndState(graph)
    goals = {each.name: goals_of(graph, state, each)["violation"] for each in properties}
    return encode_goals(graph, model, state, goals, None, deadline, modifications)


def encode_goals(
    graph: Graph, model: MemoryModel, state: EndState, goals: dict[str, Term], depth: int | None, deadline: float = inf,
    modifications: Modifications = UNMODIFIED,
) -> AxiomaticEncoding:  # fmt: skip
    """Encode these goals, which are conditions on the end state. Raises TimeoutError as `encode_executions` does."""
    script, terms = (
        Script(selectors=modifications.selectors, candidate_barriers=modifications.candidate_barriers),
        graph.terms,
    )
    happened = assert_po_closed(script, graph)
    only_steps = graph.steps if modifications.only_steps is None else modifications.only_steps
    conditions = {s: done(terms, s) if s in only_steps else terms.false for s in graph.steps}
    executions = assert_communication(script, graph, conditions, state, deadline, model=model)
    assert_assumptions(script, graph)
    assert_depth(script, depth, happened.values())
    literals = goal_literals(script, goals)
    relaxed = script.take_text()
    for block in modifications.atomic_blocks:
        ended = quote(prefix_name(block[0].thread, block[-1].index + 1))
        for step in block:
            script.clause(negate(happened[step]), ended)
    assert_exclusion(script, happened, modifications.locked_blocks)
    order = assert_axioms(
        executions,
        model,
        complete=False,
        eliminates=modifications.eliminates,
        atomic_blocks=modifications.atomic_blocks,
        locked_blocks=modifications.locked_blocks,
    )
    return AxiomaticEncoding(
        executions=executions,
        script=script,
        formula=Formula(relaxed + script.take_text(), order),
        relaxed=relaxed,
        goals=literals,
    )
