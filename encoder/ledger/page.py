"""proofs/README.md: what was found, variants by scenarios, and why."""

from collections.abc import Mapping

from encoder.ledger.obligation import Obligation
from encoder.ledger.record import Record, expected_words, found_words, standing
from encoder.render.verdict import FLUSHES

INTRODUCTION = """\
# Proofs

What is claimed (`obligations/`), what was found (`results/`) and the schedules that break a property (`witnesses/`).
`make verify` decides all of it anew; `make promote` also writes this page.

**proved**: no schedule breaks the property, however long. **proved to n**: none of at most n steps does. **refuted**:
a schedule of that many steps breaks it. **vacuous**: the situation that the property speaks of cannot be reached.
"""
EMPTY = "·"


def page(obligations: tuple[Obligation, ...], records: Mapping[str, Record], titles: Mapping[str, str]) -> str:
    """The page as Markdown. `records` is keyed by obligation id, `titles` gives properties their titles."""
    asked = sorted({(each.property, each.model, each.flush) for each in obligations})
    tables = [
        _table(tuple(each for each in obligations if (each.property, each.model, each.flush) == key), records, titles)
        for key in asked
    ]
    scenarios = sorted({each.scenario for each in obligations})
    reasons = [
        _reasons(name, tuple(each for each in obligations if each.scenario == name), records) for name in scenarios
    ]
    return "\n".join([INTRODUCTION, *tables, "## Why\n", *reasons])


def _table(obligations: tuple[Obligation, ...], records: Mapping[str, Record], titles: Mapping[str, str]) -> str:
    first = obligations[0]
    scenarios = sorted({each.scenario for each in obligations})
    variants = sorted({each.variant for each in obligations}, key=lambda name: (name != "baseline", name))
    cells = {(each.variant, each.scenario): _cell(each, records.get(each.id)) for each in obligations}
    lines = [f"## {first.property}, {first.model.upper()}, {FLUSHES[first.flush]}", ""]
    if first.property in titles:
        lines += [titles[first.property][:1].upper() + titles[first.property][1:] + ".", ""]
    lines += ["| |" + "".join(f" {scenario} |" for scenario in scenarios), "|---|" + "---|" * len(scenarios)]
    for variant in variants:
        row = "".join(f" {cells.get((variant, scenario), EMPTY)} |" for scenario in scenarios)
        lines.append(f"| `{variant}` |{row}")
    return "\n".join(lines) + "\n"


def _cell(obligation: Obligation, record: Record | None) -> str:
    if record is None:
        return "not run"
    wrong = "" if standing(obligation, record) == "expected" else f" (expected {expected_words(obligation)})"
    return _verdict(obligation, record) + wrong


def _verdict(obligation: Obligation, record: Record) -> str:
    match record.found:
        case "complete":
            return "proved"
        case "bounded":
            return f"proved to {obligation.depth}"
        case "refuted":
            each = obligation
            file = f"witnesses/{each.scenario}/{each.variant}/{each.property}.{each.model}.{each.flush}.txt"
            return f"[**refuted**, {record.steps}]({file})"
        case "vacuous":
            return "vacuous" if obligation.depth is None else f"vacuous to {obligation.depth}"
        case "open loops":
            return "loops open"
        case "unknown":
            return "unknown"


def _reasons(scenario: str, obligations: tuple[Obligation, ...], records: Mapping[str, Record]) -> str:
    lines = [f"### {scenario}", ""]
    for each in sorted(obligations, key=lambda each: each.id):
        record = records.get(each.id)
        found = found_words(record) if record else "not run"
        where = "" if (each.model, each.flush) == ("sc", "ipi") else f" ({each.model.upper()}, {FLUSHES[each.flush]})"
        lines.append(f"- `{each.variant}`, {each.property}{where}: {found}. {each.why}")
    return "\n".join(lines) + "\n"
