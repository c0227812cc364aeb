"""Random sections that end on two branches, with another one behind one of the ends: once taken to reach too far."""

import random

from encoder.memory import MODELS
from encoder.program.core import Statement
from tests.concrete.build import lock, unlock, when
from tests.concrete.enumerate import TooMany
from tests.fuzz.maker import Limits, Made, Maker
from tests.fuzz.programs import all_ends
from tests.fuzz.told import Executions

LITTLE = Limits(shapes=((2, 2), (2, 3)), plain=False, wrong=False, symbols=False)


class Forked(Maker):
    """Programs of little but such sections."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance, LITTLE)
        self.kinds = {self.forked: 6, self.section: 2}

    def forked(self, size: int) -> Made:
        """On the one branch the section ends and another one of the lock follows."""
        if not self.free():
            return self.access()
        which = self.chance.choice(self.free())
        first, again, other = (self.inside(max(1, size // 2), which) for _ in range(3))
        arms: list[list[Statement]] = [[unlock(which), lock(which), *again, unlock(which)], [*other, unlock(which)]]
        self.chance.shuffle(arms)
        return [lock(which), *first, when(self.condition(), *arms)], size


def test_every_end_is_found_and_no_other() -> None:
    compared = 0
    for seed in range(24):
        made = Forked(random.Random(seed)).program()
        try:
            executions = Executions(made, 200, complete=True)
        except TooMany:
            continue
        if executions.found:
            assert not all_ends(made, executions.by_end(), MODELS, complete=True).wrong
            compared += 1
    assert compared > 8
