"""What has to be decided of an environment before it may stand for any number of threads (see `graph.interference`).

Both questions are about one thread by itself, whatever it reads: an answer holds in every execution of every model.
"""

from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.program.core import CellName
from encoder.smt.end_state import EndState
from encoder.smt.progress import done
from encoder.smt.single_thread import is_impossible


def overdrawn_counters(graph: Graph, thread: int, deadline: float) -> tuple[CellName, ...]:
    """The counters from which the thread may, at some place, have taken more than it has added; those of which that was
    not decided too. `deadline` is a `time.monotonic()` value."""
    zero = graph.terms.const(0)
    return tuple(
        cell
        for cell in sorted(graph.interference.counters)
        if not is_impossible(graph, graph.terms.lt(_sum_of_adds(graph, thread, cell), zero), deadline)
    )


def returns_all(graph: Graph, thread: int, cell: CellName, deadline: float) -> bool:
    """Whether the thread, when it has ended, has taken from the counter all that it has added."""
    ended = EndState(graph).has_ended(thread)
    left = graph.terms.not_(graph.terms.eq(_sum_of_adds(graph, thread, cell), graph.terms.const(0)))
    return is_impossible(graph, graph.terms.and_(ended, left), deadline)


def _sum_of_adds(graph: Graph, thread: int, cell: CellName) -> Term:
    """What the thread has added to the counter so far."""
    terms = graph.terms
    total = terms.const(0)
    for event in graph.threads[thread].events:
        if event.cell == cell and event.delta is not None:
            happens = terms.and_(done(terms, event.step), event.target, event.succeeds)
            total = terms.arith("+", total, terms.choose(happens, event.delta, terms.const(0)))
    return total
