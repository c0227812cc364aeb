"""list, show and schema."""

import json
import shutil
from pathlib import Path

import pytest

from encoder.base.catalog import shipped
from encoder.spec.load import load_library


def test_list_names_everything_with_its_title(pinproof):
    ended = pinproof("list")
    library = load_library()
    assert ended.code == 0
    for each in (*library.scenarios, *library.variants, *library.properties):
        assert any(line.split() == [each.name, *each.title.split()] for line in ended.out.splitlines())
    for each in library.procedures:
        assert f"  {each.name} " in ended.out


def test_show_prints_every_step_with_its_label_and_source(pinproof):
    ended = pinproof("show", "gup_fast")
    assert ended.code == 0
    assert ended.out.startswith("int gup_fast(mm_struct *mm, pte_slot *slots[], int flags, page *pages[])\n")
    assert "    read_pte: pte = ptep_get_lockless(slots[i])\n" in ended.out
    assert "  # mm/gup.c lockless_pages_from_mm()\n  leave_table: ;\n" in ended.out


def test_show_with_a_variant_is_a_diff_against_its_base(pinproof):
    ended = pinproof("show", "try_to_unmap_one", "--variant", "kara-rmap-seq")
    assert ended.code == 0
    assert ended.out.startswith("--- baseline/try_to_unmap_one\n+++ kara-rmap-seq/try_to_unmap_one\n")
    assert "+  seq_begin: raw_write_seqcount_begin(&slot->mm->write_protect_seq)\n" in ended.out
    assert not [line for line in ended.out.splitlines()[2:] if line.startswith("-")]


def test_show_of_what_a_variant_leaves_alone_says_so(pinproof):
    ended = pinproof("show", "gup_fast", "--variant", "kara-rmap-seq")
    assert ended.code == 0
    assert ended.out.startswith("kara-rmap-seq leaves gup_fast as in baseline:\n")


def test_show_of_a_kernel_as_released_is_the_steps(pinproof):
    assert pinproof("show", "cpu_write", "--variant", "baseline").out == pinproof("show", "cpu_write").out


def test_show_of_a_procedure_has_every_kernel_of_it(pinproof):
    assert pinproof("show", "gup_fast", "--variant", "baseline").out in pinproof("show", "gup_fast").out


def test_show_tells_all_unknown_words(pinproof):
    ended = pinproof("show", "gup_fsat", "--variant", "kara-rmap-sec")
    assert ended.code == 2
    assert "did you mean `gup_fast`?" in ended.err
    assert "did you mean `kara-rmap-seq`?" in ended.err


def test_schema_of_each_kind_is_json(pinproof):
    kinds = pinproof("schema").out.split()
    assert {"scenario", "variant", "procedure", "property", "report"} <= set(kinds)
    for kind in kinds:
        assert "$schema" in json.loads(pinproof("schema", kind).out)


@pytest.mark.parametrize("command", ["show", "replay"])
def test_a_missing_argument_is_a_usage_error(pinproof, command: str):
    assert pinproof(command).code == 2


def test_schema_of_an_unknown_kind(pinproof):
    ended = pinproof("schema", "scenarioo")
    assert ended.code == 2
    assert "did you mean `scenario`?" in ended.err


WRONG = """procedure: nobody_calls_it
kernel: v6.12
params: {slots: pte_slot *list, slot: pte_slot *, pages: "page *[]", flags: int, pte: pte_t, mm: mm_struct *}
returns: page *
steps:
  - lock: spin_lok(&slot->table->ptl)
  - read: seen = slot->ptee
  - each: for i in 0 .. len(slots)
    do:
      - jump: goto nowhere
  - second: pages[1] = seen.page
  - done: return mm
"""


def test_show_tells_what_is_wrong_in_what_nobody_calls(
    pinproof, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "specs"
    shutil.copytree(str(shipped("specs")), folder)
    (folder / "procedures" / "nobody_calls_it").mkdir()
    (folder / "procedures" / "nobody_calls_it" / "v6.12.yaml").write_text(WRONG, "utf-8")
    monkeypatch.setattr("encoder.cli.listing.load_library", lambda: load_library(folder))
    for words in (("nobody_calls_it",), ("nobody_calls_it", "--variant", "v6.12")):
        ended = pinproof("show", *words)
        told = " ".join(ended.err.split())
        assert (ended.code, ended.out) == (2, "")
        assert "did you mean `spin_lock`?" in told and "did you mean `pte`?" in told
        assert "there is no step `nowhere` here" in told and "`mm_struct *` where `page *` is wanted" in told
        assert ended.err.count("error[") == 4
    assert pinproof("show", "fork").code == 0
