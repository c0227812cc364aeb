"""Litmus tests against what herd7 says with Arm's aarch64.cat of the code that they compile to, with and without LSE: a
fixed sample, those that differ, and all of them in the slow tests."""

import pytest

from encoder.litmus.decide import decide
from encoder.litmus.read import LitmusReader
from tests.litmus.shared import ARM64, COLUMNS, Expected, on_arm64

EVERY = 25
ABSENT = (
    f"no litmus tests in {ARM64.parent.name}/{ARM64.name} beside the checkout (PINPROOF_LITMUS names another folder)"
)
ALL = {model: on_arm64(model) for model in COLUMNS}
DIFFERENT = {lse.test for lse, llsc in zip(*ALL.values(), strict=True) if lse.result != llsc.result}
CASES = [(model, row) for model, rows in ALL.items() for row in rows]
SAMPLE = [each for n, each in enumerate(CASES) if n % EVERY == 0 or each[1].test in DIFFERENT]


def named(case: tuple[str, Expected]) -> str:
    return f"{case[0]}-{case[1].test}"


def agrees(reader: LitmusReader, model: str, row: Expected) -> None:
    verdict = decide(reader, row.test, row.path.read_text(encoding="utf-8"), model, 30)
    assert (verdict.result, verdict.problems) == (row.result, ())


@pytest.mark.skipif(not CASES, reason=ABSENT)
def test_there_are_tests() -> None:
    assert len(CASES) > 2000
    assert len(DIFFERENT) == 9


@pytest.mark.parametrize("case", SAMPLE, ids=named)
def test_sample(reader: LitmusReader, case: tuple[str, Expected]) -> None:
    agrees(reader, *case)


@pytest.mark.slow
@pytest.mark.skipif(not CASES, reason=ABSENT)
@pytest.mark.parametrize("model", COLUMNS)
def test_the_rest(reader: LitmusReader, model: str) -> None:
    for row in ALL[model]:
        agrees(reader, model, row)
