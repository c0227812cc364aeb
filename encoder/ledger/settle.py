"""What a run has found put in place of what is committed: what says the same stays as it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from encoder.base.result import Witness
from encoder.ledger.obligation import Obligation
from encoder.ledger.place import rank
from encoder.ledger.record import Checked, Record, asked_more
from encoder.ledger.statement import ScenarioStatement, lasting

Breaks = Callable[[Obligation, Witness], bool]
"""Whether a schedule, replayed without the solver, breaks the property of an obligation."""
ProgramKey = tuple[str, str]
"""Variant and platform."""


def settled(
    old: ScenarioStatement,
    claimed: Sequence[Obligation],
    found: Mapping[str, Record],
    specs: Mapping[str, str],
    breaks: Breaks,
) -> ScenarioStatement:
    """The statement of one scenario after a run that found `found`, by obligation id.

    `claimed` are the obligations of the scenario, `specs` the fingerprints of the specs by variant, as they are now.
    Of variants that the run has looked at, what was said of other specs goes; of the others all stays that is claimed.
    """
    asked = {each.variant for each in claimed if each.id in found}

    def stays(each: Obligation) -> bool:
        same = each.variant not in asked or old.specs.get(each.variant) == specs[each.variant]
        return same and each.id in old.records and old.records[each.id].depth == each.depth

    kept = {each.id: old.records[each.id] for each in claimed if stays(each)}
    records = kept | {
        each.id: _of(each, kept.get(each.id), found[each.id], breaks) for each in claimed if each.id in found
    }
    records = _shared(claimed, records, found, breaks)
    told = {each.variant: (specs if each.variant in asked else old.specs)[each.variant]
            for each in claimed if each.id in records}  # fmt: skip
    checks = _checks(claimed, kept) | {
        program: _checks_of(_checks(claimed, kept).get(program), new)
        for program, new in _checks(claimed, found).items()
    }
    return ScenarioStatement(scenario=old.scenario, specs=told, records=_checked_once(claimed, records, checks))


def _of(obligation: Obligation, old: Record | None, found: Record, breaks: Breaks) -> Record:
    """The record to commit: the old one as far as the new one says the same. What is not decided takes nothing away; a
    schedule stays as long as it breaks the property and none is shorter."""
    if old is None:
        return lasting(found)
    if found.found == "unknown":
        return old
    record = lasting(asked_more(found, old))
    same = record.found == old.found and record.steps == old.steps
    if same and old.witness is not None and breaks(obligation, old.witness):
        record = replace(record, witness=old.witness)
    return record


def _shared(
    claimed: Sequence[Obligation], records: Mapping[str, Record], found: Mapping[str, Record], breaks: Breaks
) -> dict[str, Record]:
    """The records, those that the run has looked at with the schedule of a stronger platform where that is as short and
    breaks the property too: one schedule is less to read than six."""
    shown: dict[tuple[str, ...], list[Witness]] = {}
    told = dict(records)
    for each in sorted((each for each in claimed if each.id in records), key=lambda each: rank(each.place)):
        own = records[each.id]
        if own.witness is None:
            continue
        known = shown.setdefault((*each.entry, str(each.depth)), [])
        fitting = (one for one in known if len(one.schedule) == own.steps and (one == own.witness or breaks(each, one)))
        other = next(fitting, None) if each.id in found else None
        if other is None:
            known.append(own.witness)
        else:
            told[each.id] = replace(own, witness=other)
    return told


def _program(each: Obligation) -> ProgramKey:
    return each.variant, each.place


def _checks(claimed: Iterable[Obligation], records: Mapping[str, Record]) -> dict[ProgramKey, Checked]:
    """What was found beside the verdicts of each program on a platform."""
    found: dict[ProgramKey, Checked] = {}
    for each in claimed:
        record = records.get(each.id)
        if record is not None and record.checks is not None:
            found.setdefault(_program(each), record.checks)
    return found


def _checks_of(old: Checked | None, new: Checked) -> Checked:
    """The old ones where the new ones say the same, with whatever schedule, or where not all was decided now."""
    if old is None:
        return new
    late = bool(new.undecided) and not old.undecided
    return old if late or _kinds(old) == _kinds(new) else new


def _kinds(checks: Checked) -> Checked:
    """What was found, whatever schedule shows it."""
    return replace(checks, deadlock="yes" * bool(checks.deadlock), held="yes" * bool(checks.held))


def _checked_once(
    claimed: Iterable[Obligation], records: Mapping[str, Record], checks: Mapping[ProgramKey, Checked]
) -> dict[str, Record]:
    """The records, with what was found beside them at the first of each program and platform."""
    first: dict[ProgramKey, str] = {}
    for each in claimed:
        if each.id in records:
            first.setdefault(_program(each), each.id)
    told = {name: checks.get(program) for program, name in first.items()}
    return {name: replace(record, checks=told.get(name)) for name, record in records.items()}
