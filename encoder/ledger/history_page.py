"""The history in proofs/README.md: for each commit or thread where the code was broken, and where it is mended."""

from collections.abc import Iterable, Mapping, Sequence

from encoder.ledger.history import ClaimName, HistoryEvent, HistoryState, state_of
from encoder.ledger.obligation import Obligation
from encoder.ledger.place import platforms
from encoder.ledger.record import Record
from encoder.ledger.table import table
from encoder.render.platforms import listed

INTRODUCTION = """\
## History

What became of the protocol in the kernel, the oldest first. **broken on**: where a schedule breaks a property of the
code as it was before the commit, or as the thread has it; **mended on**: where all that is claimed of the code since
then is proved. The claims stand under *Why*, by their scenario and variant.
"""
HEADS = ("date", "commit or thread", "what", "broken on", "mended on", "claims")
FoundByClaim = Mapping[tuple[ClaimName, str], Record | None]
"""What is committed of claims, by what they speak of and the platform."""


def history(
    events: Iterable[HistoryEvent], obligations: Iterable[Obligation], records: Mapping[str, Record]
) -> list[str]:
    """The section in Markdown, in a list; an empty one where there are no events. `records` is keyed by obligation
    id."""
    by_claim = {(each.entry, each.platform): records.get(each.id) for each in obligations if each.platform}
    rows = [_row(event, by_claim) for event in events]
    return ["\n".join([INTRODUCTION, *table(HEADS, rows)]) + "\n"] if rows else []


def _row(event: HistoryEvent, found: FoundByClaim) -> list[str]:
    source = f"`{event.commit}`" if event.commit else event.thread
    kernel = f" ({event.kernel})" if event.kernel else ""
    subject = f" {event.subject}" if event.subject else ""
    said = event.open or event.says
    what = f"{event.title[:1].upper()}{event.title[1:]}." + (f" {said}" if said else "")
    if event.open:
        return [event.date, _cell(source + kernel + subject), _cell(what), "not decided", "not decided", ""]
    broken = _listed(place for place in platforms() if _state(event.was, place, found) == "broken")
    mended = _listed(place for place in platforms() if _state(event.is_now, place, found) == "holds")
    named = ", ".join(dict.fromkeys(f"{scenario}/{variant}" for scenario, variant, _ in (*event.was, *event.is_now)))
    return [event.date, _cell(source + kernel + subject), _cell(what), broken, mended, named]


def _state(names: Sequence[ClaimName], place: str, found: FoundByClaim) -> HistoryState:
    records = [found.get((name, place)) for name in names]
    return state_of([None if record is None else record.found for record in records])


def _listed(places: Iterable[str]) -> str:
    found = list(places)
    return "all" if len(found) == len(platforms()) else listed(found) if found else "none"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
