"""An encoding: a problem about the executions of a program as SMT-LIB text, with the goals that can be asked of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from encoder.graph.evaluate import evaluate
from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.program.core import Property
from encoder.smt.end_state import EndState, representatives
from encoder.smt.text.script import FALSE, Script, at_most, negate


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """`text` is the problem; each goal is a literal in it, to be assumed when it is asked. Of a property they are:
    `start` (nothing more), `violation` (the property breaks), `situation` (what it speaks of is reached), `bound` (a
    thread goes on beyond a loop's bound), `fault` (a thread uses a pointer that points nowhere) and, where there may be
    such, `unheld` (a thread is to release a lock that it does not hold: nothing is asked of what is beyond).

    `relaxed` is the problem without the axioms of a weak model: what it cannot reach, no model can; "" where there is
    none. `script` is what the text was written with; what it is given afterwards is not in the text.
    """

    script: Script
    text: str
    relaxed: str = ""
    goals: dict[str, str]


def assert_assumptions(script: Script, graph: Graph) -> None:
    """Assert what the scenario assumes of its start."""
    script.group("start: what the scenario assumes")
    for symbol in graph.symbols.values():
        script.number(symbol)
    for assumption in assumptions(graph):
        script.clause(script.truth(assumption))


def assert_depth(script: Script, depth: int | None, steps_done: Iterable[str]) -> None:
    """Assert that at most `depth` of these steps happen."""
    if depth is not None:
        script.group("depth: the schedule has at most this many steps")
        script.clause(at_most(depth, steps_done))


def goal_literals(script: Script, goals: dict[str, Term]) -> dict[str, str]:
    """A literal for each goal; the goal holds where its literal is assumed. A goal that cannot be is `false` itself."""
    script.group("goals: one of them is assumed when it is asked")
    literals = {}
    for name, goal in goals.items():
        truth = script.truth(goal)
        literals[name] = FALSE if truth == FALSE else script.boolean(f"goal.{name}")
        script.clause(negate(literals[name]), truth)
    return literals


def goals_of(graph: Graph, state: EndState, prop: Property) -> dict[str, Term]:
    """What is asked of the state that an execution stops in, by name; see `Queries`."""
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
    """What must hold of the start, over the symbols."""
    return [graph.terms.as_bool(evaluate(graph.terms, a.condition, graph.symbols)) for a in graph.program.assumptions]
