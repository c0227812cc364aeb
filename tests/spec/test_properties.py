"""Properties of the shipped specs that none of the shipped variants breaks: a mistake in the code does."""

from pathlib import Path
from shutil import copytree

import pytest

from encoder.base.result import Question, Refuted, Report
from encoder.verify.engine import ask

SPECS = Path(__file__).parents[2] / "specs"
HEAD = "variant: wrong\ntitle: t\nauthor: a\nlink: none\nbase: v6.12\nreading: r\nedits:\n"


def with_edit(folder: Path, edit: str, scenario: str, asked: str) -> Report:
    """The answer about v6.12 with this edit."""
    copytree(SPECS, folder / "specs")
    (folder / "specs" / "variants" / "wrong.yaml").write_text(f"{HEAD}  - {edit}\n", "utf-8")
    return ask(Question(scenario=scenario, variant="wrong", property=asked), folder / "specs")


@pytest.mark.parametrize(
    ("edit", "scenario", "asked"),
    [
        ("{in: reclaim, delete: free}", "gup-vs-reclaim", "no-page-leak"),
        ("{in: tlb_flush_mmu, delete: put}", "gup-vs-zap-and-reuse", "no-page-leak"),
        ("{in: try_to_unmap_one, delete: swap_free}", "gup-vs-reclaim", "swap-counts-balance"),
        ("{in: folio_try_dup_anon_rmap_pte, delete: exclusive}", "gup-vs-fork-and-reclaim", "exclusive-mapped-once"),
        ("{in: split_huge_page, delete: remap}", "gup-vs-split", "no-migration-entry-left"),
        ("{in: copy_hugetlb_page_range, delete: wrprotect_src}", "gup-vs-fork-hugetlb", "writable-mapped-once"),
    ],
)
def test_a_mistake_breaks_it(edit: str, scenario: str, asked: str, tmp_path: Path) -> None:
    assert isinstance(with_edit(tmp_path, edit, scenario, asked).verdict, Refuted)
