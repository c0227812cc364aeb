"""Random litmus tests where registers are set in arms and used afterwards, against herd7's verdicts and flags: by the
encoder, and by brute force."""

import pytest

from encoder.litmus.read import LitmusReader
from encoder.memory import LKMM
from tests.litmus.shared import MERGE, Expected, merging
from tests.litmus.test_shared import agrees
from tests.opponent.litmus import decided

EVERY = 8
ABSENT = f"no litmus tests in {MERGE.parent.name}/{MERGE.name} beside the checkout (see tests/litmus/shared.py)"
ALL = merging()
SAMPLE = ALL[::EVERY]


@pytest.mark.skipif(not ALL, reason=ABSENT)
def test_there_are_tests() -> None:
    assert len(ALL) > 300


@pytest.mark.parametrize("row", SAMPLE, ids=lambda row: row.test)
def test_sample(reader: LitmusReader, row: Expected) -> None:
    agrees(reader, row)


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in ALL if row not in SAMPLE], ids=lambda row: row.test)
def test_the_rest(reader: LitmusReader, row: Expected) -> None:
    agrees(reader, row)


@pytest.mark.parametrize("row", SAMPLE, ids=lambda row: row.test)
def test_brute_force_agrees(reader: LitmusReader, row: Expected) -> None:
    by_force(reader, row)


@pytest.mark.slow
@pytest.mark.parametrize("row", [row for row in ALL if row not in SAMPLE], ids=lambda row: row.test)
def test_brute_force_agrees_on_the_rest(reader: LitmusReader, row: Expected) -> None:
    by_force(reader, row)


def by_force(reader: LitmusReader, row: Expected) -> None:
    test = reader.read(row.test, row.path.read_text(encoding="utf-8"))
    assert decided(test, LKMM, 5000) == (row.result, row.flags)
