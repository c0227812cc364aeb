"""How far `verify` is: results as they are known, and what is being decided, in a live table on a terminal, elsewhere
in a line now and then."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from encoder.cli.telling import NowAndThen, draws, elapsed
from encoder.ledger.obligation import Obligation
from encoder.ledger.record import Record, beside, expected_words, found_words, standing
from encoder.render.layout import wrap

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

MARKS = {"expected": "ok", "unexpected": "WRONG", "undecided": "?"}
STYLES = {"expected": "green", "unexpected": "bold red", "undecided": "yellow"}
SECONDS = 9
"""Columns of the table that are not for names."""


@contextmanager
def progress(total: int, *, quiet: bool = False) -> Iterator["Lines"]:
    """A live table if standard output, or else standard error, is a terminal that draws; plain lines otherwise. If
    `quiet`, nothing but how far it is, on standard error."""
    if quiet:
        yield QuietLines(total)
        return
    if not (draws(sys.stdout) or draws(sys.stderr)):
        yield Lines(total)
        return
    from rich.console import Console
    from rich.live import Live

    out = draws(sys.stdout)
    console = Console(highlight=False, stderr=not out)
    table = LiveTable(total, scrolls=out)
    with Live(
        console=console, get_renderable=table.drawn, auto_refresh=False, transient=True, redirect_stdout=out
    ) as live:
        table.live = live
        yield table


def line(obligation: Obligation, record: Record, *, old: bool) -> str:
    """`ok     gup-vs-reclaim/baseline/mapped-while-pinned/x86  refuted, 23 steps`."""
    compared = standing(obligation, record)
    text = f"{MARKS[compared]:<6} {obligation.id}  {found_words(record)}"
    if compared != "expected":
        text += f" (expected {expected_words(obligation)})" if record.found != obligation.expect else ""
    text += "".join(f"; {told}" for told in beside(obligation, record))
    return text + (" (recorded)" if old else "")


class Lines:
    """One line a result; now and then one on standard error that says how many are known, the recorded ones among them,
    and what is being decided."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.known = 0
        self.since = time.monotonic()
        self.running: dict[str, float] = {}
        self.now_and_then = NowAndThen(self._lines)

    def started(self, name: str) -> None:
        self.running[name] = time.monotonic()

    def ended(self, name: str) -> None:
        self.running.pop(name, None)

    def waiting(self) -> None:
        """A moment has passed."""
        self.now_and_then.look()

    def result(self, obligation: Obligation, record: Record, *, old: bool) -> None:
        print(line(obligation, record, old=old), flush=True)

    def counted(self) -> str:
        """`312 of 843 decided, 3 min 20 s`."""
        return f"{self.known} of {self.total} decided, {elapsed(self.since)}"

    def _lines(self) -> list[str]:
        names = ", ".join(f"{name} ({elapsed(since)})" for name, since in sorted(self.running.items()))
        return [f"{self.counted()}; being decided: {names}"]


class QuietLines(Lines):
    """Without the results."""

    def result(self, obligation: Obligation, record: Record, *, old: bool) -> None:
        pass


class LiveTable(Lines):
    """Results scroll by; below them stands a table of what is being decided, redrawn as time goes on: by `waiting`, for
    a thread that did it would forbid the workers to fork. Unless it `scrolls`, results are plain lines."""

    def __init__(self, total: int, *, scrolls: bool = True) -> None:
        super().__init__(total)
        self.scrolls = scrolls
        self.live: Live | None = None

    def waiting(self) -> None:
        assert self.live is not None
        self.live.refresh()

    def result(self, obligation: Obligation, record: Record, *, old: bool) -> None:
        from rich.text import Text

        if not self.scrolls:
            super().result(obligation, record, old=old)
            return
        assert self.live is not None
        style, console = STYLES[standing(obligation, record)], self.live.console
        for part in wrap(line(obligation, record, old=old), console.width, rest=" " * 7):
            console.print(Text(part, style=style), soft_wrap=True)

    def drawn(self) -> "Table":
        from rich.table import Table

        width = self.live.console.width - SECONDS if self.live is not None else sys.maxsize
        table = Table(title=self.counted(), title_justify="left", box=None)
        table.add_column("seconds", justify="right")
        table.add_column("being decided", overflow="fold")
        for name, since in sorted(self.running.items()):
            table.add_row(f"{time.monotonic() - since:.0f}", "\n".join(wrap(name, width)))
        return table
