"""What a thread can never do by itself, whatever it reads: an answer holds in every execution of every model."""

from encoder.graph.events import Graph
from encoder.graph.term import Term
from encoder.smt.progress import assert_po_closed
from encoder.smt.solvers.z3_solver import Session
from encoder.smt.text.script import Script


def is_impossible(graph: Graph, condition: Term, deadline: float) -> bool:
    """Whether `condition`, about steps of one thread, cannot be, threads stopped anywhere; False where that is not decided
    by `deadline`, a `time.monotonic()` value."""
    script = Script()
    assert_po_closed(script, graph)
    script.clause(script.truth(condition))
    return Session(script.take_text(), deadline).check().word == "unsat"
