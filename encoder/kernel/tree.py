"""A kernel's source tree: its version, its files under a configuration, its functions."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from encoder.base.errors import InputError, Problem
from encoder.kernel.c import CFunction
from encoder.kernel.configuration import Configuration
from encoder.kernel.parse import functions_of

NUMBER = re.compile(r"^(VERSION|PATCHLEVEL|SUBLEVEL)\s*=\s*(\d*)\s*$", re.MULTILINE)
SEARCHED = ("mm", "include/linux", "fs/proc", "kernel")
"""Folders in which a function is looked for that is not where it was."""


class Tree:
    """The tree in a folder. `changed` has files, by path, that are to be read in place of its own; `read` gives the
    text of those that are not in the folder but elsewhere, as in a commit."""

    def __init__(
        self, root: Path, configuration: Configuration, changed: dict[str, str] | None = None,
        read: Callable[[str], str | None] | None = None,
    ) -> None:  # fmt: skip
        """Raises InputError for a folder that holds no kernel."""
        self.root = root
        self._read = read or self._from_folder
        self.configuration = configuration
        self._changed = changed or {}
        self._functions: dict[str, tuple[CFunction, ...]] = {}
        self._texts: dict[str, str | None] = {}
        if not root.is_dir():
            raise InputError([_problem(f"there is no folder `{root}`", "the folder of a kernel's source")])
        if not self.version:
            message = f"`{root}` is no kernel tree: its Makefile has no VERSION"
            raise InputError([_problem(message, "the folder of a kernel's source")])

    @property
    def name(self) -> str:
        """What people call it."""
        return f"the tree of {self.version}"

    def with_files(self, changed: dict[str, str]) -> "Tree":
        """The tree with these files in place of its own."""
        return Tree(self.root, self.configuration, self._changed | changed, self._read)

    @cached_property
    def version(self) -> str:
        """`v6.12.117`, from the Makefile; "" if there is none."""
        found = dict(NUMBER.findall(self.text("Makefile") or ""))
        if not found.get("VERSION") or "PATCHLEVEL" not in found:
            return ""
        last = found.get("SUBLEVEL", "")
        return f"v{found['VERSION']}.{found['PATCHLEVEL']}" + (f".{last}" if last.strip("0") else "")

    def text(self, path: str) -> str | None:
        """A file as it is written, None where there is none."""
        if path in self._changed:
            return self._changed[path]
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _from_folder(self, path: str) -> str | None:
        try:
            return (self.root / path).read_text("utf-8", errors="replace")
        except OSError:
            return None

    def functions(self, path: str) -> tuple[CFunction, ...]:
        """What a file defines under the configuration; nothing where there is no file."""
        if path not in self._functions:
            text = self.text(path)
            self._functions[path] = () if text is None else functions_of(self.configuration.active(text), path)
        return self._functions[path]

    def function(self, path: str, name: str) -> CFunction | None:
        """The function of this name, the longest where the configuration leaves several."""
        found = [each for each in self.functions(path) if each.name == name]
        return max(found, key=lambda each: each.end - each.line, default=None)

    def search(self, name: str) -> CFunction | None:
        """The function wherever it is defined, in the first file that does so."""
        for path in self._containing(name):
            if (found := self.function(path, name)) is not None:
                return found
        return None

    def _containing(self, name: str) -> Iterator[str]:
        """The files that have the name in them."""
        for path in self._searched:
            if (text := self.text(path)) is not None and name in text:
                yield path

    @cached_property
    def _searched(self) -> tuple[str, ...]:
        found: Iterable[Path] = (
            path for folder in SEARCHED for path in sorted((self.root / folder).glob("*.[ch]")) if path.is_file()
        )
        return tuple(path.relative_to(self.root).as_posix() for path in found)


def _problem(message: str, expected: str) -> Problem:
    return Problem(code="K102", message=message, span=None, expected=expected)
