"""The side conditions of `graph.interference`: a thread never takes more from a counter than it has added, and in the
end takes back all of it.

Both are about one thread alone with arbitrary read values, so an answer holds in every execution under every model.
"""

from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.program.core import CellName
from encoder.smt.end_state import EndState
from encoder.smt.progress import done
from encoder.smt.single_thread import is_impossible


def overdrawn_counters(graph: Graph, thread: int, deadline: float) -> tuple[CellName, ...]:
    """The counters of which the thread may at some point have taken more than it has added, or for which that was not
    decided by `deadline`, a `time.monotonic()` value."""
    zero = graph.terms.const(0)
    return tuple(
        cell
        for cell in sorted(graph.interference.counters)
        if not is_impossible(graph, graph.terms.lt(_sum_of_adds(graph, thread, cell), zero), deadline)
    )


def returns_all(graph: Graph, thread: int, cell: CellName, deadline: float) -> bool:
    """Whether the thread, once it has ended, has taken back from the counter all that it has added. False if that is
    not decided by `deadline`."""
    ended = EndState(graph).has_ended(thread)
    left = graph.terms.not_(graph.terms.eq(_sum_of_adds(graph, thread, cell), graph.terms.const(0)))
    return is_impossible(graph, graph.terms.and_(ended, left), deadline)


def _sum_of_adds(graph: Graph, thread: int, cell: CellName) -> Term:
    """The sum of what the thread has added to the counter so far."""
    terms = graph.terms
    total = terms.const(0)
    for event in graph.threads[thread].events:
        if event.cell == cell and event.delta is not None:
            happens = terms.and_(done(terms, event.step), event.target, event.succeeds)
            total = terms.arith("+", total, terms.choose(happens, event.delta, terms.const(0)))
    return total
