"""Finds the changes that would have prevented a counterexample."""

from encoder.base.result import Question, Tell, Witness, silent
from encoder.explanation.barriers import BarrierSearch
from encoder.explanation.blocks import AtomicBlockSearch
from encoder.explanation.reasons import Fixes
from encoder.program.core import Program
from encoder.spec.model import Library


def find_fixes(
    library: Library, program: Program, question: Question, witness: Witness, deadline: float, tell: Tell = silent
) -> Fixes | None:
    """The nearest changes that would have prevented the counterexample; None where time ran out before any was tried.

    Raises SelfCheckError where the counterexample is not an execution of the encoding.
    """
    try:
        if not witness.cycle:
            return AtomicBlockSearch(library, program, question, witness, deadline, tell).nearest_fixes()
        return BarrierSearch(program, question, witness, deadline, tell).nearest_fixes()
    except TimeoutError:
        return None
