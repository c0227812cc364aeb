"""Kernel trees for tests: a small one of our own, and those of Debian's packages where they are."""

import os
import shutil
from difflib import unified_diff
from pathlib import Path

import pytest

TREE = Path(__file__).parent / "tree"
PACKAGES = Path(os.environ.get("PINPROOF_KERNEL_TREES", "/usr/src"))
"""A folder with linux-source-6.1 and linux-source-6.12, unpacked."""


def package(version: str) -> Path:
    """The tree of a package; the test is skipped where it is not unpacked."""
    found = PACKAGES / f"linux-source-{version}"
    if not (found / "Makefile").is_file():
        pytest.skip(f"no {found}: set PINPROOF_KERNEL_TREES to where linux-source-{version} is unpacked")
    return found


def copied(folder: Path) -> Path:
    """A copy of our own tree."""
    return Path(shutil.copytree(TREE, folder / "linux"))


def edited(tree: Path, file: str, *changes: tuple[str, str]) -> str:
    """The text of a file with each of these pieces, which is there once, replaced."""
    text = (tree / file).read_text("utf-8")
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def diff(file: str, *changes: tuple[str, str], tree: Path = TREE) -> str:
    """What `git diff` prints for these changes to a file of a tree."""
    before = (tree / file).read_text("utf-8").splitlines(keepends=True)
    after = edited(tree, file, *changes).splitlines(keepends=True)
    lines = [*unified_diff(before, after, f"a/{file}", f"b/{file}")]
    return "".join(_with_section(line, before) for line in lines)


def _with_section(line: str, text: list[str]) -> str:
    """A line of a diff; with the function behind `@@`, as git has it."""
    if not line.startswith("@@"):
        return line
    first = int(line.split()[1].lstrip("-").split(",")[0]) - 1
    heads = [each for each in text[:first] if each[0].isalpha() and not each.startswith("pte_unmap")]
    return f"{line.rstrip()} {heads[-1].rstrip() if heads else ''}\n"
