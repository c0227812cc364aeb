"""The encoder under TSO against the explorer's store buffers, on random programs over the whole step language."""

import time

import pytest
from tests.smt.random_programs import Generator

from encoder.concrete.explore import Exploration, Model, explore_all
from encoder.graph.build import build
from encoder.memory import MODELS
from encoder.program.core import BOOL, Const, Ended, Program, Property
from encoder.smt.prefix import prefixes
from encoder.smt.solver import Session
from tests.concrete.build import both, never

MOST_STATES = 20_000


def at_the_end(made: Program, asked: Property) -> Property:
    """The same, once every thread has ended."""
    (instance,) = asked.instances
    ended = both(*(Ended(thread.name) for thread in made.threads))
    return never(both(instance.situation, instance.violation), situation=ended)


def explored(made: Program, asked: Property, model: Model = "tso") -> tuple[Exploration, Exploration] | None:
    """The property, and one that nothing breaks so that everything is looked at; None where that is too much.

    A reduced search gives the same answers, of what holds at the end too.
    """
    props = [asked, never(Const(0, BOOL)), at_the_end(made, asked)]
    full = explore_all(made, props, loops=2, max_states=MOST_STATES, model=model)
    if full[1].outcome == "gave up":
        return None
    apart = [explore_all(made, [prop], loops=2, max_states=MOST_STATES, model=model, reduce=True)[0] for prop in props]
    together = explore_all(made, props, loops=2, max_states=MOST_STATES, model=model, reduce=True)
    for one, *others in zip(full, together, apart, strict=True):
        for other in others:
            assert other.outcome == one.outcome
            if other.complete:
                assert one.outcome == "violated" or other.situation == one.situation
                assert (other.longest, other.beyond, other.fault is None) == (
                    one.longest,
                    one.beyond,
                    one.fault is None,
                )
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


def test_a_reduced_search_agrees_under_sc_too() -> None:
    for seed in range(40):
        generator = Generator(seed)
        made = generator.program()
        explored(made, generator.property(made), "sc")
