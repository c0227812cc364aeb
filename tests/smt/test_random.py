"""The encoder against explicit-state search, on random programs over the whole step language."""

import pytest

from encoder.concrete.explore import Exploration, explore
from encoder.program.core import BOOL, Const, Program, Property
from tests.concrete.build import never
from tests.smt.random_programs import Generator, encoded

MOST_STATES = 20_000


def explored(made: Program, asked: Property) -> Exploration | None:
    found = explore(made, asked, loops=2, max_states=MOST_STATES)
    return None if found.outcome == "gave up" else found


@pytest.mark.parametrize("block", range(10))
def test_encoder_and_explorer_agree(block: int) -> None:
    """Verdict, length of the shortest schedule, reachability of the situation, loops beyond their bounds."""
    compared = 0
    for seed in range(30 * block, 30 * block + 30):
        generator = Generator(seed)
        made = generator.program()
        asked = generator.property(made)
        made = generator.with_property(made, asked)
        reference = explored(made, asked)
        everything = explored(made, never(Const(0, BOOL)))
        if reference is None or everything is None:
            continue
        compared += 1
        found = encoded(made, asked)
        assert (found.schedule is not None) == (reference.outcome == "violated"), seed
        if found.schedule is None:
            assert found.situation == reference.situation, seed
        else:
            assert len(found.schedule) == len(reference.schedule), seed
        assert found.beyond == bool(everything.beyond), seed
    assert compared > 20
