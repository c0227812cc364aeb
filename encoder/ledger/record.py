"""What was found for an obligation, as it is kept: no times, and nothing that differs from one solver to another but
the schedule."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, assert_never, get_args

from encoder.base.result import (
    Check,
    Opinion,
    Proved,
    Question,
    Refuted,
    Report,
    Unknown,
    Unlimited,
    Vacuous,
    Witness,
    asked_of,
)
from encoder.ledger.files import UNREADABLE
from encoder.ledger.obligation import Obligation
from encoder.memory import MODELS

Found = Literal["complete", "bounded", "open loops", "refuted", "vacuous", "unknown"]
PROVED: tuple[Found, ...] = ("complete", "bounded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found beside the verdict, see `result.Checks`: of `deadlock` and `held` what the schedule shows, ""
    where there is none; what is `undecided`, and why; the steps that are never reached."""

    deadlock: str
    held: str
    undecided: str
    unreached: tuple[str, ...]
    elsewhere: bool


NOTHING: dict[str, Any] = {"deadlock": "", "held": "", "undecided": "", "elsewhere": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`steps` is the length of the schedule that breaks the property, or of the longest that was looked at, `depth` the
    limit on it that was asked for.

    `detail` names the loops that are open, or unbounded where it is complete, or says why nothing was decided.
    `witness` is there where it is refuted. `unlimited` and `opinions` are as in `Report`: None and () where nobody was
    asked. `checks` are there where they were asked, `untouched` is as in `Report`.
    """

    obligation: str
    found: Found
    steps: int | None
    depth: int | None = None
    detail: str = ""
    witness: Witness | None = None
    unlimited: Unlimited | None = None
    opinions: tuple[Opinion, ...] = ()
    checks: Checked | None = None
    untouched: bool = False


def as_object(record: Record) -> dict[str, Any]:
    """The record in plain JSON values, without what there is nothing to say of."""
    told = {each.name: getattr(record, each.name) for each in fields(record)}
    if record.witness is not None:
        told["witness"] = _witness_values(record.witness)
    if record.unlimited is not None:
        told["unlimited"] = asdict(record.unlimited)
    if record.checks is not None:
        told["checks"] = {key: value for key, value in asdict(record.checks).items() if value}
    told["opinions"] = [{key: value for key, value in asdict(each).items() if value} for each in record.opinions]
    return {
        key: value for key, value in told.items() if value is not None and value is not False and value not in ("", [])
    }


def record_from(found: Any) -> Record | None:
    """The record in JSON values, None if it is none that could have been written."""
    try:
        told = {"steps": None, **found}
        witness, unlimited, checks = (told.pop(key, None) for key in ("witness", "unlimited", "checks"))
        opinions = tuple(Opinion(**{"detail": ""} | opinion) for opinion in told.pop("opinions", ()))
        record = Record(
            **told,
            opinions=opinions,
            witness=None if witness is None else _witness_from(witness),
            unlimited=None if unlimited is None else Unlimited(**unlimited),
            checks=None if checks is None else _checks_from(checks),
        )
        return record if _possible(record) else None
    except UNREADABLE:
        return None


def _witness_values(witness: Witness) -> dict[str, Any]:
    from encoder.render.contract import plain
    from encoder.render.json import witness_object

    return plain(witness_object(witness))


def _witness_from(found: Any) -> Witness:
    """Raises Misshapen, which is one of `UNREADABLE`."""
    from encoder.render.contract import read
    from encoder.render.json import witness_of
    from encoder.render.report_object import WitnessObject

    return witness_of(read(found, WitnessObject))


def _checks_from(found: dict[str, Any]) -> Checked:
    return Checked(**NOTHING | found | {"unreached": tuple(found.get("unreached", ()))})


def _possible(record: Record) -> bool:
    """Whether a record is one that could have been written: nothing is believed of others."""
    counted = record.steps is None or type(record.steps) is int
    shown = record.witness is not None and len(record.witness.schedule) == record.steps
    return counted and record.found in get_args(Found) and (shown if record.found == "refuted" else not record.witness)


def record_of(obligation: Obligation, report: Report) -> Record:
    """What a report says, in the ledger's words."""
    found, steps, detail = _found(report)
    return Record(
        obligation=obligation.id,
        found=found,
        steps=steps,
        depth=obligation.depth,
        detail=detail,
        witness=report.verdict.witness if isinstance(report.verdict, Refuted) else None,
        unlimited=report.unlimited,
        opinions=report.opinions,
        checks=_checked(report),
        untouched=report.untouched,
    )


def _checked(report: Report) -> Checked | None:
    if not report.question.checks:
        return None
    if report.checks is None:
        return Checked(deadlock="", held="", undecided="time ran out", unreached=(), elsewhere=False)
    deadlock, held, steps = report.checks.deadlock, report.checks.held, report.checks.unreached
    late = {"deadlock": deadlock.reason, "held": held.reason, "reached": steps.reason}
    return Checked(
        deadlock=_shown(deadlock), held=_shown(held),
        undecided="; ".join(f"{name}: {reason}" for name, reason in late.items() if reason),
        unreached=steps.steps, elsewhere=steps.elsewhere,
    )  # fmt: skip


def _shown(check: Check) -> str:
    """`38 steps: cpu0 waits at lock: spin_lock(&table->ptl)`."""
    return "" if check.witness is None else f"{len(check.witness.schedule)} steps: {check.witness.violated}"


def undecided(obligation: Obligation, reason: str, reached: str = "") -> Record:
    """The record of an obligation whose worker gave no report; `reached` is how far it got."""
    return Record(
        obligation=obligation.id, found="unknown", steps=None, depth=obligation.depth, detail=_because(reason, reached)
    )


def _found(report: Report) -> tuple[Found, int | None, str]:
    verdict = report.verdict
    match verdict:
        case Proved(complete=True):
            return "complete", verdict.steps, ", ".join(sorted(verdict.idle_loops + verdict.searched_loops))
        case Proved() if verdict.open_loops or report.question.depth is None:
            return "open loops", verdict.steps, ", ".join(verdict.open_loops)
        case Proved():
            return "bounded", verdict.steps, ""
        case Refuted():
            return "refuted", len(verdict.witness.schedule), ""
        case Vacuous() if verdict.complete or report.question.depth is not None:
            return "vacuous", verdict.steps, ""
        case Vacuous():
            return "open loops", verdict.steps, "the situation was not reached"
        case Unknown():
            return "unknown", None, _because(verdict.reason, verdict.reached)
        case never:
            assert_never(never)


def answers(record: Record, question: Question) -> bool:
    """Whether the record answers a question of its own digest: the verdict, and what else is asked."""
    said = {opinion.by for opinion in record.opinions}
    explorable = MODELS[question.model].explorable is not None
    more = set(asked_of(question, explorable=explorable, refuted=record.found == "refuted")) <= said and (
        record.unlimited is not None or not question.unlimited or record.found != "complete"
    )
    checked = not question.checks or (record.checks is not None and not record.checks.undecided)
    return record.found != "unknown" and more and checked


def asked_more(record: Record, other: Record | None) -> Record:
    """The record, with what was said of the same verdict when more, or others, were asked. Who agrees does not take it
    back for having had too little time."""
    if other is None or record.found != other.found:
        return record
    said = {each.by: each for each in other.opinions}
    said |= {each.by: each for each in record.opinions if each.word == "agrees" or each.by not in said}
    late = other.checks is not None and record.checks is not None and record.checks.undecided
    return replace(
        record, unlimited=record.unlimited or other.unlimited, opinions=tuple(said.values()),
        checks=other.checks if record.checks is None or late else record.checks,
    )  # fmt: skip


def _because(reason: str, reached: str) -> str:
    return f"{reason}; {reached}" if reached else reason


def standing(obligation: Obligation, record: Record) -> Literal["expected", "unexpected", "undecided"]:
    """How what was found, beside the verdict too, compares with what the ledger claims."""
    if record.found != obligation.expect:
        return "undecided" if record.found in ("unknown", "open loops") else "unexpected"
    if record.checks is None:
        return "expected"
    if surprises(obligation, record.checks):
        return "unexpected"
    return "undecided" if record.checks.undecided else "expected"


def surprises(obligation: Obligation, checks: Checked) -> tuple[str, ...]:
    """What was found and is not granted, and what is granted and was not found, in words."""
    granted = {each.found for each in obligation.granted}
    told = []
    for kind, shown in (("deadlock", checks.deadlock), ("held", checks.held)):
        if shown and kind not in granted:
            told.append(f"{kind}, {shown} (not claimed)")
        if not shown and kind in granted and not checks.undecided:
            told.append(f"no {kind} (claimed)" if kind == "deadlock" else "nothing held (claimed)")
    return tuple(told)


def beside(obligation: Obligation, record: Record) -> tuple[str, ...]:
    """What there is to say beside the verdict, a few words each."""
    checks, told = record.checks, []
    if record.untouched:
        told.append("about state that no thread changes")
    if checks is not None:
        told += surprises(obligation, checks)
        granted = {each.found for each in obligation.granted}
        found = (("deadlock", checks.deadlock), ("held", checks.held))
        told += [f"{kind}, {shown}" for kind, shown in found if shown and kind in granted]
        told += [f"not decided: {checks.undecided}"] if checks.undecided else []
        told += [f"never reached: {', '.join(checks.unreached)}"] if checks.unreached else []
        told += ["no edit changes code that this scenario runs"] if checks.elsewhere else []
    return tuple(told)


def found_words(record: Record) -> str:
    """`refuted, 23 steps`, `complete, at most 41 steps`, `unknown: no answer in 60 s`."""
    match record.found:
        case "complete" if record.detail:
            return f"complete (unbounded retries of {record.detail})"
        case "complete" | "vacuous":
            return f"{record.found}, at most {record.steps} steps"
        case "bounded" | "refuted":
            return f"{record.found}, {record.steps} steps"
        case "open loops" | "unknown":
            return record.found + (f": {record.detail}" if record.detail else "")
        case never:
            assert_never(never)


def expected_words(obligation: Obligation) -> str:
    """`refuted`, or `bounded, 40 steps`."""
    return f"bounded, {obligation.depth} steps" if obligation.expect == "bounded" else obligation.expect
