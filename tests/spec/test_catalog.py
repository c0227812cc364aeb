"""Shipped files are found, listed in order and shown by their logical path."""

from pathlib import Path

from encoder.base.catalog import listing, read_line, shipped


def test_a_listing_is_sorted_and_leaves_other_files_out(tmp_path: Path) -> None:
    for name in ("b/z.yaml", "b/a.yaml", "c.yaml", "a.yaml", ".a.yaml.swp", ".hidden.yaml", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("a: b\n", "utf-8")
    found = listing(tmp_path, "specs")
    assert [entry.path for entry in found] == ["specs/a.yaml", "specs/b/a.yaml", "specs/b/z.yaml", "specs/c.yaml"]
    assert [(entry.stem, entry.parent) for entry in found[2:3]] == [("z", "b")]


def test_a_folder_that_is_not_there_lists_nothing(tmp_path: Path) -> None:
    assert listing(tmp_path / "none", "specs") == ()


def test_lines_are_read_by_logical_path(tmp_path: Path) -> None:
    entry = listing(shipped("specs") / "types", "specs/types")[0]
    lines = entry.file.read_text("utf-8").splitlines()
    assert [read_line(entry.path, number) for number in range(1, len(lines) + 2)] == [*lines, ""]
    assert read_line("specs/no/such.yaml", 1) == ""
    own = tmp_path / "own.yaml"
    own.write_text("first\nsecond\n", "utf-8")
    assert read_line(str(own), 2) == "second"
