"""The history in proofs/README.md: for each commit or thread where the code was broken, and where it is mended."""

from collections.abc import Iterable, Mapping, Sequence

from encoder.ledger.history import ClaimName, HistoryEvent
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
HOLDS = ("complete", "vacuous", "bounded")


def history(
    events: Iterable[HistoryEvent], obligations: Iterable[Obligation], records: Mapping[str, Record]
) -> list[str]:
    """The section in Markdown, in a list; an empty one where there are no events. `records` is keyed by obligation
    id."""
    by_claim: dict[ClaimName, list[Obligation]] = {}
    for each in obligations:
        if each.platform:
            by_claim.setdefault(each.entry, []).append(each)
    rows = [_row(event, by_claim, records) for event in events]
    return ["\n".join([INTRODUCTION, *table(HEADS, rows)]) + "\n"] if rows else []


def _row(event: HistoryEvent, claims: Mapping[ClaimName, list[Obligation]], records: Mapping[str, Record]) -> list[str]:
    source = f"`{event.commit}`" if event.commit else event.thread
    kernel = f" ({event.kernel})" if event.kernel else ""
    subject = f" {event.subject}" if event.subject else ""
    said = event.open or event.says
    what = f"{event.title[:1].upper()}{event.title[1:]}." + (f" {said}" if said else "")
    if event.open:
        return [event.date, _cell(source + kernel + subject), _cell(what), "not decided", "not decided", ""]
    broken = _listed(place for place in platforms() if _found(event.was, place, claims, records) == "refuted")
    mended = _listed(place for place in platforms() if _found(event.is_now, place, claims, records) == "holds")
    named = ", ".join(dict.fromkeys(f"{scenario}/{variant}" for scenario, variant, _ in (*event.was, *event.is_now)))
    return [event.date, _cell(source + kernel + subject), _cell(what), broken, mended, named]


def _found(
    names: Sequence[ClaimName], place: str, claims: Mapping[ClaimName, list[Obligation]], records: Mapping[str, Record]
) -> str:
    """`refuted` on a platform where one of the claims is; `holds` where all are proved there; else ""."""
    asked = [each for name in names for each in claims.get(name, ()) if each.platform == place]
    words = [records[each.id].found for each in asked if each.id in records]
    if "refuted" in words:
        return "refuted"
    return "holds" if words and len(words) == len(asked) == len(names) and set(words) <= set(HOLDS) else ""


def _listed(places: Iterable[str]) -> str:
    found = list(places)
    return "all" if len(found) == len(platforms()) else listed(found) if found else "none"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
