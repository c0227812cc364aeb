"""`replay`: a recorded schedule, run again without the solver."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from encoder.base.errors import Misfit, SelfCheckError
from encoder.base.result import Question, Witness
from encoder.cli import exits
from encoder.cli.recorded import Recorded, all_resolved, misfit, recorded_in
from encoder.ledger.place import name_of
from encoder.memory import MODELS
from encoder.render.verdict import where

if TYPE_CHECKING:
    from encoder.program.core import Program, Property

WitnessFile = Annotated[
    str,
    typer.Argument(metavar="FILE", help="What `witness` or `prove --json` printed, or proofs/schedules/*.json."),
]
ScheduleNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NAMES]...",
        help="Of a file with several schedules, only those with these names, given as for `verify`.",
    ),
]


def replay(file: WitnessFile, names: ScheduleNames = None) -> int:
    """Does the schedule in FILE still break its property? Decided without the solver."""
    text, chosen = recorded_in(file, names or ())
    found = all_resolved(each.question for each in chosen)
    return max(_told(file, text, each, *found[each.question]) for each in chosen)


def _told(file: str, text: str, recorded: Recorded, program: "Program", asked: "Property") -> int:
    """Say whether a schedule of this program and property holds; the exit code."""
    from encoder.render.text import what_broke

    question = recorded.question
    try:
        witness = confirmed(recorded, program, asked)
    except DoesNotHold as error:
        which = f"{name_of(question)}: " if recorded.place else ""
        sys.stdout.write(f"DOES NOT HOLD: {which}{error}\n")
        return exits.REFUTED
    except Misfit as error:
        raise misfit(file, text, recorded, error) from error
    sys.stdout.write(
        f"CONFIRMED: the schedule of {len(witness.schedule)} steps breaks {question.property} "
        f"in {question.scenario}, {question.variant} {where(question)}\n{what_broke(witness)}\n"
    )
    return exits.OK


class DoesNotHold(Exception):
    """The schedule cannot be run, or breaks nothing."""


def confirmed(recorded: Recorded, program: "Program", asked: "Property") -> Witness:
    """The schedule of this program and property, run again. Raises DoesNotHold, and Misfit where its steps are none of
    these specs, or something else is recorded of them."""
    if not isinstance(recorded.schedule, Witness):
        return _rebuilt(program, asked, recorded)
    question, witness = recorded.question, recorded.schedule
    from encoder.concrete.rerun import rerun

    try:
        _run(program, asked, question, witness)
    except Misfit:
        raise
    except SelfCheckError as error:
        _refuse_misfit(program, asked, question, witness)
        raise DoesNotHold(str(error)) from error
    rerun(program, asked, question, witness)
    return witness


def _rebuilt(program: "Program", asked: "Property", recorded: Recorded) -> Witness:
    """The witness that a few lines record. Raises DoesNotHold, and Misfit where they give no start."""
    from encoder.witness.recording import Recording, rebuilt

    assert isinstance(recorded.schedule, Recording)
    try:
        return rebuilt(program, asked, recorded.question, recorded.schedule)
    except Misfit:
        raise
    except SelfCheckError as error:
        raise DoesNotHold(str(error)) from error


def _refuse_misfit(program: "Program", asked: "Property", question: Question, witness: Witness) -> None:
    """Raises Misfit if a schedule that cannot be run, or breaks nothing, is none of these specs."""
    from encoder.concrete.rerun import rerun

    try:
        rerun(program, asked, question, witness)
    except Misfit:
        raise
    except SelfCheckError:
        return


def _run(program: "Program", asked: "Property", question: Question, witness: Witness) -> None:
    """Raises SelfCheckError where the schedule cannot be run, or breaks nothing."""
    symbols = dict(witness.symbols)
    if MODELS[question.model].total:
        from encoder.concrete.interleaving.replay import replay as run

        run(program, asked, symbols, [step.thread for step in witness.schedule], question.loops)
    else:
        from encoder.concrete.axiomatic.replay import replay_weak
        from encoder.concrete.axiomatic.thread_runs import WitnessStep

        steps = [WitnessStep(step.thread, step.index, step.reads_from) for step in witness.schedule]
        model, coherence = MODELS[question.model], dict(witness.coherence)
        replay_weak(program, asked, model, symbols, steps, coherence, question.loops)
