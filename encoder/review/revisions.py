"""A patch and the tree that it is for: a file and a folder, or commits of a git tree."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from encoder.base.errors import InputError, Problem, nearest
from encoder.kernel.configuration import configuration
from encoder.kernel.tree import Tree
from encoder.review.patch import Patch, read_patch

COMMIT = re.compile(r"[\w./@{}^~-]+")
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """The tree before the patch."""

    tree: Tree


def patch_and_source(word: str, kernel: Path | None, config: str) -> tuple[Patch, Source | None]:
    """The patch in the file `word`, `-` for standard input, or the commits that it names in the git tree `kernel`
    (`v6.12..HEAD`, `HEAD`). Raises InputError for what is none of these."""
    if word == STDIN or Path(word).is_file():
        content = sys.stdin.buffer.read() if word == STDIN else Path(word).read_bytes()
        patch = read_patch(content, "standard input" if word == STDIN else word)
        return patch, None if kernel is None else Source(Tree(kernel, configuration(config)))
    if kernel is None or not (kernel / ".git").exists() or not COMMIT.fullmatch(word):
        raise _no_patch(word, kernel)
    first, _, last = word.partition("..")
    old = first if last or ".." in word else f"{first}^"
    new = (last.removeprefix(".") or "HEAD") if ".." in word else first
    if ".." in word and last.startswith("."):
        old = _git(kernel, word, "merge-base", old, new).decode().strip()
    patch = read_patch(
        _git(kernel, word, "format-patch", "--stdout", "-1", new)
        if ".." not in word
        else _git(kernel, word, "diff", "--no-ext-diff", old, new),
        word,
    )
    read = _reader(kernel, old)
    return patch, Source(Tree(kernel, configuration(config), read=read))


def _reader(kernel: Path, commit: str) -> Callable[[str], str | None]:
    """Reads files as they are in a commit."""

    def read(path: str) -> str | None:
        found = subprocess.run(["git", "-C", str(kernel), "show", f"{commit}:{path}"], capture_output=True, check=False)
        return found.stdout.decode("utf-8", errors="replace") if found.returncode == 0 else None

    return read


def _git(kernel: Path, word: str, *arguments: str) -> bytes:
    found = subprocess.run(["git", "-C", str(kernel), *arguments], capture_output=True, check=False)
    if found.returncode != 0:
        said = found.stderr.decode(errors="replace").strip().split("\n")[0]
        message = f"git knows no `{word}` in `{kernel}`: {said}"
        raise InputError([Problem(code="R103", message=message, span=None, expected="commits, as A..B")])
    return found.stdout


def _no_patch(word: str, kernel: Path | None) -> InputError:
    folder = Path(word).parent
    known = [path.name for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    near = nearest(Path(word).name, known)
    git = "" if kernel is not None else " (commits are those of the git tree `--kernel DIR`)"
    problem = Problem(
        code="R103", message=f"there is no patch `{word}`", span=None,
        expected=f"a file with a diff, `-`, or commits as A..B{git}", nearest=str(folder / near) if near else "",
    )  # fmt: skip
    return InputError([problem])
