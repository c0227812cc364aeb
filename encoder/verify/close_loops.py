"""Loops that a proof has left open: closed by a search of all states with no bound on any loop, where there is an end.

The states that the search has seen are an inductive invariant: they hold every start, nothing leads out of them, and
none breaks the property. Nothing of the encoder is used.
"""

import time
from dataclasses import replace

from encoder.base.result import Proved, Question
from encoder.concrete.explorer.explore import explore_all
from encoder.memory import MODELS
from encoder.program.core import Program, Property

STATES = 1_000_000


def close_loops(
    program: Program, question: Question, asked: Property, proved: Proved
) -> tuple[Proved, tuple[str, ...]]:
    """The proof, complete if the search ends within the question's time and finds nothing, and what to say of it.

    Under a model that has no states, as LKMM, it is left as it is.
    """
    machine = MODELS[question.model].explorable
    if machine is None:
        return proved, ()
    (found,) = explore_all(
        program, [asked], loops=None, max_states=STATES, symmetry=True, machine=machine, reduce=True,
        deadline=time.monotonic() + question.timeout,
    )  # fmt: skip
    if found.outcome == "violated":
        return proved, (f"further rounds break it ({len(found.schedule)} steps or fewer): raise --loops",)
    if found.fault is not None:
        return proved, (f"in further rounds {found.fault.message}: raise --loops",)
    if found.outcome == "gave up" or not found.complete or found.beyond:
        return proved, ()
    return replace(proved, complete=True, open_loops=(), searched_loops=proved.open_loops, states=found.states), ()
