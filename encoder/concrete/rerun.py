"""A recorded schedule replayed under its memory model."""

from encoder.base.result import Question, Witness
from encoder.concrete.axiomatic.replay import confirm_weak
from encoder.concrete.interleaving.replay import ReplayResult, confirm
from encoder.memory import MODELS
from encoder.program.core import Program, Property


def rerun(program: Program, asked: Property, question: Question, witness: Witness) -> ReplayResult:
    """Replay `witness`, which breaks the property `asked`. Raises SelfCheckError where it cannot be replayed or breaks
    nothing, and Misfit where the replay differs from the recording."""
    if MODELS[question.model].total:
        return confirm(program, asked, witness, question.loops)
    return confirm_weak(program, asked, MODELS[question.model], witness, question.loops)
