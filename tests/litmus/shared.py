"""The kernel's litmus tests that lie beside the checkout: third-party data, never part of it."""

import csv
import os
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(os.environ.get("PINPROOF_LITMUS", Path(__file__).parents[3] / "shared" / "litmus"))


@dataclass(frozen=True)
class Expected:
    """What herd7 says; `Reachable` where it is only known that the proposition can hold."""

    test: str
    result: str
    flags: tuple[str, ...]

    @property
    def path(self) -> Path:
        return FOLDER / "lkmm" / self.test


def expected() -> list[Expected]:
    """Every test with its verdict, sorted by name; none where the folder is absent."""
    listing = FOLDER / "expected.csv"
    if not listing.is_file():
        return []
    with listing.open(encoding="utf-8", newline="") as lines:
        rows = [Expected(row["test"], row["result"], tuple(row["flags"].split())) for row in csv.DictReader(lines)]
    return sorted(rows, key=lambda row: row.test)
