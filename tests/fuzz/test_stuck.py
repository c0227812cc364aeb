"""What a verdict takes for granted, of seven random programs; `make fuzz` tries many more."""

import random

import pytest

from tests.fuzz.stuck import SHARES, Compared, compared

SMALL = ((2, 3), (2, 3), (2, 4), (3, 2))
PROGRAMS = 60


def test_encoder_explorer_and_axioms_agree() -> None:
    assert [wrong for seed in range(7) for wrong in compared(random.Random(seed), 40, SMALL).wrong] == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(2))
def test_they_agree_on_both_outcomes(block: int) -> None:
    """Both outcomes of each check come up, under every model."""
    whole = Compared()
    for seed in range(PROGRAMS * block, PROGRAMS * (block + 1)):
        found = compared(random.Random(seed), 40, SMALL)
        whole.counts += found.counts
        assert not found.wrong, "\n".join(found.wrong)
    assert {what: share for what, share in SHARES.items() if whole.counts[what] * 100 < share * PROGRAMS} == {}
