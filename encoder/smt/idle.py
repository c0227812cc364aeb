"""Which loops may go on for ever without doing anything (see `graph.rounds`)."""

from encoder.graph.events import Graph, Round
from encoder.graph.rounds import effect
from encoder.graph.term import Term
from encoder.smt.alone import never
from encoder.smt.execution import done, reach


def idle_loops(graph: Graph, deadline: float) -> frozenset[str]:
    """The loops, by their paths, whose first round changes nothing whenever another follows, whatever the thread reads.

    `deadline` is a `time.monotonic()` value; what is not decided by then is not idle.
    """
    found: dict[str, bool] = {}
    for number, thread in enumerate(graph.threads):
        for each in thread.first_rounds:
            found[each.loop] = found.get(each.loop, True) and _is_idle(graph, number, each, deadline)
    return frozenset(loop for loop, idle in found.items() if idle)


def _is_idle(graph: Graph, thread: int, each: Round, deadline: float) -> bool:
    terms = graph.terms
    again = terms.and_(each.again, reach(terms, thread, each.end))
    return never(graph, terms.and_(again, terms.or_(each.changed, *_effects(graph, thread, each))), deadline)


def _effects(graph: Graph, thread: int, each: Round) -> list[Term]:
    terms = graph.terms
    return [
        terms.and_(done(terms, event.step), event.target, effect(event, terms))
        for event in graph.threads[thread].events
        if each.first <= event.step.index < each.end
    ]
