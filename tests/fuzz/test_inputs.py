"""Fifteen broken files; `make fuzz` tries ten thousand."""

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.fuzz.inputs import ROOT, Inputs, collection, examined, wrong
from tests.fuzz.inputs import Ended as Done
from tests.fuzz.mutate import CHANGES, mutated


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return Inputs(tmp_path_factory.mktemp("inputs"), collection(shared=False))


@pytest.mark.parametrize("seeds", [range(15), pytest.param(range(15, 60), marks=pytest.mark.slow)])
def test_every_input_is_answered_or_refused_with_its_place(inputs: Inputs, seeds: range) -> None:
    counts: Counter[str] = Counter()
    found = [(seed, told) for seed in seeds if (told := examined(inputs, seed, counts))]
    assert found == []
    assert all(counts[f"litmus {word}"] and counts[f"small {word}"] for word in ("accepted", "refused"))


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_same_in_a_process_of_its_own(inputs: Inputs, tmp_path: Path, seed: int) -> None:
    given = next(each for n in range(seed * 1000, seed * 2000) if (each := inputs.given(n)).kind == "litmus")
    file = tmp_path / "test.litmus"
    file.write_bytes(given.text)
    command = [sys.executable, "-m", "encoder", given.command[0], str(file), *given.command[2:]]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60)
    assert wrong(given, Done(ended.returncode, ended.stdout.decode(), ended.stderr.decode())) is None


def test_every_change_changes_something() -> None:
    chance, text = random.Random(1), (ROOT / "specs" / "scenarios" / "gup-vs-fork.yaml").read_bytes()
    for change in CHANGES:
        assert any(change(chance, text) != text for _ in range(20)), change.__name__
    assert mutated(random.Random(2), text) == mutated(random.Random(2), text)
