"""The questions put to the solver, each a whole problem in SMT-LIB text."""

from collections.abc import Iterable
from dataclasses import dataclass

from encoder.graph.evaluate import evaluate
from encoder.graph.events import Graph
from encoder.graph.place import closure, places
from encoder.graph.term import Term
from encoder.memory.relation import MemoryModel, is_total
from encoder.program.core import Property
from encoder.smt.execution import Execution
from encoder.smt.property import State, victims
from encoder.smt.script import FALSE, Script, at_most, negate


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """One set of executions, and what is asked of it.

    `text` is the problem; each goal is a literal in it, to be assumed when it is asked: `start` (nothing more),
    `violation` (the property breaks), `situation` (what it speaks of is reached), `bound` (a thread goes on beyond a
    loop's bound), `fault` (a thread uses a pointer that points nowhere),
    `unheld`, where there may be such (a thread is to release a lock that it does not hold: nothing is asked of what is
    beyond).
    """

    execution: Execution
    script: Script
    text: str
    lax: str = ""
    goals: dict[str, str]


def queries(graph: Graph, model: MemoryModel, asked: Property, depth: int | None) -> Queries:
    """Build the problems for a property under a memory model, schedules limited to `depth` steps.

    Raises ValueError for a model whose executions are not interleavings (see `prefix.prefixes`).
    """
    if not is_total(model):
        raise ValueError(f"executions of {model.title} are not interleavings")
    state = State(graph, "ordered")
    return interleavings(graph, state, goals_of(graph, state, asked), depth)


def interleavings(graph: Graph, state: State, goals: dict[str, Term], depth: int | None) -> Queries:
    """Build the problem for these goals, which speak of the state that an interleaving ends in."""
    script = Script()
    execution = Execution(script, graph, places(graph, closure(list(goals.values())), frozenset(state.finals)))
    start(script, graph)
    ended(execution, state)
    limit(script, depth, execution.done.values())
    literals = assumable(script, goals)
    return Queries(execution=execution, script=script, text=script.fresh(), goals=literals)


def start(script: Script, graph: Graph) -> None:
    """Assert what the scenario assumes of its start."""
    script.group("start: what the scenario assumes")
    for symbol in graph.symbols.values():
        script.number(symbol)
    for assumption in assumptions(graph):
        script.clause(script.truth(assumption))


def ended(execution: Execution, state: State) -> None:
    """Assert what the state that an interleaving ends in has of it."""
    execution.script.group("state: last values")
    for cell, value in state.finals.items():
        execution.final(cell, value)
    for (region, flush), first in state.began.items():
        execution.script.clause(negate(execution.script.truth(first)), execution.order.before(region, flush))


def limit(script: Script, depth: int | None, happened: Iterable[str]) -> None:
    """Assert that at most `depth` of these steps happen."""
    if depth is not None:
        script.group("depth: the schedule has at most this many steps")
        script.clause(at_most(depth, happened))


def assumable(script: Script, goals: dict[str, Term]) -> dict[str, str]:
    """A literal for each goal; the goal holds where its literal is assumed. A goal that cannot be is `false` itself."""
    script.group("goals: one of them is assumed when it is asked")
    literals = {}
    for name, goal in goals.items():
        truth = script.truth(goal)
        literals[name] = FALSE if truth == FALSE else script.boolean(f"goal.{name}")
        script.clause(negate(literals[name]), truth)
    return literals


def goals_of(graph: Graph, state: State, asked: Property) -> dict[str, Term]:
    """What is asked of the state that an execution stops in, by name; see `Queries`."""
    terms = graph.terms
    instances = [
        (terms.as_bool(state.term(i.situation)), terms.as_bool(state.term(i.violation))) for i in victims(graph, asked)
    ]
    unheld = terms.or_(*(state.stopped(i, s) for i, t in enumerate(graph.threads) for s in t.unheld))
    lost = terms.or_(*(state.beyond(i, s) for i, t in enumerate(graph.threads) for s in t.unheld))
    broken = terms.or_(*(terms.and_(situation, violation) for situation, violation in instances))
    goals = {
        "start": terms.true,
        "violation": terms.and_(broken, terms.not_(lost)),
        "situation": terms.or_(*(situation for situation, _ in instances)),
        "bound": state.goes_on(),
        "fault": terms.or_(*(state.stopped(i, s) for i, t in enumerate(graph.threads) for s in t.faults)),
    }
    return goals if unheld is terms.false else goals | {"unheld": unheld}


def assumptions(graph: Graph) -> list[Term]:
    """What must hold of the start, over the symbols."""
    return [graph.terms.as_bool(evaluate(graph.terms, a.condition, graph.symbols)) for a in graph.program.assumptions]
