"""A few random programs asked in several ways, and a few of twisted shapes; `make fuzz` tries many more."""

import random
from collections import Counter

import pytest

from tests.fuzz.maker import Limits
from tests.fuzz.programs import SMALL, Effort, by_shape, missing
from tests.fuzz.twisted import SHAPES, Twisted
from tests.fuzz.ways import SHARES, examined


def test_every_way_comes_to_the_same() -> None:
    assert [wrong for seed in range(3) for wrong in examined(seed).wrong] == []


@pytest.mark.slow
def test_every_way_is_taken() -> None:
    counts: Counter[str] = Counter()
    for seed in range(100):
        found = examined(seed)
        assert not found.wrong, "\n".join(found.wrong)
        counts.update(found.counts)
    assert missing(counts, 100, {way: share / 2 for way, share in SHARES.items()}) == []


@pytest.mark.slow
def test_twisted_shapes_are_decided_alike_by_everybody() -> None:
    effort = Effort(most=80, shapes=SMALL)
    assert [wrong for seed in range(7) for wrong in by_shape(random.Random(seed), effort).wrong] == []


def test_every_shape_is_made() -> None:
    made = Counter(Twisted(random.Random(seed), Limits()).shape for seed in range(100))
    assert all(made[shape] > 5 for shape in SHAPES)
