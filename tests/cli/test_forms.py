"""witness --format, show-witness, export and report."""

import json
import re
from pathlib import Path

import pytest

from encoder.cli.forms import FORMS
from encoder.ledger.schedules import SharedSchedule, as_object
from encoder.render.contract import written
from tests.kernel.trees import TREE
from tests.pages.test_patch import review
from tests.witness.committed import PROOFS, case

NAME = "gup-vs-fork/baseline/writable-while-pinned/lkmm"
BEGINS = {"text": "at the start", "json": "{", "html": "<!doctype html>", "dot": "digraph", "litmus": "C gup-vs-fork."}


NEWER = "gup-vs-fork/v6.12/writable-while-pinned/lkmm"
OTHER = "gup-vs-soft-dirty/fork-without-seq/writable-while-pinned/sc"


@pytest.fixture(scope="module")
def schedules(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with two schedules, as `--promote` writes it."""
    path = tmp_path_factory.mktemp("recorded") / "schedules.json"
    found = [SharedSchedule(breaks=(question,), witness=witness) for _, question, witness in map(case, (NAME, OTHER))]
    path.write_text(json.dumps({"schema": 2, "schedules": list(map(as_object, found))}), "utf-8")
    return str(path)


@pytest.mark.parametrize("form", [*FORMS[::2], *(pytest.param(n, marks=pytest.mark.slow) for n in FORMS[1::2])])
def test_a_recorded_schedule_has_every_form(pinproof, tmp_path: Path, schedules: str, form: str):
    file = tmp_path / f"race.{form}"
    ended = pinproof("show-witness", schedules, NAME, "--format", form, "-o", str(file))
    assert (ended.code, ended.out) == (0, "") and ended.err.startswith(f"{file}: ")
    assert file.read_text("utf-8").startswith(BEGINS[form])
    assert pinproof("show-witness", schedules, NAME, "--format", form).out == file.read_text("utf-8")


@pytest.mark.parametrize(
    "form",
    [
        ["--mail"],
        *(
            pytest.param([*n], marks=pytest.mark.slow)
            for n in (("--format", "text"), ("--width", "60"), ("--format", "json"))
        ),
    ],
)
def test_text_and_json_are_replayed_and_shown_again(pinproof, tmp_path: Path, schedules: str, form: list[str]):
    file = tmp_path / "race"
    file.write_text(pinproof("show-witness", schedules, NAME, *form).out, "utf-8")
    ended = pinproof("replay", str(file))
    assert ended.code == 0 and ended.out.startswith("CONFIRMED: the schedule of ")
    assert pinproof("show-witness", str(file), "--mail").out == pinproof("show-witness", schedules, NAME, "--mail").out


def test_a_text_that_was_changed_does_not_hold(pinproof, tmp_path: Path, schedules: str):
    file, text = tmp_path / "race.txt", pinproof("show-witness", schedules, NAME).out
    file.write_text(re.sub(r" \S+(\norder:)", r"\1", text), "utf-8")
    assert pinproof("replay", str(file)).code == 10
    ended = pinproof("show-witness", str(file))
    assert ended.code == 2 and "does not hold" in " ".join(ended.err.split())
    file.write_text(text.replace("steps: ", "steps: one "), "utf-8")
    ended = pinproof("replay", str(file))
    assert ended.code == 2 and "`one` is no step" in ended.err
    file.write_text(text.replace("replay: gup-vs-fork", "replay: gup-vs-frok"), "utf-8")
    assert "did you mean `gup-vs-fork`?" in pinproof("replay", str(file)).err


@pytest.mark.slow
def test_page_has_the_lines_of_a_kernel(pinproof):
    recorded = str(PROOFS / "schedules" / "gup-vs-fork.json")
    shown = pinproof("show-witness", recorded, NEWER, "--format", "html", "--kernel", str(TREE))
    assert shown.code == 0, shown.err
    begin = next(
        n
        for n, line in enumerate((TREE / "mm/memory.c").read_text("utf-8").splitlines(), 1)
        if "seqcount_begin" in line
    )
    said = f"mm/memory.c:{begin} copy_page_range(): raw_write_seqcount_begin(&amp;src_mm-&gt;write_protect_seq);"
    assert f'data-code="{said}"' in shown.out
    assert "data-code=" not in pinproof("show-witness", recorded, NEWER, "--format", "html").out
    for words in (["--format", "text"], ["--format", "html"]):
        ended = pinproof("show-witness", recorded, NEWER, *words, "--kernel", "no/such/folder")
        said = "`--kernel` is about a page" if words[1] == "text" else "there is no folder `no/such/folder`"
        assert ended.code == 2 and said in " ".join(ended.err.split())


def test_of_several_schedules_one_is_named(pinproof, schedules: str):
    ended = pinproof("show-witness", schedules)
    assert ended.code == 2 and "the name of one behind it" in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "htm"], "did you mean `html`?"),
        (["--format", "dot", "--mail"], "`--mail` is about a text"),
        (["--width", "20"], "`--width 20` is too narrow"),
        (["-o", "no/such/folder/file"], "there is no folder `no/such/folder`"),
    ],
)
def test_wrong_forms(pinproof, schedules: str, words: list[str], said: str):
    ended = pinproof("show-witness", schedules, NAME, *words)
    assert ended.code == 2 and said in " ".join(ended.err.split())


def test_witness_gives_a_form_alone_and_prove_has_none(pinproof, schedules: str):
    asked = ["gup-vs-soft-dirty", "--variant", "fork-without-seq", "--platform", "sc"]
    ended = pinproof("witness", *asked, "--format", "json")
    assert ended.code == 10 and json.loads(ended.out)["verdict"] == "refuted"
    assert pinproof("witness", *asked, "--mail").out.startswith("Variant:  fork-without-seq (")
    assert pinproof("prove", *asked, "--mail").code == 2
    assert pinproof("witness", *asked, "--json", "--format", "dot").code == 2


def test_export_is_a_litmus_test_or_says_why_not(pinproof, tmp_path: Path, schedules: str):
    file = tmp_path / "question.litmus"
    asked = ["gup-vs-soft-dirty", "--variant", "baseline", "--property", "writable-while-pinned"]
    assert pinproof("export", *asked, "-o", str(file)).code == 0
    assert pinproof("litmus", str(file)).out.endswith(" Sometimes\n")
    assert "$ pinproof export gup-vs-fork --variant v6.12 --property " in pinproof("export", "gup-vs-fork").out
    ended = pinproof("export", *asked, "--platform", "x86")
    assert ended.code == 2 and "a TLB flush that waits for CPUs" in " ".join(ended.err.split())


@pytest.mark.slow
def test_report_of_one_patch(pinproof, tmp_path: Path, schedules: str):
    ended = pinproof("report", "--proofs", str(PROOFS), "--variant", "kara-rmap-seq", "-o", str(tmp_path / "site"))
    assert ended.code == 0 and ended.out == f"{tmp_path / 'site' / 'index.html'}\n"
    assert (tmp_path / "site" / "claims" / "gup-vs-reclaim" / "kara-rmap-seq.html").is_file()
    assert pinproof("report", "--proofs", str(tmp_path), "-o", str(tmp_path / "other")).code == 2


def test_report_reads_what_review_prints(pinproof, tmp_path: Path):
    file, out = tmp_path / "review.json", tmp_path / "site"
    file.write_text(written(review()), "utf-8")
    assert pinproof("report", "--review", str(file), "-o", str(out)).code == 0
    assert (out / "index.html").is_file()
    file.write_text('{"schema": 1}', "utf-8")
    ended = pinproof("report", "--review", str(file), "-o", str(out))
    assert ended.code == 2 and "no review:" in " ".join(ended.err.split())
