"""Completes a proof with open loops by an explicit-state search without loop bounds, if the search terminates.

The set of states that the search has seen is an inductive invariant: it contains every initial state, is closed under
steps, and no state in it violates the property. No part of the encoder is used.
"""

import time
from dataclasses import replace

from encoder.base.result import Proved, Question
from encoder.concrete.explorer.explore import explore_all
from encoder.memory import MODELS
from encoder.program.core import Program, Property

STATES = 1_000_000


def close_loops(program: Program, question: Question, prop: Property, proved: Proved) -> tuple[Proved, tuple[str, ...]]:
    """The proof, complete if the search ends within the question's time without a violation; and flags for the report.

    Under a model without a state machine (`MemoryModel.explorable`), such as LKMM, the proof is returned as it is.
    """
    machine = MODELS[question.model].explorable
    if machine is None:
        return proved, ()
    (search,) = explore_all(
        program, [prop], loops=None, max_states=STATES, symmetry=True, machine=machine, reduce=True,
        deadline=time.monotonic() + question.timeout,
    )  # fmt: skip
    if search.outcome == "violated":
        return proved, (f"further rounds break it ({len(search.schedule)} steps or fewer): raise --loops",)
    if search.fault is not None:
        return proved, (f"in further rounds {search.fault.message}: raise --loops",)
    if search.outcome == "gave up" or not search.complete or search.beyond:
        return proved, ()
    return replace(proved, complete=True, open_loops=(), searched_loops=proved.open_loops, states=search.states), ()
