"""A schedule to the changes that would have stopped it."""

from encoder.base.result import Question, Witness
from encoder.explanation.barriers import BarrierSearch
from encoder.explanation.blocks import Blocks
from encoder.explanation.reasons import Remedies
from encoder.program.core import Program
from encoder.spec.model import Library


def remedies(
    library: Library, program: Program, question: Question, witness: Witness, deadline: float
) -> Remedies | None:
    """The nearest changes that would have stopped the schedule; None where time ran out before any was tried.

    Raises SelfCheckError where the schedule is not one of the encoding.
    """
    try:
        if not witness.cycle:
            return Blocks(library, program, question, witness, deadline).remedies()
        return BarrierSearch(program, question, witness, deadline).remedies()
    except TimeoutError:
        return None
