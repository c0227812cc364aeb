"""How far a command is. `verify`: a live table on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from encoder.ledger.obligation import Obligation
from encoder.ledger.record import Record, beside, expected_words, found_words, standing
from encoder.render.layout import wrap

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

MARKS = {"expected": "ok", "unexpected": "WRONG", "undecided": "?"}
STYLES = {"expected": "green", "unexpected": "bold red", "undecided": "yellow"}


class ProgressLines(Protocol):
    """What `verify` tells as it goes."""

    def started(self, name: str) -> None: ...
    def ended(self, name: str) -> None: ...
    def waiting(self) -> None: ...
    def result(self, obligation: Obligation, record: Record, *, old: bool) -> None: ...


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Says on a terminal's standard error what is being decided, for as long as it takes."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True, highlight=False).status(f"deciding {what}", spinner="line"):
        yield


@contextmanager
def progress(total: int) -> Iterator[ProgressLines]:
    """A live table if standard output is a terminal that can draw one, plain lines otherwise."""
    if not sys.stdout.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(highlight=False)
    if console.is_dumb_terminal:
        yield Lines()
        return
    table = LiveTable(total)
    with Live(console=console, get_renderable=table.drawn, auto_refresh=False, transient=True) as live:
        table.live = live
        yield table


def line(obligation: Obligation, record: Record, *, old: bool) -> str:
    """`ok     gup-vs-reclaim/baseline/mapped-while-pinned/sc/ipi  refuted, 23 steps`."""
    compared = standing(obligation, record)
    text = f"{MARKS[compared]:<6} {obligation.id}  {found_words(record)}"
    if compared != "expected":
        text += f" (expected {expected_words(obligation)})" if record.found != obligation.expect else ""
    text += "".join(f"; {told}" for told in beside(obligation, record))
    return text + (" (recorded)" if old else "")


class Lines:
    """One line a result."""

    def started(self, name: str) -> None:
        pass

    def ended(self, name: str) -> None:
        pass

    def waiting(self) -> None:
        pass

    def result(self, obligation: Obligation, record: Record, *, old: bool) -> None:
        print(line(obligation, record, old=old), flush=True)


class LiveTable:
    """Results scroll by; below them stands a table of what is being decided, redrawn as time goes on: by `waiting`, for
    a thread that did it would forbid the workers to fork."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.running: dict[str, float] = {}
        self.live: Live | None = None

    def started(self, name: str) -> None:
        self.running[name] = time.monotonic()

    def ended(self, name: str) -> None:
        del self.running[name]

    def waiting(self) -> None:
        assert self.live is not None
        self.live.refresh()

    def result(self, obligation: Obligation, record: Record, *, old: bool) -> None:
        from rich.text import Text

        self.done += 1
        assert self.live is not None
        style, console = STYLES[standing(obligation, record)], self.live.console
        for part in wrap(line(obligation, record, old=old), console.width, rest=" " * 7):
            console.print(Text(part, style=style), soft_wrap=True)

    def drawn(self) -> "Table":
        from rich.table import Table

        table = Table(title=f"{self.done} of {self.total} decided", title_justify="left", box=None)
        table.add_column("seconds", justify="right")
        table.add_column("being decided", overflow="fold")
        for name, since in sorted(self.running.items()):
            table.add_row(f"{time.monotonic() - since:.0f}", name)
        return table
