"""The worked example of specs/README.md, typed as it stands there, in a checkout of its own."""

import os
import re
import sys
from pathlib import Path
from shutil import copytree
from subprocess import CompletedProcess, run

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / "specs" / "README.md").read_text("utf-8").partition("## A question from nothing\n")[2]
PART = re.compile(
    r"^    \$ pinproof (?P<words>.*)\n(?P<said>(?:    .*\n)*)|^```yaml\n# (?P<path>\S+)\n(?P<text>[^`]*)```", re.M
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("encoder", "specs", "proofs"):
        copytree(ROOT / name, folder / name)
    return folder


def pinproof(checkout: Path, *words: str) -> CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(checkout), "XDG_CACHE_HOME": str(checkout / "cache")}
    command = [sys.executable, "-m", "encoder", *words]
    return run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def worked(checkout: Path) -> list[tuple[str, CompletedProcess[str]]]:
    """What each command of the example should say and has said, once its files are written."""
    parts, found = list(PART.finditer(EXAMPLE)), []
    assert len(parts) == EXAMPLE.count("    $ ") + EXAMPLE.count("```yaml")
    for part in parts:
        if part["path"]:
            path = checkout / part["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(part["text"], "utf-8")
        else:
            found.append((part["said"], pinproof(checkout, *part["words"].split())))
    return found


@pytest.mark.slow
def test_every_part_does_what_is_said(worked: list[tuple[str, CompletedProcess[str]]]) -> None:
    for said, ended in worked:
        assert " ".join(ended.stdout.split()).startswith(" ".join(said.split())), ended.stdout + ended.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("worked")
def test_what_is_only_named_works_too(checkout: Path) -> None:
    """After the parts above. Commands in the text that begin to write a file are those that the files replace."""
    named = [words for words in re.findall(r"`pinproof ([^`]*)`", EXAMPLE) if not words.startswith("new")]
    assert named
    for words in named:
        if "DIR" not in words:
            ended = pinproof(checkout, *words.split())
            assert (ended.returncode, ended.stdout != "") == (0, True), ended.stderr
    for words in re.findall(r"`pinproof (new [^`]+)`", EXAMPLE):
        assert "is there already" in " ".join(pinproof(checkout, *words.split()).stderr.split())


def test_the_names_that_properties_need_are_those_of_the_specs() -> None:
    properties = "".join(path.read_text("utf-8") for path in (ROOT / "specs" / "properties").glob("*.yaml"))
    for name in ("slots", "held", "flags", "pages_used"):
        assert f"| `{name}` |" in EXAMPLE
        assert f"t.{name}" in properties
