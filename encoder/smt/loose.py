"""What no order of the steps reaches, under any memory model: executions of which only little is asked.

A step happens only where its guard holds and all before it did, but what is read may be anything. Of the end it is
known which locks are held, as only who takes a lock releases it, that no two hold one, and what counters add up to.
What such an execution cannot reach, none of any model does; what it can, some model may.
"""

from itertools import combinations

from encoder.graph.access import clears, sets
from encoder.graph.events import Event, Graph, Kind
from encoder.graph.term import Term
from encoder.program.core import CellName
from encoder.smt.execution import closed, done
from encoder.smt.property import State
from encoder.smt.query import assumable, start
from encoder.smt.script import Script, negate
from encoder.smt.several import Several


def loose(graph: Graph, state: State, goals: dict[str, Term]) -> Several:
    """Build the problem for these goals, which speak of the state."""
    script = Script()
    closed(script, graph)
    start(script, graph)
    script.group("await: an event that waits happens only when it need not")
    for event in graph.events:
        script.clause(script.truth(graph.terms.implies(_happens(graph, event), event.await_)))
    script.group("locks: no two are held against each other")
    for a, b in combinations((e for e in graph.events if e.kind is Kind.ACQUIRE), 2):
        if a.cell == b.cell and a.thread != b.thread and not (a.mode == b.mode == "read"):
            script.clause(negate(script.truth(_held(graph, a))), negate(script.truth(_held(graph, b))))
    script.group("state: last values, where no order need be known")
    for cell, values in state.finals.items():
        if len(values) == 1 and (known := _last(graph, cell)) is not None:
            script.clause(script.equal(values[0], known))
    literals = assumable(script, goals)
    return Several(text=script.fresh(), lax="", goals=literals)


def _last(graph: Graph, cell: CellName) -> Term | None:
    """What a counter or a lock bit holds at the end; None of other cells."""
    terms, (value,) = graph.terms, graph.initial[cell]
    writes = [e for e in graph.events if e.cell == cell and e.writes is not None]
    if cell in graph.summed and cell not in graph.environment.counters and all(e.delta is not None for e in writes):
        for event in writes:
            assert event.delta is not None
            value = terms.arith("+", value, terms.choose(_takes_effect(graph, event), event.delta, terms.const(0)))
        return value
    if cell in graph.bits and value.low >= 0 and value.high <= 1:
        return terms.or_(terms.as_bool(value), *(_held(graph, e) for e in writes if sets(e, terms)))
    return None


def _held(graph: Graph, taken: Event) -> Term:
    """What this event has taken is held at the end."""
    terms = graph.terms
    later = [
        _takes_effect(graph, e)
        for e in graph.threads[taken.thread].events
        if e.cell == taken.cell and e.step.index > taken.step.index
        and (e.kind is Kind.RELEASE or (e.kind is not Kind.ACQUIRE and clears(e, terms)))
    ]  # fmt: skip
    return terms.and_(_takes_effect(graph, taken), taken.takes, terms.not_(terms.or_(*later)))


def _happens(graph: Graph, event: Event) -> Term:
    return graph.terms.and_(done(graph.terms, event.step), event.target)


def _takes_effect(graph: Graph, event: Event) -> Term:
    return graph.terms.and_(_happens(graph, event), event.succeeds)
