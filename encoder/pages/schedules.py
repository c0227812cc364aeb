"""The pages of the schedules of a report."""

from collections.abc import Iterator

from encoder.ledger.place import place_of
from encoder.pages.book import Book, page_of
from encoder.pages.explorer import SitePage, explorer


def schedule_pages(book: Book) -> Iterator[tuple[str, str]]:
    """The address and text of each page, as they were recorded: `replay` says whether they hold."""
    for each in book.schedules:
        first, address = each.breaks[0], page_of(each)
        shared = SitePage(root="../" * address.count("/"), places=tuple(map(place_of, each.breaks)))
        yield address, explorer(first, each.under(first.model), book.library, shared)
