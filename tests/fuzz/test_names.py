"""A few random programs with twins, under two sets of names; `make fuzz` tries ten thousand."""

from collections import Counter

import pytest

from tests.fuzz.names import SHARES, examined
from tests.fuzz.programs import missing


def test_names_decide_nothing() -> None:
    assert [wrong for seed in range(3) for wrong in examined(seed).wrong] == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(2))
def test_names_decide_nothing_of_every_kind(block: int) -> None:
    counts: Counter[str] = Counter()
    for seed in range(25 * block, 25 * block + 25):
        found = examined(seed)
        assert not found.wrong, "\n".join(found.wrong)
        counts.update(found.counts)
    assert not missing(counts, 25, {kind: share / 4 for kind, share in SHARES.items()})
