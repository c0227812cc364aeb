"""Finds the loops whose iterations can have no effect (see `graph.idle_iterations`)."""

from encoder.graph.events import FirstIteration, Graph
from encoder.graph.idle_iterations import has_effect
from encoder.graph.term import Term
from encoder.smt.progress import done, prefix_done
from encoder.smt.single_thread import is_impossible


def idle_loops(graph: Graph, deadline: float) -> frozenset[str]:
    """The paths of the loops whose first iteration changes nothing whenever another one follows, whatever the thread
    reads. A path may stand for several loops; then all of them are like that.

    `deadline` is a `time.monotonic()` value. A loop that is not decided by then is not among them, nor is one without
    iterations.
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
    """Whether the solver proves that the iteration has no effect if another one follows."""
    terms = graph.terms
    again = terms.and_(iteration.again, prefix_done(terms, thread, iteration.end))
    return is_impossible(
        graph, terms.and_(again, terms.or_(iteration.changed, *_step_effects(graph, thread, iteration))), deadline
    )


def _step_effects(graph: Graph, thread: int, iteration: FirstIteration) -> list[Term]:
    """The conditions under which an event of the iteration has an effect."""
    terms = graph.terms
    return [
        terms.and_(done(terms, event.step), event.target, has_effect(event, terms))
        for event in graph.threads[thread].events
        if iteration.first <= event.step.index < iteration.end
    ]
