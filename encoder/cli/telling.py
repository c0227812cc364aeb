"""Standard error, where a command says how far it is: redrawn on a terminal, elsewhere a line now and then."""

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO, assert_never

from encoder.base.result import Progress, Proved, Report, word
from encoder.render.layout import at_most, wrap

EVERY = 30.0
"""Seconds between two lines where there is no terminal."""
REDRAWN = 0.2
"""Seconds between two looks of a thread."""
NARROWEST = 40
ToldLines = Callable[[], Sequence[str]]
"""What there is to tell: what is settled, each line told once, and last how far it is."""


def draws(stream: TextIO) -> bool:
    """Whether it is a terminal on which lines can be redrawn."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


@contextmanager
def telling(lines: ToldLines) -> Iterator[Callable[[], None]]:
    """Tell these lines for as long as it is open. Whoever waits calls what is given a few times a second: it tells them
    again where it is time to. A thread that did it would forbid the workers to fork."""
    if not draws(sys.stderr):
        yield NowAndThen(lines).look
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True, highlight=False)

    def drawn() -> Text:
        rows = [row for line in lines() for row in wrap(line, console.width, rest="  ")]
        return Text("\n".join(rows), no_wrap=True)

    scrolls = sys.stdout.isatty()  # what is printed goes above the lines
    with Live(
        console=console, get_renderable=drawn, auto_refresh=False, transient=True, redirect_stdout=scrolls
    ) as live:
        yield live.refresh


@contextmanager
def telling_by_thread(lines: ToldLines) -> Iterator[None]:
    """Tell these lines for as long as it is open, whatever else this process does."""
    ended = threading.Event()

    def look_until_ended(look: Callable[[], None]) -> None:
        while not ended.wait(REDRAWN):
            look()

    with telling(lines) as look:
        thread = threading.Thread(target=look_until_ended, args=(look,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


class NowAndThen:
    """Lines on standard error, none before `every` seconds have passed, a `clock` says when."""

    def __init__(
        self, lines: ToldLines, every: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.lines = lines
        self.every = EVERY if every is None else every
        self.clock = clock
        self.start = self.last = clock()
        self.told = 0

    def look(self) -> None:
        """Tell what is settled now, and how far it is after each of the intervals."""
        now = self.clock()
        if now - self.start < self.every:
            return
        *settled, last = self.lines()
        due = now - self.last >= self.every
        for line in [*settled[self.told :], *([last] if due else [])]:
            print(line, file=sys.stderr, flush=True)
        self.told = len(settled)
        self.last = now if due else self.last


def printed(line: str, rest: str = "  ") -> None:
    """Print a line, in several where standard output is a narrow terminal."""
    with fitted():
        print("\n".join(wrap(line, sys.maxsize, rest=rest)), flush=True)


class Stage:
    """How far an answer is that is being looked for; `what` it is about."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.since = time.monotonic()
        self.told: Progress | Report | None = None

    def tell(self, told: Progress | Report) -> None:
        """A `result.Tell`."""
        self.told = told

    def line(self) -> str:
        """`deciding gup-vs-fork, v6.12 under LKMM, 12 s: 641 events were built, but not their constraints`."""
        far = "" if self.told is None else f": {reached(self.told)}"
        return f"deciding {self.what}, {elapsed(self.since)}{far}"


def reached(told: Progress | Report) -> str:
    """How far an answer is, and what is being decided."""
    match told:
        case Progress(of=0):
            return told.reached.replace("was not decided", "is being decided")
        case Progress():
            return f"{told.reached}, {told.done} of {told.of}"
        case Report(question=question, verdict=verdict, checks=checks, unlimited=unlimited):
            if question.checks and checks is None:
                beyond = "what the verdict takes for granted"
            elif question.unlimited and unlimited is None and isinstance(verdict, Proved):
                beyond = "whether it holds for any number of threads"
            else:
                beyond = "what others say of it"
            return f"{word(verdict)}; {beyond} is being decided"
        case never:
            assert_never(never)


def elapsed(since: float) -> str:
    """`12 s`, `3 min 20 s`, since a `time.monotonic()` value."""
    minutes, seconds = divmod(int(time.monotonic() - since), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


@contextmanager
def fitted() -> Iterator[None]:
    """What is laid out in here fits standard output, if that is a terminal narrower than a mail."""
    if not sys.stdout.isatty():
        yield
        return
    with at_most(columns()):
        yield


def columns() -> int:
    """The columns of the terminal."""
    return max(NARROWEST, shutil.get_terminal_size().columns)
