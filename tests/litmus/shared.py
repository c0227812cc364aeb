"""Litmus tests that lie beside the checkout: the kernel's, third-party data and never part of it, and ours."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(os.environ.get("PINPROOF_LITMUS", Path(__file__).parents[3] / "shared" / "litmus"))


MERGE = FOLDER / "merge"
ARM64 = FOLDER.parent / "arm64"
COLUMNS = {"arm64": "lse", "arm64-llsc": "llsc"}


@dataclass(frozen=True)
class Expected:
    """What herd7 says; `Reachable` where it is only known that the proposition can hold."""

    test: str
    result: str
    flags: tuple[str, ...]
    folder: Path = FOLDER / "lkmm"

    @property
    def path(self) -> Path:
        return self.folder / self.test


def expected() -> list[Expected]:
    """Every test of the kernel's with its verdict, sorted by name; none where the folder is absent."""
    return _listed(FOLDER / "expected.csv", FOLDER / "lkmm")


def merging() -> list[Expected]:
    """Likewise those where registers are set in arms and used afterwards."""
    return _listed(MERGE / "expected.csv", MERGE)


def on_arm64(model: str) -> list[Expected]:
    """Our tests for what they compile to on arm64, with what herd7's aarch64.cat says of that under this model."""
    listing, folder = ARM64 / "expected.csv", ARM64 / "tests"
    if not listing.is_file():
        return []
    with listing.open(encoding="utf-8", newline="") as lines:
        return [Expected(row["test"], row[COLUMNS[model]], (), folder) for row in csv.DictReader(lines)]


def _listed(listing: Path, folder: Path) -> list[Expected]:
    if not listing.is_file():
        return []
    with listing.open(encoding="utf-8", newline="") as lines:
        rows = [
            Expected(row["test"], row["result"], tuple(row["flags"].split()), folder) for row in csv.DictReader(lines)
        ]
    return sorted(rows, key=lambda row: row.test)
