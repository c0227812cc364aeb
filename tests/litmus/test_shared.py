"""The kernel's litmus tests against herd7's verdicts: a fixed sample, and all of them with `make litmus`."""

import pytest

from encoder.litmus.decide import decide
from encoder.litmus.read import LitmusReader
from tests.litmus.shared import FOLDER, Expected, expected

EVERY = 17
ABSENT = (
    f"no litmus tests in {FOLDER.parent.name}/{FOLDER.name} beside the checkout (PINPROOF_LITMUS names another folder)"
)
ALL = expected()
SAMPLE = ALL[::EVERY]


def agrees(reader: LitmusReader, row: Expected) -> None:
    text = row.path.read_text(encoding="utf-8", errors="replace")
    verdict = decide(reader, row.test, text, "lkmm", 30)
    assert not verdict.problems
    results = {"Reachable": ("Sometimes", "Always")}.get(row.result, (row.result,))
    assert verdict.result in results
    assert verdict.flags == row.flags


@pytest.mark.skipif(not ALL, reason=ABSENT)
def test_there_are_tests() -> None:
    assert len(ALL) > 600


@pytest.mark.parametrize("row", SAMPLE, ids=lambda row: row.test)
def test_sample(reader: LitmusReader, row: Expected) -> None:
    agrees(reader, row)


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in ALL if row not in SAMPLE], ids=lambda row: row.test)
def test_the_rest(reader: LitmusReader, row: Expected) -> None:
    agrees(reader, row)
