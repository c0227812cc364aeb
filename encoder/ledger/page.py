"""proofs/README.md: what was found under each memory model, and why."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise

from encoder.ledger.agreement import marks, not_unlimited, standing_behind
from encoder.ledger.checks_page import taken_for_granted
from encoder.ledger.drawings import anchor
from encoder.ledger.obligation import Obligation
from encoder.ledger.record import Record, expected_words, found_words, standing
from encoder.ledger.table import table
from encoder.memory import CHAIN
from encoder.render.verdict import FLUSHES

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
    expect: complete              # under SC: complete, refuted, vacuous or {bounded: STEPS}
    why: A sentence that names the kernel code.
    tso: {expect: complete, why: A sentence.}
    lkmm: {expect: refuted, why: A sentence.}     # `weak:` in place of both where one sentence serves both
```

`flush:` is ipi unless it says broadcast or deferred. A schedule under SC is one under TSO and LKMM: what is claimed to
be refuted under SC is claimed to be refuted under both, and needs no `tso` or `lkmm`.
"""
EMPTY = "·"
EntryClaims = Sequence[Obligation]
"""The obligations of one scenario, variant, property and flush, strongest memory model first."""


def page(obligations: tuple[Obligation, ...], records: Mapping[str, Record], titles: Mapping[str, str]) -> str:
    """The page as Markdown. `records` is keyed by obligation id, `titles` gives properties their titles."""
    entries = _entries(obligations)
    asked = sorted({(each[0].property, each[0].flush) for each in entries})
    tables = [_table([e for e in entries if (e[0].property, e[0].flush) == key], records, titles) for key in asked]
    reasons = [_reasons(name, group, records) for name, group in groupby(entries, key=lambda each: each[0].scenario)]
    parts = [INTRODUCTION, standing_behind(obligations, records), *tables, "## Why\n", *reasons]
    return "\n".join([*parts, *taken_for_granted(obligations, records), not_unlimited(obligations, records)])


def _entries(obligations: Iterable[Obligation]) -> list[EntryClaims]:
    """By scenario, variant (the baseline first), property and flush."""
    models = list(CHAIN)

    def place(each: Obligation) -> tuple[object, ...]:
        return each.scenario, each.variant != "baseline", each.variant, each.property, each.flush

    ordered = sorted(obligations, key=lambda each: (*place(each), models.index(each.model)))
    return [list(group) for _, group in groupby(ordered, key=place)]


def _table(entries: Sequence[EntryClaims], records: Mapping[str, Record], titles: Mapping[str, str]) -> str:
    first = entries[0][0]
    heads = ["scenario", "variant", *(model.upper() for model in CHAIN), "what makes the difference"]
    rows = [_row(entry, records) for entry in entries]
    if not any(row[-1] for row in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    lines = [f"## {first.property}, {FLUSHES[first.flush]}", ""]
    if first.property in titles:
        lines += [titles[first.property][:1].upper() + titles[first.property][1:] + ".", ""]
    return "\n".join([*lines, *table(heads, rows)]) + "\n"


def _row(entry: EntryClaims, records: Mapping[str, Record]) -> list[str]:
    cells = {each.model: _cell(each, records.get(each.id)) for each in entry}
    verdicts = [cells.get(model, EMPTY) for model in CHAIN]
    return [entry[0].scenario, f"`{entry[0].variant}`", *verdicts, _difference(entry, records)]


def _difference(entry: EntryClaims, records: Mapping[str, Record]) -> str:
    """Why a weaker memory model answers otherwise than the next stronger one."""

    def word(each: Obligation) -> str:
        return records[each.id].found if each.id in records else each.expect

    whys = [weaker.why for stronger, weaker in pairwise(entry) if word(stronger) != word(weaker)]
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
            return "loops open"
        case "unknown":
            return "unknown"


def _reasons(scenario: str, entries: Iterable[EntryClaims], records: Mapping[str, Record]) -> str:
    """A point for each entry; below it one for each reason of its own that a weaker memory model has."""
    lines = [f"### {scenario}", ""]
    for entry in entries:
        own, *weaker = entry
        where = "" if own.flush == "ipi" else f" ({FLUSHES[own.flush]})"
        lines.append(f"- `{own.variant}`, {own.property}{where}: {_found(own, records)}. {own.why}")
        told = [(_found(each, records), each.why, each.model.upper()) for each in weaker if not each.implied]
        for (found, why), group in groupby(told, key=lambda each: each[:2]):
            lines.append(f"  - {' and '.join(model for *_, model in group)}: {found}. {why}")
    return "\n".join(lines) + "\n"


def _found(obligation: Obligation, records: Mapping[str, Record]) -> str:
    record = records.get(obligation.id)
    return found_words(record) if record else "not run"
