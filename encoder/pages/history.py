"""The events of the kernel's history as the report shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from encoder.ledger.history import ClaimName, HistoryEvent
from encoder.ledger.place import platforms
from encoder.pages.book import Book, ClaimEntry

HOLDS = ("proved", "vacuous")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event with its entries. `places` has for each platform what was and what is: (`broken` or `held`, `holds` or
    `broken`), "" where nothing is known."""

    name: str
    date: str
    title: str
    commit: str
    thread: str
    subject: str
    kernel: str
    says: str
    open: str
    was: tuple[ClaimEntry, ...]
    now: tuple[ClaimEntry, ...]
    places: dict[str, tuple[str, str]]

    @property
    def names(self) -> str:
        return " ".join(" ".join(each.name) for each in (*self.was, *self.now))

    @property
    def words(self) -> str:
        return " ".join(sorted({word for pair in self.places.values() for word in pair if word}))


def event_views(book: Book) -> tuple[EventView, ...]:
    """The oldest first."""
    entries = {each.name: each for each in book.entries}
    return tuple(_view(each, entries) for each in book.history)


def _view(event: HistoryEvent, entries: dict[ClaimName, ClaimEntry]) -> EventView:
    was = tuple(entries[name] for name in event.was if name in entries)
    now = tuple(entries[name] for name in event.is_now if name in entries)
    return EventView(
        name=event.name, date=event.date, title=event.title, commit=event.commit, thread=event.thread,
        subject=event.subject, kernel=event.kernel, says=event.says, open=event.open, was=was, now=now,
        places={place: (_state(was, place, "held"), _state(now, place, "holds")) for place in platforms()},
    )  # fmt: skip


def _state(entries: Sequence[ClaimEntry], place: str, good: str) -> str:
    """`broken` where one of the claims is refuted there, `good` where all are proved, else ""."""
    words = [entry.cells[place].word if place in entry.cells else "absent" for entry in entries]
    if "refuted" in words:
        return "broken"
    return good if words and all(word in HOLDS for word in words) else ""
