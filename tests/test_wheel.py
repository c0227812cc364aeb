"""The wheel works outside the checkout, specs and obligations included."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel has been installed."""
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("target")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    built = run(*pip, "wheel", "-q", "--no-build-isolation", "--no-deps", "-w", wheels, ROOT, cwd=wheels)
    assert built.returncode == 0, built.stderr
    (wheel,) = wheels.glob("pinproof-*.whl")
    placed = run(*pip, "install", "-q", "--no-deps", "--target", target, wheel, cwd=wheels)
    assert placed.returncode == 0, placed.stderr
    return target


def pinproof(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = installed / "bin" / "pinproof"
    return run(sys.executable, script, *arguments, cwd=cwd, PYTHONPATH=str(installed))


@pytest.mark.slow
def test_it_proves_and_refutes(installed: Path, tmp_path: Path) -> None:
    refuted = pinproof(installed, tmp_path, "prove", "gup-vs-reclaim", "--variant", "baseline", "--model", "sc")
    assert refuted.returncode == 10, refuted.stderr
    proved = pinproof(installed, tmp_path, "prove", "gup-vs-reclaim", "--variant", "kara-rmap-seq", "--model", "sc")
    assert proved.returncode == 0, proved.stderr


@pytest.mark.slow
def test_it_knows_the_same_specs_as_the_checkout(installed: Path, tmp_path: Path) -> None:
    here = run(sys.executable, "-m", "encoder", "list", cwd=ROOT)
    assert pinproof(installed, tmp_path, "list").stdout == here.stdout


@pytest.mark.slow
def test_it_verifies_and_writes_nothing(installed: Path, tmp_path: Path) -> None:
    ended = pinproof(installed, tmp_path, "verify", "gup-vs-reclaim/baseline/mapped-while-pinned/sc", "--jobs", "1")
    assert ended.returncode == 0, ended.stderr
    assert "1/1 as expected" in ended.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_errors_name_specs_by_the_same_path(installed: Path, tmp_path: Path) -> None:
    ended = pinproof(installed, tmp_path, "prove", "gup-vs-reclam", "--variant", "baseline")
    assert ended.returncode == 2
    assert "did you mean `gup-vs-reclaim`?" in ended.stderr
