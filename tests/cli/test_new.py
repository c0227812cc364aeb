"""`new`: what it writes loads, and can be asked."""

import shutil
from pathlib import Path

import pytest

from encoder.base.catalog import shipped
from encoder.base.result import Proved, Question, Refuted
from encoder.program.resolve import resolve
from encoder.spec.load import load_library
from encoder.spec.skeleton import KINDS
from encoder.verify.engine import ask


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the specs, in which files are written."""
    folder = tmp_path / "specs"
    shutil.copytree(str(shipped("specs")), folder)
    monkeypatch.setattr("encoder.cli.new.shipped", lambda name: folder)
    monkeypatch.chdir(tmp_path)
    return folder


def test_all_kinds_load_together(pinproof, specs: Path) -> None:
    for kind in KINDS:
        ended = pinproof("new", kind, "brand_new")
        assert ended.code == 0, ended.err
        assert ended.out.startswith(f"written: specs/{'properties' if kind == 'property' else kind + 's'}/brand_new")
    assert (specs / "procedures/brand_new/v6.12.yaml").is_file()
    library = load_library(specs)
    resolve(library, "brand_new", "brand_new")
    question = Question(scenario="brand_new", variant="brand_new", property="writable-while-pinned")
    assert isinstance(ask(question, specs).verdict, Refuted)
    asked = Question(scenario="gup-vs-fork", variant="v6.12", property="brand_new")
    assert isinstance(ask(asked, specs).verdict, Proved)


def test_the_base_is_that_which_is_named(pinproof, specs: Path) -> None:
    assert pinproof("new", "variant", "mine", "--base", "kara-rmap-seq").code == 0
    assert "base: kara-rmap-seq" in (specs / "variants/mine.yaml").read_text("utf-8")
    assert pinproof("new", "procedure", "my_function", "--base", "kara-rmap-seq").out.splitlines()[0] == (
        "written: specs/procedures/my_function/v5.15.yaml"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("varaint", "mine"), "did you mean `variant`?"),
        (("variant", "a/b"), "`a/b` cannot name a variant"),
        (("procedure", "my-function"), "`my-function` cannot name a procedure"),
        (("procedure", "if"), "`if` is a word of the language"),
        (("property", "assertions"), "`assertions` is a word of the language"),
        (("procedure", "smp_mb"), "`smp_mb` is a primitive already"),
        (("variant", "mine", "--base", "v6.13"), "did you mean `v6.12`?"),
        (("variant", "v6.12"), "is there already, and nothing is written over"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(pinproof, specs: Path, words: tuple[str, ...], told: str) -> None:
    before = sorted(specs.rglob("*"))
    ended = pinproof("new", *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in " ".join(ended.err.split())
    assert sorted(specs.rglob("*")) == before


def test_from_elsewhere_the_whole_path_is_said(pinproof, specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from an installed wheel, whose specs are not in the working directory."""
    (elsewhere := specs.parent / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    assert pinproof("new", "variant", "mine").out.splitlines()[0] == f"written: {specs / 'variants/mine.yaml'}"
