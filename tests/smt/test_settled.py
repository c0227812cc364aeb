"""What follows from single literals is taken out of a problem, and nothing else changes."""

from itertools import product
from random import Random
from time import monotonic

import pytest

from encoder.smt.settled import settled
from encoder.smt.solver import Session

NAMES = [f"|{name}|" for name in ("a", "at most 3 steps", "done.0.1", "x1", "x2", "x3")]


def problem(random: Random) -> str:
    """A few clauses over the names, some of them of one literal, and a line that is no clause."""
    literals = [text for name in NAMES for text in (name, f"(not {name})")]
    lines = [f"(declare-const {name} Bool)" for name in NAMES]
    lines += [f"(assert (or {' '.join(random.sample(literals, random.randint(1, 4)))}))" for _ in range(9)]
    lines += [f"(assert {random.choice(literals)})" for _ in range(random.randint(0, 2))]
    lines.append(f"(assert (= {random.choice(literals)} (or {random.choice(literals)} {random.choice(literals)})))")
    random.shuffle(lines[len(NAMES) :])
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(40))
def test_the_models_stay_the_same(seed: int) -> None:
    text = problem(Random(seed))
    before, after = (Session(each, monotonic() + 60) for each in (text, settled(text)))
    for signs in product((True, False), repeat=len(NAMES)):
        assumed = [name if sign else f"(not {name})" for name, sign in zip(NAMES, signs, strict=True)]
        assert before.check(*assumed).word == after.check(*assumed).word


def test_what_holds_is_gone_and_what_follows_is_asserted() -> None:
    text = (
        "(declare-const |a| Bool)\n(declare-const |b| Bool)\n(declare-const |c| Bool)\n(declare-const |d| Bool)\n"
        "(assert |a|)\n(assert (or |a| |b|))\n(assert (or (not |a|) (not |b|)))\n(assert (or |b| |c| |d|))\n"
    )
    assert settled(text).splitlines()[4:] == ["(assert |a|)", "(assert (not |b|))", "(assert (or |c| |d|))"]


def test_a_contradiction_stays_one() -> None:
    text = "(declare-const |a| Bool)\n(assert |a|)\n(assert (or (not |a|)))\n"
    assert Session(settled(text), monotonic() + 60).check().word == "unsat"
