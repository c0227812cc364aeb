"""What stands behind the ledger's verdicts: who else says so, and for how many threads."""

from collections.abc import Iterable, Mapping, Sequence

from encoder.ledger.obligation import Obligation
from encoder.ledger.place import rank
from encoder.ledger.record import Record
from encoder.ledger.table import table

LETTERS = {"replay": "r", "explorer": "e", "cvc5": "c", "certificate": "k", "apart": "a"}


def agreeing(record: Record) -> tuple[str, ...]:
    """Who else has come to the verdict: a schedule that was found has been replayed."""
    who = {opinion.by for opinion in record.opinions if opinion.word == "agrees"}
    if record.found == "refuted":
        who.add("replay")
    return tuple(name for name in LETTERS if name in who)


def marks(record: Record) -> str:
    """` ∞ (ec)`: for any number of threads, and who agrees."""
    letters = "".join(LETTERS[name] for name in agreeing(record))
    return (" ∞" if record.unlimited and record.unlimited.holds else "") + (f" ({letters})" if letters else "")


def standing_behind(obligations: Sequence[Obligation], records: Mapping[str, Record]) -> str:
    """A table: how many verdicts each of the others has come to as well, by platform."""
    rows = []
    for place in sorted({each.place for each in obligations}, key=rank):
        found = [records[each.id] for each in obligations if each.place == place and each.id in records]
        agree = [agreeing(record) for record in found]
        counts = [len(found), *(sum(name in who for who in agree) for name in LETTERS), sum(not who for who in agree)]
        counts += [sum(record.found == "complete" for record in found)]
        counts += [sum(record.unlimited is not None and record.unlimited.holds for record in found)]
        rows.append([place, *map(str, counts)])
    heads = ["", "verdicts", *LETTERS, "nobody", "proved", "∞"]
    return "\n".join(["## Who else says so", "", *table(heads, rows)]) + "\n"


def not_unlimited(obligations: Iterable[Obligation], records: Mapping[str, Record]) -> str:
    """For each reason, what is not proved for any number of threads because of it."""
    told: dict[str, dict[tuple[str, ...], list[str]]] = {}
    for each in obligations:
        record = records.get(each.id)
        if record is not None and record.unlimited is not None and not record.unlimited.holds:
            told.setdefault(record.unlimited.why, {}).setdefault(each.entry, []).append(each.place)
    lines = ["## Not for any number of threads", ""]
    for why in sorted(told):
        lines.append(f"- {why}:")
        for (scenario, variant, asked), places in sorted(told[why].items()):
            lines.append(f"  - {scenario}, `{variant}`, {asked}: {', '.join(sorted(places, key=rank))}")
    return "\n".join(lines) + "\n"
