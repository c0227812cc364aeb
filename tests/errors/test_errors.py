"""What people are told about wrong specs.

A case is a folder of `cases/`: `specs/` is laid over the small library in `base/`, `expected.txt` is what is said. With
a `case.yaml` (`scenario`, `variant` and, if not ipi, `flush`) that scenario is loaded and resolved, else all is loaded.
"""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from encoder.base.catalog import read_line
from encoder.base.errors import InputError
from encoder.base.source import render_problem
from encoder.spec.load import load_library

HERE = Path(__file__).parent
CASES = sorted(path.name for path in (HERE / "cases").iterdir())


def said(case: Path, folder: Path) -> str:
    """The problems of a case as they are shown; "" if there is none. `folder` becomes the spec folder."""
    shutil.copytree(HERE / "base" / "specs", folder)
    if (case / "specs").is_dir():
        shutil.copytree(case / "specs", folder, dirs_exist_ok=True)
    asked = yaml.safe_load((case / "case.yaml").read_text("utf-8")) if (case / "case.yaml").is_file() else None
    try:
        if asked is None:
            load_library(folder)
        else:
            library = load_library(folder, scenario=asked["scenario"], variant=asked["variant"])
            from encoder.program.resolve import resolve

            resolve(library, asked["scenario"], asked["variant"], asked.get("flush", "ipi"))
    except InputError as error:
        shown = "\n\n".join(render_problem(problem, read_line) for problem in error.problems) + "\n"
        return shown.replace(folder.as_posix(), "specs")
    return ""


def test_every_code_of_the_reader_has_a_case() -> None:
    sources = "".join(path.read_text("utf-8") for path in (HERE.parents[1] / "encoder" / "spec").glob("*.py"))
    goldens = "".join(path.read_text("utf-8") for path in (HERE / "cases").glob("*/expected.txt"))
    assert set(re.findall(r'"(S\d{3})"', sources)) == set(re.findall(r"error\[(S1\d\d)\]", goldens))


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(tmp_path)
    case = HERE / "cases" / name
    assert (case / "specs").is_dir() or (case / "case.yaml").is_file(), f"{name} has no input"
    text = said(case, Path("wrong"))
    assert text, f"{name} is not wrong"
    expected = case / "expected.txt"
    if request.config.getoption("--promote"):
        expected.write_text(text, "utf-8")
    assert expected.is_file(), f"{name} has no expected.txt: make promote writes it"
    assert text == expected.read_text("utf-8")
