"""proofs/README.md: what was found on each platform, and why."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise

from encoder.ledger.agreement import marks, not_unlimited, standing_behind
from encoder.ledger.checks_page import taken_for_granted
from encoder.ledger.drawings import anchor
from encoder.ledger.history import HistoryEvent
from encoder.ledger.history_page import history
from encoder.ledger.obligation import Obligation
from encoder.ledger.place import platforms, rank
from encoder.ledger.record import Record, expected_words, found_words, standing
from encoder.ledger.table import table
from encoder.render.platforms import listed

INTRODUCTION = """\
# Proofs

What is claimed (`obligations/`), what was found when it was last promoted, and the schedules that break a property
(`schedules/`: drawn, and as data that `pinproof replay` runs again and that this page is made of). It is about the
specs beside it and says nothing of how or when it was found out: it changes when a verdict does. `pinproof verify`
decides it anew, `--promote` puts what has changed here.

**proved**: no schedule breaks the property, however long. **proved to n**: none of at most n steps does. **refuted**:
a schedule of that many steps breaks it. **vacuous**: the situation that the property speaks of cannot be reached.
·: nothing is claimed.

Letters in brackets say who else had come to the same verdict about these specs when last asked (`verify --trust full`
asks again): **r** the replay of the schedule and **e** the explorer, which goes from state to state, share no code with
the encoder; **c** cvc5 was asked the encoder's questions again; **k** a certificate, the SAT proof of every `unsat`,
was checked by a program of a page. `certificates/` has a few of these as examples: `pinproof check` checks them.
∞: proved for any number of threads like the first pinner.

An entry of `obligations/SCENARIO.yaml`:

```yaml
  - variant: kara-rmap-seq
    property: mapped-while-pinned
    claims:
      - on: sc                        # a platform of specs/platforms, or a list of them
        expect: complete              # complete, refuted, vacuous, open loops or {bounded: STEPS}
        why: A sentence that names the kernel code.
      - on: [x86, x86-broadcast, arm64, arm64-llsc, lkmm]
        expect: refuted
        why: A sentence.
      - model: sc                     # an experiment, which describes no machine
        flush: broadcast              # ipi, deferred, broadcast or deferred-broadcast
        expect: complete
        why: A sentence.
```
"""
EMPTY = "·"
EXPERIMENTS = (
    "What is claimed of `MODEL+FLUSH` is an experiment: it describes no machine, and stands under *Why* alone."
)
EntryClaims = Sequence[Obligation]
"""The obligations of one scenario, variant and property, strongest platform first, then experiments."""


def page(
    obligations: tuple[Obligation, ...],
    records: Mapping[str, Record],
    titles: Mapping[str, str],
    events: Sequence[HistoryEvent],
) -> str:
    """The page as Markdown. `records` is keyed by obligation id, `titles` gives properties their titles."""
    entries = _entries(obligations)
    asked = sorted({each[0].property for each in entries})
    tables = [_table([e for e in entries if e[0].property == name], records, titles) for name in asked]
    reasons = [_reasons(name, group, records) for name, group in groupby(entries, key=lambda each: each[0].scenario)]
    told = history(events, obligations, records)
    parts = [INTRODUCTION, _platforms(), standing_behind(obligations, records), *told, *tables, "## Why\n", *reasons]
    return "\n".join([*parts, *taken_for_granted(obligations, records), not_unlimited(obligations, records)])


def _platforms() -> str:
    """What the columns of the tables are."""
    lines = [f"- **{each.name}**: {each.title}." for each in platforms().values()]
    return "\n".join(["## Platforms", "", *lines, "", EXPERIMENTS]) + "\n"


def _entries(obligations: Iterable[Obligation]) -> list[EntryClaims]:
    """By scenario, variant (the baseline first) and property."""

    def key(each: Obligation) -> tuple[object, ...]:
        return each.scenario, each.variant != "baseline", each.variant, each.property

    ordered = sorted(obligations, key=lambda each: (*key(each), rank(each.place)))
    return [list(group) for _, group in groupby(ordered, key=key)]


def _table(entries: Sequence[EntryClaims], records: Mapping[str, Record], titles: Mapping[str, str]) -> str:
    name = entries[0][0].property
    heads = ["scenario", "variant", *platforms(), "what makes the difference"]
    rows = [_row(entry, records) for entry in entries]
    if not any(row[-1] for row in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    lines = [f"## {name}", ""]
    if name in titles:
        lines += [titles[name][:1].upper() + titles[name][1:] + ".", ""]
    return "\n".join([*lines, *table(heads, rows)]) + "\n"


def _row(entry: EntryClaims, records: Mapping[str, Record]) -> list[str]:
    cells = {each.place: _cell(each, records.get(each.id)) for each in entry}
    verdicts = [cells.get(place, EMPTY) for place in platforms()]
    return [entry[0].scenario, f"`{entry[0].variant}`", *verdicts, _difference(entry, records)]


def _difference(entry: EntryClaims, records: Mapping[str, Record]) -> str:
    """Why a platform answers otherwise than the next stronger one."""

    def word(each: Obligation) -> str:
        return records[each.id].found if each.id in records else each.expect

    machines = [each for each in entry if each.platform]
    whys = [weaker.why for stronger, weaker in pairwise(machines) if word(stronger) != word(weaker)]
    return " ".join(dict.fromkeys(whys)).replace("|", "\\|")


def _cell(obligation: Obligation, record: Record | None) -> str:
    if record is None:
        return "not run"
    wrong = "" if standing(obligation, record) == "expected" else f" (expected {expected_words(obligation)})"
    return _verdict(obligation, record) + marks(record) + wrong


def _verdict(obligation: Obligation, record: Record) -> str:
    match record.found:
        case "complete":
            return "proved"
        case "bounded":
            return f"proved to {obligation.depth}"
        case "refuted":
            return f"[**refuted**, {record.steps}](schedules/{obligation.scenario}.md#{anchor(obligation.id)})"
        case "vacuous":
            return "vacuous" if obligation.depth is None else f"vacuous to {obligation.depth}"
        case "open loops":
            return "proved, loops open"
        case "unknown":
            return "unknown"


def _reasons(scenario: str, entries: Iterable[EntryClaims], records: Mapping[str, Record]) -> str:
    """A point for each entry; below it one for each reason, with the platforms on which it is the reason."""
    lines = [f"### {scenario}", ""]
    for entry in entries:
        lines.append(f"- `{entry[0].variant}`, {entry[0].property}:")
        told: dict[tuple[str, str], list[str]] = {}
        for each in entry:
            told.setdefault((_found(each, records), each.why), []).append(each.place)
        lines += [f"  - {listed(places)}: {found}. {why}" for (found, why), places in told.items()]
    return "\n".join(lines) + "\n"


def _found(obligation: Obligation, records: Mapping[str, Record]) -> str:
    record = records.get(obligation.id)
    return found_words(record) if record else "not run"
