"""A recorded schedule run again under the memory model that it is of."""

from encoder.base.result import Question, Witness
from encoder.concrete.axiomatic.replay import confirm_weak
from encoder.concrete.interleaving.replay import ReplayResult, confirm
from encoder.memory import MODELS
from encoder.program.core import Program, Property


def rerun(program: Program, asked: Property, question: Question, witness: Witness) -> ReplayResult:
    """Raises SelfCheckError where it cannot be run or breaks nothing, and Misfit where the run differs from what is
    recorded of it."""
    if MODELS[question.model].total:
        return confirm(program, asked, witness, question.loops)
    return confirm_weak(program, asked, MODELS[question.model], witness, question.loops)
