"""Executions without an order of their steps: a superset of the executions of every memory model.

A step happens only if its guard holds and all earlier steps of its thread have happened, but what is read is arbitrary.
In the final state it is known which locks are held, since the thread that takes a lock releases it; that no two threads
hold one in conflicting modes; and what counters add up to. A goal that is unsat here is unsat under every model; a goal
that is sat here may still be unsat under each.
"""

from itertools import combinations

from encoder.graph.events import Event, EventKind, Graph
from encoder.graph.lock_balance import releases_of
from encoder.graph.term import Term
from encoder.program.core import CellName
from encoder.smt.encoding import Encoding, assert_assumptions, goal_literals
from encoder.smt.end_state import EndState
from encoder.smt.formula import Formula
from encoder.smt.progress import assert_po_closed, done
from encoder.smt.text.script import Script, negate


def encode_relaxation(graph: Graph, state: EndState, goals: dict[str, Term]) -> Encoding:
    """Encode these goals, which are conditions on the end state."""
    script = Script()
    assert_po_closed(script, graph)
    assert_assumptions(script, graph)
    script.group("await: an event that waits happens only when it need not")
    for event in graph.events:
        script.clause(script.truth(graph.terms.implies(_happens(graph, event), event.await_)))
    script.group("locks: no two are held against each other")
    for a, b in combinations((e for e in graph.events if e.kind is EventKind.ACQUIRE), 2):
        if a.cell == b.cell and a.thread != b.thread and not (a.mode == b.mode == "read"):
            script.clause(negate(script.truth(_held_at_end(graph, a))), negate(script.truth(_held_at_end(graph, b))))
    script.group("state: last values, as far as no order need be known")
    for cell, values in state.finals.items():
        if not any(e.kind is EventKind.ACQUIRE for e in graph.events if e.cell == cell):
            script.clause(script.truth(_possible_last_values(graph, cell, values)))
    literals = goal_literals(script, goals)
    return Encoding(script=script, formula=Formula(script.take_text()), goals=literals)


def encode_bound(graph: Graph) -> Encoding:
    """Encode the goal `bound` of `Encoding`."""
    state = EndState(graph)
    return encode_relaxation(graph, state, {"bound": state.exceeds_bound()})


def _possible_last_values(graph: Graph, cell: CellName, values: tuple[Term, ...]) -> Term:
    """The values that a cell can hold at the end: for a counter the sum of the adds; otherwise a value written by a
    write that is the last one of its own thread to the cell, or the initial value if nothing was written."""
    terms, start = graph.terms, graph.initial[cell]
    writes = [e for e in graph.events if e.cell == cell and e.writes is not None]
    if cell in graph.counters:
        if cell in graph.interference.counters or any(e.delta is None for e in writes):
            return terms.true
        total = start[0]
        for event in writes:
            assert event.delta is not None
            total = terms.arith("+", total, terms.choose(_takes_effect(graph, event), event.delta, terms.const(0)))
        return terms.eq(values[0], total)
    possible = [terms.and_(_equal(graph, values, start), *(terms.not_(_takes_effect(graph, e)) for e in writes))]
    for event in writes:
        assert event.writes is not None
        later = [e for e in writes if e.thread == event.thread and e.step.index > event.step.index]
        over = terms.or_(*(_takes_effect(graph, e) for e in later))
        possible.append(terms.and_(_takes_effect(graph, event), terms.not_(over), _equal(graph, values, event.writes)))
    return terms.or_(*possible)


def _equal(graph: Graph, one: tuple[Term, ...], other: tuple[Term, ...]) -> Term:
    """Two words are equal component by component."""
    return graph.terms.and_(*(graph.terms.eq(a, b) for a, b in zip(one, other, strict=True)))


def _held_at_end(graph: Graph, taken: Event) -> Term:
    """The lock that this acquisition takes is held at the end."""
    terms = graph.terms
    own = graph.threads[taken.thread].events
    later = [terms.and_(_happens(graph, e), ends) for e, ends in releases_of(terms, taken, own)]
    return terms.and_(_takes_effect(graph, taken), terms.not_(terms.or_(*later)))


def _happens(graph: Graph, event: Event) -> Term:
    """The event happens."""
    return graph.terms.and_(done(graph.terms, event.step), event.target)


def _takes_effect(graph: Graph, event: Event) -> Term:
    """The event happens, and its write or acquisition succeeds."""
    return graph.terms.and_(_happens(graph, event), event.succeeds)
