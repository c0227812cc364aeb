"""The verdicts on all properties of scenarios, with variants, on platforms: one table each."""

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import groupby

from encoder.base.result import BaseVerdict, VerdictWord
from encoder.render.layout import fits, wrap
from encoder.render.platforms import listed

WIDE = 10_000
BETTER, WORSE = "+", "-"
LEGEND = {BETTER: "its base is refuted there", WORSE: "its base is proved there"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """A verdict. `steps` are those of the schedule of what is refuted; `open`: loops may go on, or nothing was decided;
    `base` is there if the variant has one."""

    scenario: str
    variant: str
    property: str
    platform: str
    verdict: VerdictWord
    steps: int | None
    open: bool
    base: BaseVerdict | None

    @builtins.property
    def change(self) -> str:
        """How it compares with the base, "" if it is the same or not known."""
        words = (self.base.word if self.base else self.verdict, self.verdict)
        return {("refuted", "proved"): BETTER, ("proved", "refuted"): WORSE}.get(words, "")

    def __str__(self) -> str:
        shown = f" {self.steps}" if self.verdict == "refuted" else " (loops open)" if self.open else ""
        return f"{self.verdict}{shown}{self.change}"


def render(cells: Sequence[MatrixCell]) -> str:
    """The tables, or lists where these do not fit."""
    blocks = []
    for (scenario, variant), group in groupby(cells, key=lambda each: (each.scenario, each.variant)):
        own = list(group)
        base = own[0].base
        head = f"{scenario}, {variant}" + (f" (base {base.variant})" if base else "")
        rows = [list(row) for _, row in groupby(own, key=lambda each: each.property)]
        table = _table(rows)
        blocks.append([head, *(table if all(map(fits, table)) else _lists(rows))])
    changes = {each.change for each in cells} - {""}
    blocks.append([f"{sign} {LEGEND[sign]}" for sign in LEGEND if sign in changes])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _table(rows: Iterable[Sequence[MatrixCell]]) -> list[str]:
    """A line a property, a column a platform."""
    from rich.console import Console
    from rich.table import Table

    every = list(rows)
    table = Table("", *(each.platform for each in every[0]), box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in every:
        table.add_row(f"  {row[0].property}", *map(str, row))
    text = StringIO()
    Console(file=text, width=WIDE, color_system=None).print(table)
    return [line.rstrip() for line in text.getvalue().splitlines()]


def _lists(rows: Iterable[Sequence[MatrixCell]]) -> list[str]:
    """A few lines a property: each verdict with its platforms."""
    lines = []
    for row in rows:
        places: dict[str, list[str]] = {}
        for each in row:
            places.setdefault(str(each), []).append(each.platform)
        lines.append(f"  {row[0].property}")
        for verdict, names in places.items():
            where = "everywhere" if len(names) == len(row) > 1 else f"on {listed(names)}"
            lines += wrap(f"{verdict} {where}", WIDE, first="    ", rest="      ")
    return lines
