"""Random programs with twins among their threads, under two sets of names: verdict and length of the witness stay."""

import random
from collections.abc import Iterator
from unittest.mock import patch

from encoder.base.errors import SelfCheckError
from encoder.memory import MODELS
from encoder.program.core import Program, Property
from encoder.smt.thread_symmetry import identical_threads
from encoder.spec.walk import walk
from tests.fuzz.colliding import Renaming, colliding
from tests.fuzz.differ import Compared, compare
from tests.fuzz.maker import Limits
from tests.fuzz.programs import SMALL
from tests.fuzz.shown import shown
from tests.fuzz.told import Told, encoder
from tests.fuzz.twins import near_twins, of_each

SHAPES = (*SMALL, (2, 4), (3, 3))
SHARES = {"refuted": 20, "proved": 5, "twins": 10, "near twins": 20, "threads called like objects": 40}
"""As `programs.SHARES`."""


def examined(seed: int) -> Compared:
    """One program of a long run."""
    return by_names(random.Random(seed))


def by_names(chance: random.Random) -> Compared:
    """A program asked the same of each thread: under names that collide, without that one instance stands for others,
    and by everybody."""
    made = near_twins(chance, Limits(shapes=SHAPES))
    asked, depth, other = of_each(chance, made), chance.choice((None, None, None, 4, 7)), colliding(chance, made)
    again, asked_again, each_asked = other.program(made), other.property(asked), chance.random() < 0.3
    found = compare(made, asked, depth, None) if chance.random() < 0.3 else Compared()
    for model in MODELS:
        one, two = _told(made, asked, model, depth), _told(again, asked_again, model, depth)
        if one != two:
            found.wrong.append(f"{model}: {one}, and with other names {two}")
        if each_asked and one != (every := _of_every_instance(made, asked, model, depth)):
            found.wrong.append(f"{model}: {one}, and with every instance asked {every}")
    found.counts[one.word if isinstance(one, Told) else "disagrees"] += 1
    found.counts.update(_kinds(made, other))
    found.wrong = [f"{wrong}\n{shown(made, asked, depth)}\nother names: {other}" for wrong in found.wrong]
    return found


def _kinds(made: Program, other: Renaming) -> Iterator[str]:
    """What is worth counting in a program and its other names."""
    first, *others = (thread.body for thread in made.threads)
    yield "twins" if any(len(members) > 1 for members in identical_threads(made.threads).values()) else "no twins"
    if any(_shape(body) == _shape(first) and body != first for body in others):
        yield "near twins"
    if len(set(other.threads.values()) & set(other.objects.values())) > 1:
        yield "threads called like objects"


def _shape(body: object) -> list[type]:
    return [type(node) for node in walk(body)]


def _of_every_instance(made: Program, asked: Property, model: str, depth: int | None) -> Told | str:
    with patch("encoder.smt.encoding.representatives", lambda _, whole: whole.instances):
        return _told(made, asked, model, depth)


def _told(made: Program, asked: Property, model: str, depth: int | None) -> Told | str:
    try:
        return encoder(made, asked, model, depth)
    except SelfCheckError as error:
        return f"the replay disagrees: {error}"
