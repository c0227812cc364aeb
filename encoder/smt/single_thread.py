"""Checks that a condition on one thread is unsatisfiable with arbitrary read values; then it never holds in any
execution under any model."""

from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.smt.formula import Formula
from encoder.smt.progress import assert_po_closed
from encoder.smt.solvers.z3_solver import Session
from encoder.smt.text.script import Script


def is_impossible(graph: Graph, condition: Term, deadline: float) -> bool:
    """Whether the condition, on steps of one thread, cannot hold, wherever threads stop. False if that is not decided
    by `deadline`, a `time.monotonic()` value."""
    script = Script()
    assert_po_closed(script, graph)
    script.clause(script.truth(condition))
    return Session(Formula(script.take_text()), deadline).check().word == "unsat"
