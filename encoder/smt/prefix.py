"""Questions about properties under any memory model: asked of every prefix, threads stopped anywhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from encoder.graph.events import Graph, Step
from encoder.memory.relation import MemoryModel
from encoder.program.core import Property
from encoder.smt.axiomatic import Axiomatic, communicating, obey
from encoder.smt.execution import closed, done, reached
from encoder.smt.facts import Facts
from encoder.smt.property import State
from encoder.smt.query import assumable, goals_of, limit, start
from encoder.smt.script import Script, negate, quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixes:
    """`text` is the problem; `goals` are literals in it, those of `query.Queries`. `lax` is the problem without the
    model's axioms: what it cannot reach, no model can."""

    executions: Axiomatic
    script: Script
    text: str
    lax: str
    goals: dict[str, str]


def prefixes(
    graph: Graph, model: MemoryModel, asked: Property, depth: int | None, deadline: float = inf,
    facts: Facts | None = None, offers: Facts | None = None, blocks: Iterable[Sequence[Step]] = (),
) -> Prefixes:  # fmt: skip
    """Build the problems for a property under a memory model, executions limited to `depth` steps, with selectors for
    `facts` (of a `named` graph) if they are given, and the barriers that `offers` takes note of.
    `blocks` are steps of a thread that happen in one piece, under a model whose order has one place for all that shares
    it (see `Paths`): nothing of other threads comes between them, and who begins one ends it.

    Raises TimeoutError when that takes longer than until `deadline`, a `time.monotonic()` value.
    """
    script, state, terms = Script(facts=facts, offers=offers), State(graph), graph.terms
    goals = goals_of(graph, state, asked)
    happened = closed(script, graph)
    executions = communicating(script, graph, {s: done(terms, s) for s in graph.steps}, state, deadline)
    start(script, graph)
    limit(script, depth, happened.values())
    literals = assumable(script, goals)
    lax = script.fresh()
    blocks = list(blocks)
    for block in blocks:
        ended = quote(reached(block[0].thread, block[-1].index + 1))
        for step in block:
            script.clause(negate(happened[step]), ended)
    obey(executions, model, complete=False, blocks=blocks)
    return Prefixes(executions=executions, script=script, text=lax + script.fresh(), lax=lax, goals=literals)
