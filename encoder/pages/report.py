"""The static site of the ledger: which pages there are, and what is on each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import json

from encoder import __version__
from encoder.ledger.place import platforms
from encoder.pages.book import NOBODY, Book
from encoder.pages.history import EventView, event_views
from encoder.pages.site import environment, flow, static
from encoder.pages.subjects import Subject, subjects

STATIC = ("base.css", "report.css", "explorer.css", "explorer.js", "filter.js", "search.js")
SECTIONS = (
    ("Ledger", "index.html"),
    ("Claims", "claims.html"),
    ("Scenarios", "scenarios/index.html"),
    ("Variants", "variants/index.html"),
    ("Procedures", "procedures/index.html"),
    ("Properties", "properties/index.html"),
    ("Platforms", "platforms/index.html"),
    ("Models", "models/index.html"),
)
WrittenPage = tuple[str, str]
"""The address of a page in the site, and its text."""


@dataclass(frozen=True, slots=True)
class IndexedPage:
    """A page as the search knows it."""

    title: str
    kind: str
    address: str
    text: str


def pages(book: Book) -> Iterator[WrittenPage]:
    """All pages but those of the schedules."""
    every, events = subjects(book), event_views(book)
    yield "index.html", _index(book, every, events)
    yield "claims.html", _claims(book)
    yield from _programs(book)
    yield from _lists(book, every)
    yield from ((each.address, _subject(book, each)) for each in every)
    yield from ((f"history/{each.event.name}.html", _event(book, each)) for each in events)
    yield "search.html", render(book, "search.html.j2", "search.html")
    yield "search-index.js", _search_index(book, every, events)
    yield from ((name, static(name)) for name in STATIC)


def render(book: Book, template: str, address: str, **given: Any) -> str:
    """A page from its template. `here` is the address of the section that it is in."""
    values = {
        "book": book, "root": "../" * address.count("/"), "sections": SECTIONS, "version": __version__,
        "only": book.only, "places": list(platforms()), "here": address, **given,
    }  # fmt: skip
    return environment().get_template(template).render(values)


def _index(book: Book, every: tuple[Subject, ...], events: tuple[EventView, ...]) -> str:
    if book.only:
        (own,) = (each for each in every if each.kind == "variants" and each.name == book.only)
        return _subject(book, own, address="index.html")
    tally = book.tally()
    totals = {word: sum(counts.get(word, 0) for counts in tally.values()) for word in ("proved", "refuted", "absent")}
    asked = [
        (each, book.tally(book.of(lambda entry, name=each.name: entry.property == name)))  # type: ignore[misc]
        for each in book.library.properties
    ]
    return render(
        book, "index.html.j2", "index.html", totals=totals, events=events, properties=asked,
        variants=len({each.variant for each in book.entries}),
    )  # fmt: skip


def _claims(book: Book) -> str:
    return render(
        book, "claims.html.j2", "claims.html", scenarios=sorted({each.scenario for each in book.entries}),
        asked=sorted({each.property for each in book.entries}),
    )  # fmt: skip


def _programs(book: Book) -> Iterator[WrittenPage]:
    """The page of each scenario and variant: every claim with its reason."""
    scenarios = {each.name: each.title for each in book.library.scenarios}
    variants = {each.name: each.title for each in book.library.variants}
    titles = {each.name: each.title for each in book.library.properties}
    for scenario, variant, entries in book.programs():
        address = entries[0].page
        yield address, render(
            book, "program.html.j2", address, scenario=scenario, variant=variant, entries=entries, titles=titles,
            scenario_title=scenarios[scenario], variant_title=variants[variant], nobody=NOBODY,
            scores=_scores(book, scenario, variant), here="claims.html",
        )  # fmt: skip


def _scores(book: Book, scenario: str, variant: str) -> dict[tuple[str, str], str]:
    """How many mutants of the code each proof notices, by place and property."""
    told = {}
    for each in book.scored:
        wanted = each.record.wanted
        if (wanted.scenario, wanted.variant) == (scenario, variant):
            for name, score in each.record.scores:
                told[wanted.place, name] = f"{score.noticed} of {score.total} mutants of the code are noticed"
    return told


def _lists(book: Book, every: tuple[Subject, ...]) -> Iterator[WrittenPage]:
    for title, address in SECTIONS[2:]:
        kind = address.partition("/")[0]
        items = [(each.name, f"{each.name}.html", each.title, each.figures) for each in every if each.kind == kind]
        yield address, render(book, "list.html.j2", address, title=title, items=items)


def _subject(book: Book, each: Subject, address: str = "") -> str:
    where = address or each.address
    return render(
        book, "subject.html.j2", where, kind=each.kind.capitalize(), name=each.name, title=each.title,
        facts=each.facts("../" * where.count("/")), changes=each.changes, codes=each.codes, lists=each.lists,
        entries=each.entries, showing=each.showing, here=f"{each.kind}/index.html",
    )  # fmt: skip


def _event(book: Book, each: EventView) -> str:
    return render(book, "event.html.j2", f"history/{each.event.name}.html", view=each)


def _search_index(book: Book, every: Iterable[Subject], events: Iterable[EventView]) -> str:
    """A script, as a page that is a file may not read another."""
    found = [IndexedPage(each.name, each.kind, each.address, flow(f"{each.title} {each.text}")) for each in every]
    for event in (each.event for each in events):
        told = flow(f"{event.subject} {event.commit} {event.thread} {event.says}")
        found.append(IndexedPage(event.title, "history", f"history/{event.name}.html", told))
    for scenario, variant, entries in book.programs():
        told = "; ".join(f"{each.property}: {each.words()}" for each in entries)
        found.append(IndexedPage(f"{scenario}, {variant}", "claims", entries[0].page, told))
    rows = [(each.title, each.kind, each.address, each.text) for each in found]
    return f"window.INDEX = {json.encode(rows).decode()};\n"


def write(out: Path, made: Iterable[WrittenPage]) -> tuple[int, int]:
    """Write pages below a folder. Gives their number and their size in bytes."""
    count = size = 0
    for address, text in made:
        path = out / address
        path.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode()
        path.write_bytes(content)
        count, size = count + 1, size + len(content)
    return count, size
