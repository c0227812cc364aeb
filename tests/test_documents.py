"""The documents beside README.md tell the truth: their commands are run, and print what is shown."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.test_readme import DOCUMENTS as READ

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("specs/TUTORIAL.md", "proofs/WITNESSES.md")
OTHERS = (*READ, "specs/README.md", "CONTRIBUTING.md")
COMMAND = re.compile(r"^    \$ (.*)\n((?:(?:    (?!\$ ).*)?\n(?!\S))*)", re.M)


@dataclass(frozen=True)
class Shown:
    """A command, and what a document shows of what it prints: pieces between which something is left out."""

    command: str
    pieces: tuple[str, ...]


def shown_in(text: str) -> list[Shown]:
    found = []
    for match in COMMAND.finditer(text):
        pieces = re.split(r"^ *…$", match[2], flags=re.M)
        found.append(Shown(match[1], tuple(" ".join(piece.split()) for piece in pieces if piece.strip())))
    return found


def run(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PINPROOF_CACHE": str(folder / "cache")}
    ended = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode in (0, 10), ended.stderr
    return " ".join(ended.stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_print_what_is_shown(name: str, tmp_path: Path) -> None:
    """One after the other, in one folder: later ones read what earlier ones write."""
    (tmp_path / "proofs").symlink_to(ROOT / "proofs")
    commands = shown_in((ROOT / name).read_text("utf-8"))
    for each in commands:
        printed, place = run(each.command, tmp_path), 0
        for piece in each.pieces:
            place = printed.find(piece, place)
            assert place >= 0, f"{name}: {each.command} does not print: {piece}\n{printed[:3000]}"


def test_commands_are_found() -> None:
    """No `$` line is overlooked."""
    for name in DOCUMENTS:
        text = (ROOT / name).read_text("utf-8")
        assert [f"    $ {each.command}" for each in shown_in(text)] == [
            line for line in text.splitlines() if line.startswith("    $ ")
        ]


def test_links_lead_to_files() -> None:
    for name in (*DOCUMENTS, *OTHERS):
        folder = (ROOT / name).parent
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / name).read_text("utf-8")):
            assert link.startswith("http") or (folder / link).exists(), f"{name}: {link}"
