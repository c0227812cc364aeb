"""Random programs with twins among their threads, under two sets of names: verdict and length of the witness stay."""

import random

from encoder.errors import SelfCheckError
from encoder.memory import MODELS
from encoder.program.core import Program, Property
from tests.fuzz.colliding import colliding
from tests.fuzz.differ import Compared, compare
from tests.fuzz.maker import Limits
from tests.fuzz.programs import SMALL
from tests.fuzz.shown import shown
from tests.fuzz.told import Told, encoder
from tests.fuzz.twins import near_twins, of_each

SHAPES = (*SMALL, (2, 4), (3, 3))
SHARES = {
    **{f"{model} {word}": share for model in MODELS for word, share in (("refuted", 15), ("proved", 5))},
    "several instances": 90, "threads called like objects": 30,
}  # fmt: skip
"""As `programs.SHARES`."""


def examined(seed: int) -> Compared:
    """One program of a long run."""
    return by_names(random.Random(seed))


def by_names(chance: random.Random) -> Compared:
    """A program asked the same of each thread: by everybody, and under names that collide."""
    made = near_twins(chance, Limits(shapes=SHAPES))
    asked, depth, other = of_each(chance, made), chance.choice((None, None, None, 4, 7)), colliding(chance, made)
    found = compare(made, asked, depth, None) if chance.random() < 0.3 else Compared()
    found.wrong += _under(made, asked, other.program(made), other.property(asked), depth)
    found.counts["several instances"] += len(asked.instances) > 1
    found.counts["threads called like objects"] += not set(other.threads.values()).isdisjoint(other.objects.values())
    found.wrong = [f"{wrong}\n{shown(made, asked, depth)}\nother names: {other}" for wrong in found.wrong]
    return found


def _under(made: Program, asked: Property, other: Program, again: Property, depth: int | None) -> list[str]:
    """Where it matters what things are called."""
    answers = {model: (_told(made, asked, model, depth), _told(other, again, model, depth)) for model in MODELS}
    return [f"{model}: {one}, and with other names {two}" for model, (one, two) in answers.items() if one != two]


def _told(made: Program, asked: Property, model: str, depth: int | None) -> Told | str:
    try:
        return encoder(made, asked, model, depth)
    except SelfCheckError as error:
        return f"the replay disagrees: {error}"
