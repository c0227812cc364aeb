"""Some fifty random programs; `make fuzz` tries ten thousand."""

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import randoms

from tests.fuzz.aimed import Aimed
from tests.fuzz.differ import Compared
from tests.fuzz.features import FEATURES, features
from tests.fuzz.programs import SHARES, SMALL, Effort, by_aim, by_ends, by_property, examined

few = settings(
    derandomize=True, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)  # fmt: skip
chances = given(randoms(use_true_random=False))
INTERLEAVED, AXIOMATIC, SHORT = Effort(most=0), Effort(most=60, shapes=SMALL), Effort(most=30, shapes=SMALL)


def agree(found: Compared) -> None:
    assert not found.wrong, "\n".join(found.wrong)


@settings(few, max_examples=8)
@chances
def test_encoder_explorer_replay_and_laws(chance: random.Random) -> None:
    agree(by_property(chance, INTERLEAVED))


@settings(few, max_examples=5)
@chances
def test_encoder_and_axioms(chance: random.Random) -> None:
    agree(by_property(chance, AXIOMATIC))


@settings(few, max_examples=8)
@chances
def test_every_end_and_flag(chance: random.Random) -> None:
    agree(by_ends(chance, complete=chance.random() < 0.5, effort=AXIOMATIC))


@settings(few, max_examples=14)
@chances
@pytest.mark.slow
def test_what_is_aimed_at_weak_ends(chance: random.Random) -> None:
    agree(by_aim(chance, AXIOMATIC))


@pytest.mark.parametrize("block", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 10))])
def test_those_of_a_long_run(block: int) -> None:
    for seed in range(10 * block, 10 * block + 10):
        agree(examined(seed, SHORT))


@pytest.mark.slow
def test_the_random_programs_are_of_every_kind() -> None:
    """The same numbers make the same programs, with every verdict among them."""
    found = [by_property(random.Random(seed), INTERLEAVED).counts for seed in range(8)]
    assert found[:3] == [by_property(random.Random(seed), INTERLEAVED).counts for seed in range(3)]
    counts = sum(found, Compared().counts)
    assert all(counts[f"lkmm {word}"] for word in ("refuted", "proved", "vacuous"))


def test_the_aimed_programs_contain_what_they_are_for() -> None:
    """In the shares that a long run asks for, of which they are half."""
    counts = Counter(each for seed in range(400) for each in features(Aimed(random.Random(seed)).program()))
    assert [each for each in FEATURES if counts[each] * 100 < 2 * SHARES[each] * 400] == []
