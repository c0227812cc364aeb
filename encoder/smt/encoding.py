"""An encoding: constraints on a program's executions as SMT-LIB text, with goals that a solver can be asked to
reach."""

from collections.abc import Iterable
from dataclasses import dataclass

from encoder.graph.evaluate import evaluate
from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.program.core import Property
from encoder.smt.end_state import EndState, representatives
from encoder.smt.formula import Formula
from encoder.smt.text.script import FALSE, Script, at_most, negate


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """The constraints are `formula`; each goal is a literal in it that a query asserts or assumes. The goals of a
    property are:

    - `start`: no further condition; unsat if the scenario's assumptions contradict each other.
    - `violation`: the property is violated, and no thread has gone on after an unmatched release.
    - `situation`: the property's situation is reached.
    - `bound`: a thread goes on beyond a loop bound.
    - `fault`: a thread uses an invalid pointer.
    - `unheld`: a thread is about to release a lock that it does not hold. The goal exists only if the graph has such
      releases.

    `relaxed` is the text without the axioms of a weak model, "" if there is none: a goal that is unsat with it is unsat
    under every model. `script` is the writer of the text; what is added to it later is not part of `formula`.
    """

    script: Script
    formula: Formula
    relaxed: str = ""
    goals: dict[str, str]


def assert_assumptions(script: Script, graph: Graph) -> None:
    """Assert what the scenario assumes about its initial state."""
    script.group("start: what the scenario assumes")
    for symbol in graph.symbols.values():
        script.number(symbol)
    for assumption in assumptions(graph):
        script.clause(script.truth(assumption))


def assert_depth(script: Script, depth: int | None, steps_done: Iterable[str]) -> None:
    """Assert that at most `depth` of these steps happen; None for no limit."""
    if depth is not None:
        script.group("depth: the schedule has at most this many steps")
        script.clause(at_most(depth, steps_done))


def goal_literals(script: Script, goals: dict[str, Term]) -> dict[str, str]:
    """A literal for each goal that implies the goal; `FALSE` for a goal that is trivially false."""
    script.group("goals: one of them is assumed when it is asked")
    literals = {}
    for name, goal in goals.items():
        truth = script.truth(goal)
        literals[name] = FALSE if truth == FALSE else script.boolean(f"goal.{name}")
        script.clause(negate(literals[name]), truth)
    return literals


def goals_of(graph: Graph, state: EndState, prop: Property) -> dict[str, Term]:
    """The goals of a property over the state in which an execution stops, by name; see `Encoding`."""
    terms = graph.terms
    instances = [
        (terms.as_bool(state.term(i.situation)), terms.as_bool(state.term(i.violation)))
        for i in representatives(graph, prop)
    ]
    unheld = terms.or_(*(state.at_cutoff(i, s) for i, t in enumerate(graph.threads) for s in t.unheld))
    lost = terms.or_(*(state.past_cutoff(i, s) for i, t in enumerate(graph.threads) for s in t.unheld))
    broken = terms.or_(*(terms.and_(situation, violation) for situation, violation in instances))
    goals = {
        "start": terms.true,
        "violation": terms.and_(broken, terms.not_(lost)),
        "situation": terms.or_(*(situation for situation, _ in instances)),
        "bound": state.exceeds_bound(),
        "fault": terms.or_(*(state.at_cutoff(i, s) for i, t in enumerate(graph.threads) for s in t.faults)),
    }
    return goals if unheld is terms.false else goals | {"unheld": unheld}


def assumptions(graph: Graph) -> list[Term]:
    """The scenario's assumptions about its initial state, over the symbols."""
    return [graph.terms.as_bool(evaluate(graph.terms, a.condition, graph.symbols)) for a in graph.program.assumptions]
