"""Which loops may go on for ever without doing anything (see `graph.idle_iterations`)."""

from encoder.graph.events import FirstIteration, Graph
from encoder.graph.idle_iterations import has_effect
from encoder.graph.term import Term
from encoder.smt.progress import done, prefix_done
from encoder.smt.single_thread import is_impossible


def idle_loops(graph: Graph, deadline: float) -> frozenset[str]:
    """The loops whose first round changes nothing whenever another follows, whatever the thread reads: by their paths,
    each of which may stand for several loops, and then all of them are idle.

    `deadline` is a `time.monotonic()` value; what is not decided by then is not idle, nor is a loop without rounds.
    """
    busy = {
        stop.site.path
        for number, thread in enumerate(graph.threads)
        for stop in thread.bounds
        if stop.first_iteration is None or not _is_idle(graph, number, stop.first_iteration, deadline)
    }
    every = {stop.site.path for thread in graph.threads for stop in thread.bounds}
    return frozenset("/".join(path) for path in every - busy)


def _is_idle(graph: Graph, thread: int, iteration: FirstIteration, deadline: float) -> bool:
    terms = graph.terms
    again = terms.and_(iteration.again, prefix_done(terms, thread, iteration.end))
    return is_impossible(
        graph, terms.and_(again, terms.or_(iteration.changed, *_step_effects(graph, thread, iteration))), deadline
    )


def _step_effects(graph: Graph, thread: int, iteration: FirstIteration) -> list[Term]:
    terms = graph.terms
    return [
        terms.and_(done(terms, event.step), event.target, has_effect(event, terms))
        for event in graph.threads[thread].events
        if iteration.first <= event.step.index < iteration.end
    ]
