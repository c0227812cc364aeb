"""Twenty-five random programs with twins, under two sets of names; `make fuzz` tries ten thousand."""

from collections import Counter

import pytest

from tests.fuzz.names import SHARES, examined
from tests.fuzz.programs import missing


@pytest.mark.parametrize("block", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_names_decide_nothing(block: int) -> None:
    counts: Counter[str] = Counter()
    for seed in range(25 * block, 25 * block + 25):
        found = examined(seed)
        assert not found.wrong, "\n".join(found.wrong)
        counts.update(found.counts)
    assert not missing(counts, 25, {kind: share / 4 for kind, share in SHARES.items()})
