"""Random tiny programs with locks of every kind, all fences, RCU, SRCU: the encoder against brute force.

`python -m tests.concrete.test_rich SEED COUNT SECONDS complete|prefix` looks for more of what differs.
"""

import random
import sys
import time

import pytest

from encoder.memory import MODELS
from tests.concrete.compare import End, completes, ends, prefixes
from tests.concrete.enumerate import Candidate, TooMany
from tests.concrete.random_rich import Rich

ASKED = 25  # ends of one program


def picked(seed: int, found: dict[End, list[Candidate]]) -> dict[End, list[Candidate]]:
    """Those ends in which most has happened, and a few others."""
    chance = random.Random(seed)
    order = sorted(found, key=lambda what: (-max(len(c.found.done) for c in found[what]), chance.random()))
    return {what: found[what] for what in order[:ASKED] + chance.sample(order[ASKED:], min(10, len(order[ASKED:])))}


def differing(seed: int, most: int, *, complete: bool) -> tuple[list[str], int, int]:
    """What differs for one program, by model; how many ends and flags the axioms allow and forbid."""
    made = Rich(seed, plain=complete or seed % 3 == 0, closed=complete).program()
    found = ends(made, most, complete=complete, coherent=seed % 4 != 0)
    wrong: list[str] = []
    counts = [0, 0]
    for name, model in MODELS.items() if found else ():
        compared = completes(made, model, found) if complete else prefixes(made, model, picked(seed, found))
        counts[0] += compared.allowed
        counts[1] += compared.forbidden
        wrong += [f"{seed} {name}: the axioms {'allow' if may else 'forbid'} {what}" for what, may in compared.wrong]
    return wrong, counts[0], counts[1]


def sample(seeds: range, seconds: float, *, complete: bool, most: int = 5000) -> tuple[list[str], int, int, int]:
    """All that differs, how many programs were compared, how many ends allowed and forbidden; those
    that have more than `most` executions are not."""
    wrong: list[str] = []
    programs = allowed = forbidden = 0
    end = time.monotonic() + seconds
    for seed in seeds:
        if time.monotonic() > end:
            break
        try:
            found = differing(seed, most, complete=complete)
        except TooMany:
            continue
        programs += found[1] > 0
        wrong, allowed, forbidden = wrong + found[0], allowed + found[1], forbidden + found[2]
    return wrong, programs, allowed, forbidden


@pytest.mark.parametrize("complete", [False, True])
def test_encoder_and_axioms_agree(complete: bool) -> None:
    wrong, programs, allowed, _ = sample(range(20, 60), 4, complete=complete, most=300)
    assert wrong == []
    assert programs and allowed


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("complete", [False, True])
def test_encoder_and_axioms_agree_on_many(complete: bool, block: int) -> None:
    wrong, programs, *_ = sample(range(1000 * block + 100, 1000 * block + 160), 20, complete=complete)
    assert wrong == []
    assert programs


if __name__ == "__main__":
    first, count, seconds, kind = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    report = sample(range(first, first + count), seconds, complete=kind == "complete")
    print(*report[0], sep="\n")
    print("programs, allowed, forbidden:", *report[1:])
