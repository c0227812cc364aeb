"""What `make bench` times is what it says."""

import subprocess
import sys
from pathlib import Path

import pytest

from encoder.base.result import Proved, Question, Refuted
from encoder.verify.engine import ask
from tests.bench.core import NAME, specs_with_core
from tests.bench.litmus import pointers
from tests.bench.process import ROOT, Run
from tests.bench.rows import rows
from tests.litmus.shared import FOLDER

COPIES = FOLDER / "lkmm" / "alias" / "pointers10.litmus"


def test_rows_have_names_of_their_own() -> None:
    names = [row.name for row in rows()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("model", "verdict"), [("sc", Proved), ("tso", Refuted)])
def test_the_core_is_decided(tmp_path: Path, model: str, verdict: type) -> None:
    root = specs_with_core(ROOT / "specs", tmp_path, 1, 1, 2)
    question = Question(scenario=NAME, variant="baseline", property="core-held", model=model)
    assert isinstance(ask(question, root).verdict, verdict)


@pytest.mark.skipif(not COPIES.is_file(), reason=f"no {COPIES.name} in {FOLDER}")
def test_the_chain_of_copies_is_that_of_the_collection() -> None:
    assert pointers(10) == COPIES.read_text("utf-8")


def run_of_a_small_process() -> Run:
    """A run as `make bench` times it: its memory is no less than that of the process which times it."""
    code = "from tests.bench.process import python, timed; print(repr(timed(python('encoder', 'list'))))"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    found = eval(told.stdout, {"Run": Run})
    assert isinstance(found, Run)
    return found


@pytest.mark.slow
def test_a_run_has_time_memory_and_output() -> None:
    run = run_of_a_small_process()
    assert 0 < run.cpu < 600 and run.seconds > 0
    assert 5 < run.peak < 600
    assert "gup-vs-reclaim" in run.output
