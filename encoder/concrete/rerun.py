"""A recorded schedule replayed under its memory model."""

from encoder.base.result import Question, Witness
from encoder.concrete.axiomatic.replay import confirm_weak
from encoder.concrete.interleaving.judgement import observed_leaves
from encoder.concrete.interleaving.replay import ReplayResult, confirm
from encoder.memory import MODELS
from encoder.program.core import Instance, Program, Property, Waits


def rerun(program: Program, asked: Property, question: Question, witness: Witness) -> ReplayResult:
    """Replay `witness`, which breaks the property `asked`. Raises SelfCheckError where it cannot be replayed or breaks
    nothing, and Misfit where the replay differs from the recording."""
    if MODELS[question.model].total:
        return confirm(program, asked, witness, question.loops)
    return confirm_weak(program, asked, MODELS[question.model], witness, question.loops)


def witness_from(symbols: tuple[tuple[str, int], ...], replayed: ReplayResult) -> Witness:
    """What was replayed, from the start that these symbols give, as a witness."""
    waiting = _is_about_waiting(replayed.violated)
    return Witness(
        symbols=symbols,
        initial=replayed.initial,
        schedule=replayed.steps,
        final=replayed.final,
        violated=", ".join(replayed.waiting) if waiting else replayed.violated.text,
        broken=() if waiting else replayed.broken,
        coherence=replayed.coherence,
        cycle=replayed.cycle,
    )


def _is_about_waiting(broken: Instance) -> bool:
    """Whether the violated condition reads which threads wait; then the waits are what is reported."""
    return any(isinstance(leaf, Waits) for leaf in observed_leaves(broken))
