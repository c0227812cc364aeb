"""A site that the tests look at: made once, of what is committed, with two events of history."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import mkdtemp

from encoder.pages.book import load_book
from encoder.pages.report import pages, write
from encoder.pages.schedules import schedule_pages

PROOFS = Path(__file__).parents[2] / "proofs"
HISTORY = {
    "2020-12-first": """\
title: fork misses a pin that fast GUP takes meanwhile
commit: 57efa1fe5957
subject: "mm/gup: prevent gup_fast from racing with COW during fork"
date: 2020-12
kernel: v5.11
was: [gup-vs-fork/fork-without-seq/writable-while-pinned]
is: [gup-vs-fork/baseline/writable-while-pinned]
says: A section of the mm's seqcount.
""",
    "2021-09-second": """\
title: who calls page_maybe_dma_pinned() unserialised
thread: a mail to linux-mm
date: 2021-09
open: Nothing is claimed of it.
""",
}


@cache
def site() -> Path:
    """The folder of the whole site."""
    out = Path(mkdtemp(prefix="pinproof-site-"))
    proofs = out / "proofs"
    proofs.mkdir()
    for name in ("schedules", "scores"):
        (proofs / name).symlink_to(PROOFS / name)
    (proofs / "history").mkdir()
    for name, text in HISTORY.items():
        (proofs / "history" / f"{name}.yaml").write_text(text, "utf-8")
    book = load_book(proofs)
    made = out / "site"
    write(made, pages(book))
    write(made, schedule_pages(book))
    return made


@dataclass(frozen=True)
class Parsed:
    """The ids of a page, and what it links to or loads."""

    ids: frozenset[str]
    links: tuple[str, ...]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("href", "src", "action") and value:
                self.links.append(value)


@cache
def parsed(path: Path) -> Parsed:
    reader = _Reader()
    reader.feed(path.read_text("utf-8"))
    assert len(reader.ids) == len(set(reader.ids)), f"{path}: an id twice"
    return Parsed(frozenset(reader.ids), tuple(reader.links))


def dead_links(root: Path) -> Iterator[str]:
    """The links of all pages that lead nowhere in the site."""
    for path in sorted(root.rglob("*.html")):
        for link in parsed(path).links:
            if re.match(r"https?:|mailto:", link):
                continue
            address, _, anchor = link.partition("#")
            there = (path.parent / address.partition("?")[0]).resolve() if address else path
            if not there.is_file():
                yield f"{path.relative_to(root)}: {link}"
            elif anchor and "=" not in anchor and anchor not in parsed(there).ids:
                yield f"{path.relative_to(root)}: {link} (no such place)"
