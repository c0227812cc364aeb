"""What the verdicts of the ledger take for granted, as a part of proofs/README.md."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from encoder.ledger.obligation import Obligation
from encoder.ledger.place import rank
from encoder.ledger.record import Checked, Record

INTRODUCTION = """\
## What the verdicts take for granted

Asked once for each scenario, variant and platform: can all remaining threads wait for ever (a deadlock), can one
end with a lock held, in a section or with interrupts off, are the steps of the variant's edits reached? And of each
property: does any thread change what it speaks of? A deadlock, or something held at the end, is claimed in the
obligations file of the scenario, for the platforms that have it; without a claim `verify` fails.
Steps that are never reached and properties about what nobody changes need no claim: the verdict is true, and this says
how much it is worth.

```yaml
checks:
  - variant: kara-rmap-seq
    found: deadlock               # or held
    on: [x86, lkmm]               # the platforms that have it; all without it
    why: A sentence that names the kernel code.
```
"""
ClaimText = Callable[[Obligation, Record], str]


def taken_for_granted(obligations: Iterable[Obligation], records: Mapping[str, Record]) -> Iterator[str]:
    """The part, none where nothing was asked."""
    known = [(each, records[each.id]) for each in obligations if each.id in records]
    asked = [record.checks for _, record in known if record.checks is not None]
    if not asked:
        return
    yield INTRODUCTION
    deadlocks, held = (sum(bool(getattr(each, kind)) for each in asked) for kind in ("deadlock", "held"))
    yield f"Of {len(asked)} programs {deadlocks or 'none'} can deadlock, {held or 'none'} end with something held.\n"
    lists = {
        "Deadlocks": lambda each, record: _of(record, lambda c: c.deadlock) and _why(each, record, "deadlock"),
        "Held at the end": lambda each, record: _of(record, lambda c: c.held) and _why(each, record, "held"),
        "Not decided": lambda each, record: _of(record, lambda c: c.undecided),
        "Never reached": lambda each, record: _of(record, lambda c: ", ".join(f"`{s}`" for s in c.unreached)),
        "No edit changes code that the scenario runs": lambda each, record: _of(record, lambda c: "." * c.elsewhere),
        "About state that no thread changes": lambda each, record: each.property if record.untouched else "",
    }  # fmt: skip
    for head, told in lists.items():
        if lines := _lines(known, told):
            yield "\n".join([f"{head}:", "", *lines]) + "\n"


def _of(record: Record, part: Callable[[Checked], str]) -> str:
    return "" if record.checks is None else part(record.checks)


def _why(obligation: Obligation, record: Record, kind: str) -> str:
    shown = _of(record, lambda checks: checks.deadlock if kind == "deadlock" else checks.held)
    return " ".join([f"{shown}.", *(each.why for each in obligation.granted if each.found == kind)])


def _lines(known: Iterable[tuple[Obligation, Record]], told: ClaimText) -> list[str]:
    """A point for each program of which something is told, with the platforms on which it is."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for each, record in known:
        if text := told(each, record):
            found.setdefault((each.scenario, each.variant, text), []).append(each.place)
    return [
        f"- {scenario}, `{variant}` ({', '.join(sorted(set(places), key=rank))}){'' if text == '.' else f': {text}'}"
        for (scenario, variant, text), places in sorted(found.items())
    ]
