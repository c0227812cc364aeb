"""A schedule to the changes that would have stopped it."""

from encoder.program.core import Program
from encoder.reasons import Remedies
from encoder.remedy.barriers import Barriers
from encoder.remedy.blocks import Blocks
from encoder.result import Question, Witness


def remedies(program: Program, question: Question, witness: Witness, deadline: float) -> Remedies | None:
    """The nearest changes that would have stopped the schedule; None where time ran out before any was tried.

    Raises SelfCheckError where the schedule is not one of the encoding.
    """
    interleaved = question.model == "sc" or not witness.cycle
    try:
        found = (Blocks if interleaved else Barriers)(program, question, witness, deadline)
    except TimeoutError:
        return None
    return found.remedies()
