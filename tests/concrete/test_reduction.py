"""Searches in which steps that commute with all others go first: the same answers as those that look at every state."""

import random
from functools import partial
from typing import get_args

import pytest

from encoder.concrete.explorer.explore import Exploration, explore_all
from encoder.memory.model import StateMachine
from encoder.program.core import Ended, Program, Property
from tests.concrete.build import both, never
from tests.fuzz.asked import Asker
from tests.fuzz.maker import Limits, Maker
from tests.fuzz.told import NOTHING, starts

MOST_STATES = 20_000


def at_the_end(made: Program, asked: Property) -> Property:
    """The same, once every thread has ended."""
    (instance,) = asked.instances
    ended = both(*(Ended(thread.name) for thread in made.threads))
    return never(both(instance.situation, instance.violation), situation=ended)


def fewer(made: Program, asked: Property, machine: StateMachine) -> tuple[Exploration, int] | None:
    """What a full search finds of the property, and how many states a reduced one saves; None where it is too much.

    Three are asked, together and apart: the property, one that nothing breaks so that everything is looked at, and what
    holds at the end.
    """
    props = [asked, NOTHING, at_the_end(made, asked)]
    full = explore_all(made, props, loops=2, max_states=MOST_STATES, machine=machine)
    if full[1].outcome == "gave up":
        return None
    search = partial(explore_all, made, loops=2, max_states=MOST_STATES, machine=machine, reduce=True)
    apart = [search([prop])[0] for prop in props]
    together = search(props)
    for one, *others in zip(full, together, apart, strict=True):
        for other in others:
            same(one, other)
    return full[0], full[1].states - apart[1].states


def same(full: Exploration, reduced: Exploration) -> None:
    assert reduced.outcome == full.outcome
    if reduced.complete:
        assert full.outcome == "violated" or reduced.situation == full.situation
        assert (reduced.longest, reduced.beyond) == (full.longest, full.beyond)
        assert (reduced.fault is None) == (full.fault is None)


def compare(machine: StateMachine, seeds: range) -> None:
    outcomes, beyond, faults, saved = set(), set(), set(), 0
    for seed in seeds:
        chance = random.Random(seed)
        made = Maker(chance, Limits()).program()
        asked = Asker(chance).anything(made)
        if starts(made) and (found := fewer(made, asked, machine)):
            outcomes.add(found[0].outcome)
            beyond.add(bool(found[0].beyond))
            faults.add(found[0].fault is None)
            saved += found[1] > 0
    assert outcomes == {"safe", "violated"}
    assert beyond == faults == {True, False}
    assert saved > len(seeds) / 2


@pytest.mark.slow
@pytest.mark.parametrize("machine", get_args(StateMachine))
def test_reduced_and_full_searches_agree(machine: StateMachine) -> None:
    compare(machine, range(110, 170))


@pytest.mark.slow
@pytest.mark.parametrize("machine", get_args(StateMachine))
@pytest.mark.parametrize("block", range(5))
def test_reduced_and_full_searches_agree_on_many(block: int, machine: StateMachine) -> None:
    compare(machine, range(1000 + 200 * block, 1200 + 200 * block))
