"""How far each thread gets in an execution: which steps happen, closed under program order, and what other threads have
added to counters meanwhile."""

from encoder.graph.events import MAX_ADDED, Event, Graph, GraphStep
from encoder.graph.term import Term, Terms
from encoder.program.core import CellName
from encoder.smt.text.script import TRUE, Script, both, either, negate


def done(terms: Terms, step: GraphStep) -> Term:
    """The literal that the step happens."""
    return terms.lit(f"done.{step.thread}.{step.index}")


def prefix_done(terms: Terms, thread: int, steps: int) -> Term:
    """The literal that those of the thread's first `steps` steps whose guards hold are done."""
    return terms.lit(prefix_name(thread, steps)) if steps else terms.true


def prefix_name(thread: int, steps: int) -> str:
    """The name of the literal of `prefix_done`."""
    return f"reach.{thread}.{steps}"


def assert_po_closed(script: Script, graph: Graph) -> dict[GraphStep, str]:
    """Assert that a step happens only if its guard holds and every earlier step of its thread whose guard holds has
    happened; returns the literal that each step happens.

    The literals are free otherwise, so a thread may stop anywhere. `prefix_done` is defined by them.
    """
    script.group("po: executions are closed under program order, and a step happens only where its guard holds")
    literals = {}
    for number, thread in enumerate(graph.threads):
        prefix = TRUE
        for step in thread.steps:
            guard = script.truth(step.guard)
            happened = literals[step] = script.truth(done(graph.terms, step))
            script.clause(negate(happened), prefix)
            script.clause(negate(happened), guard)
            prefix = script.define(prefix_name(number, step.index + 1), both(prefix, either(negate(guard), happened)))
    return literals


def interference_sum(graph: Graph, cell: CellName, reader: Event | None) -> tuple[Term, ...]:
    """What interference has added to a counter when `reader` reads it (None: at the end): a variable that is a multiple
    of the counter's step. Empty if it adds nothing."""
    step = graph.interference.counters.get(cell)
    if step is None or (reader is None and cell not in graph.interference.remaining):
        return ()
    name = "final" if reader is None else f"{reader.thread}.{reader.uid}"
    minimum = 0 if reader is None else graph.interference.own_adds.get(reader.thread, 0)
    multiple = graph.terms.var(f"environment.{name}.{cell}", (-(-minimum // step), MAX_ADDED // step))
    return (graph.terms.arith("*", multiple, graph.terms.const(step)),)
