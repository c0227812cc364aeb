"""The encoder under TSO against the explorer's store buffers, on random programs over the whole step language."""

import time

import pytest

from encoder.concrete.explore import Exploration, explore_all
from encoder.graph.build import build
from encoder.memory import MODELS
from encoder.program.core import BOOL, Const, Program, Property
from encoder.smt.prefix import prefixes
from encoder.smt.solver import Session
from tests.concrete.build import never
from tests.smt.random_programs import Generator

MOST_STATES = 20_000


def explored(made: Program, asked: Property) -> tuple[Exploration, Exploration] | None:
    """The property, and one that nothing breaks so that everything is looked at; None where that is too much.

    A reduced search gives the same answers.
    """
    props = [asked, never(Const(0, BOOL))]
    full, reduced = (
        explore_all(made, props, loops=2, max_states=MOST_STATES, model="tso", reduce=reduce)
        for reduce in (False, True)
    )
    if full[1].outcome == "gave up" or reduced[1].outcome == "gave up":
        return None
    assert [(f.outcome, f.complete, f.longest, f.beyond, f.fault is None) for f in full] == [
        (f.outcome, f.complete, f.longest, f.beyond, f.fault is None) for f in reduced
    ]
    assert full[0].outcome == "violated" or full[0].situation == reduced[0].situation
    return full[0], full[1]


def compare(seeds: range) -> int:
    compared = 0
    for seed in seeds:
        generator = Generator(seed)
        made = generator.program()
        asked = generator.property(made)
        made = generator.with_property(made, asked)
        found = explored(made, asked)
        if found is None:
            continue
        compared += 1
        reference, everything = found
        problems = prefixes(build(made, 2), MODELS["tso"], asked, None)
        session = Session(problems.text, time.monotonic() + 60)
        words = {goal: session.check(problems.goals[goal]).word for goal in ("violation", "situation", "bound")}
        assert "unknown" not in words.values()
        assert (words["violation"] == "sat") == (reference.outcome == "violated"), seed
        if reference.outcome == "safe":
            assert (words["situation"] == "sat") == reference.situation, seed
        assert (words["bound"] == "sat") == bool(everything.beyond), seed
    return compared


def test_encoder_and_explorer_agree() -> None:
    assert compare(range(15)) > 8


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_encoder_and_explorer_agree_on_many(block: int) -> None:
    assert compare(range(100 + 30 * block, 130 + 30 * block)) > 15
