"""Where the specs and obligations that come with Pinproof are: in the installed package, or else in the checkout."""

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

SHIPPED = ("specs", "proofs/obligations")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file and the logical path that people are shown (`specs/scenarios/gup-vs-reclaim.yaml`)."""

    path: str
    file: Traversable

    @property
    def stem(self) -> str:
        return self.path.rpartition("/")[2].removesuffix(".yaml")

    @property
    def parent(self) -> str:
        return self.path.split("/")[-2]


def shipped(name: str) -> Traversable:
    """The folder `name` (`specs`, `proofs/obligations`) of a wheel, or of the checkout."""
    bundled = files("encoder").joinpath(name)
    return bundled if bundled.is_dir() else Path(__file__).parents[2] / name


def read_line(path: str, number: int) -> str:
    """Line `number` (from 1) of a logical path or a file, "" if it is not to be had."""
    for name in SHIPPED:
        if path.startswith(f"{name}/"):
            return _line(shipped(name) / path.removeprefix(f"{name}/"), number)
    return _line(Path(path), number)


def _line(file: Traversable, number: int) -> str:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    return lines[number - 1] if number <= len(lines) else ""


def listing(folder: Traversable, logical: str, suffix: str = ".yaml") -> tuple[Entry, ...]:
    """All files below `folder` with this suffix, by path. A folder that is not there has none."""
    found: list[Entry] = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name) if folder.is_dir() else ():
        path = f"{logical}/{item.name}"
        if item.is_dir():
            found.extend(listing(item, path, suffix))
        elif item.name.endswith(suffix) and not item.name.startswith("."):
            found.append(Entry(path, item))
    return tuple(found)
