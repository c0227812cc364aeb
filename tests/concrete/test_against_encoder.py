"""Random tiny programs: which ends a model allows, by the encoder and by brute force over the axioms."""

import random
import time
from dataclasses import replace

import pytest

from encoder.memory import MODELS
from encoder.memory.relation import MemoryModel
from encoder.program.core import Program
from encoder.smt.prefix import prefixes
from encoder.smt.solver import Session
from tests.concrete.build import never
from tests.concrete.compare import End, condition, ends
from tests.concrete.enumerate import TooMany, allowed
from tests.concrete.random_weak import Weak
from tests.memory.weak import unrolled

MOST = 1500  # executions of one program


def encoded(program: Program, model: MemoryModel, what: End) -> bool:
    asked = never(condition(program, what))
    graph = unrolled(replace(program, properties=(asked,)), model)
    problems = prefixes(graph, model, asked, None)
    word = Session(problems.text, time.monotonic() + 60).check(problems.goals["violation"]).word
    assert word != "unknown"
    return word == "sat"


def disagreements(seed: int, *, plain: bool, each: int = 2) -> tuple[list[tuple[str, End]], set[bool]]:
    """Where the two differ on some ends that the model allows and some that it forbids; which of these there were."""
    made = Weak(seed, plain=plain).program()
    try:
        found = ends(made, MOST)
    except TooMany:
        return [], set()
    picked = sorted(found)
    random.Random(seed).shuffle(picked)
    wrong, seen = [], set()
    for name, model in MODELS.items():
        asked = {True: 0, False: 0}
        for what in picked[: 6 * each]:
            possible = any(allowed(made, model, candidate) for candidate in found[what])
            if asked[possible] < each:
                asked[possible] += 1
                seen.add(possible)
                if encoded(made, model, what) != possible:
                    wrong.append((name, what))
    return wrong, seen


def agree(seeds: range, *, plain: bool) -> None:
    seen = set()
    for seed in seeds:
        wrong, which = disagreements(seed, plain=plain)
        assert wrong == [], seed
        seen |= which
    assert seen == {True, False}


@pytest.mark.parametrize("plain", [False, True])
def test_encoder_and_axioms_agree(plain: bool) -> None:
    agree(range(4), plain=plain)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("plain", [False, True])
def test_encoder_and_axioms_agree_on_many(plain: bool, block: int) -> None:
    agree(range(100 + 10 * block, 110 + 10 * block), plain=plain)
