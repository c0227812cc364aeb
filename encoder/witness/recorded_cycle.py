"""The cycle of a witness as edges between its steps."""

import re
from typing import Literal, get_args

from encoder.base.result import Witness

EdgeKind = Literal["po", "rf", "co", "fr", "wait"]
WitnessEdge = tuple[int, EdgeKind, int]
"""Two steps, and what the first is to the second. `wait`: one is in a section that the other waits for."""
CYCLE_EDGE = re.compile(r"step (\d+) .*-(po|rf|co|fr|wait)-> step (\d+) ")


def cycle_of(witness: Witness) -> tuple[WitnessEdge, ...]:
    """The cycle that no interleaving has, () if there is none."""
    return tuple(map(_edge, witness.cycle))


def _edge(text: str) -> WitnessEdge:
    found = CYCLE_EDGE.match(text)
    assert found is not None
    kind: EdgeKind = next(each for each in get_args(EdgeKind) if each == found[2])
    return int(found[1]), kind, int(found[3])
