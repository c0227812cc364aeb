"""The steps that are nearest to what a patch changes, where it changes none."""

from collections.abc import Mapping, Sequence

from encoder.kernel.sources import places_of
from encoder.review.base import Base
from encoder.spec.walk import all_steps


def steps_near(base: Base, files: Sequence[str], count: int = 5) -> Mapping[str, str]:
    """A few steps, PROCEDURE/LABEL, with their sources, that are nearest to these files: in the same one, or folder."""

    def distance(source: str) -> int:
        places = places_of(source)
        own = [place.file for place in places] or [""]
        return min((_apart(file, other) for file in files for other in own), default=9)

    steps = [(f"{p.name}/{s.label}", s.source) for p in base.kernel for s in all_steps(p.steps)]
    ordered = sorted(enumerate(steps), key=lambda each: (distance(each[1][1]), each[0]))
    first: dict[str, str] = {}
    for _, (name, source) in ordered:
        if source not in first.values():
            first[name] = source
    return dict([*first.items()][:count])


def _apart(one: str, other: str) -> int:
    """How many folders apart two files are, 0 if they are the same."""
    if one == other:
        return 0
    first, second = one.split("/")[:-1], other.split("/")[:-1]
    same = [a == b for a, b in zip(first, second, strict=False)]
    common = same.index(False) if False in same else len(same)
    return 1 + len(first) + len(second) - 2 * common
