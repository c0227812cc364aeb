"""The events of the kernel's history as the report shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from encoder.ledger.history import ClaimName, HistoryEvent, HistoryState, state_of
from encoder.ledger.place import platforms
from encoder.pages.book import Book, ClaimEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event with its entries. `places` has for each platform what was and what is: (`broken` or `held`, `holds` or
    `broken`), "" where nothing is known."""

    event: HistoryEvent
    was: tuple[ClaimEntry, ...]
    now: tuple[ClaimEntry, ...]
    places: Mapping[str, tuple[str, str]]

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
    places = {place: (_state(was, place).replace("holds", "held"), _state(now, place)) for place in platforms()}
    return EventView(event=event, was=was, now=now, places=places)


def _state(entries: Sequence[ClaimEntry], place: str) -> HistoryState:
    records = [entry.cells[place].record if place in entry.cells else None for entry in entries]
    return state_of([None if record is None else record.found for record in records])
