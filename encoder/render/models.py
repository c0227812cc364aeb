"""One question under several memory models, strongest first: what is said of all of them together."""

from collections.abc import Iterable, Sequence
from typing import assert_never

from encoder.render.verdict import sentence
from encoder.result import Proved, Refuted, Report, Unknown, Vacuous


def evidence(reports: Sequence[Report]) -> Report:
    """The report of the strongest model that refutes the property, of the strongest model if none does."""
    return next((each for each in reports if isinstance(each.verdict, Refuted)), reports[0])


def verdicts(reports: Sequence[Report]) -> tuple[str, ...]:
    """A line a model, words and models aligned; the first names the property."""
    told = [sentence(each, each.question.property if each is reports[0] else "it") for each in reports]
    word = max(len(each.word) for each in told)
    model = max(len(each.model) for each in told) + 1
    return tuple(f"{t.word:<{word}} under {t.model + ',':<{model}} {t.platform}: {t.claim}" for t in told)


def by_models(told: Iterable[tuple[Report, Sequence[str]]]) -> tuple[str, ...]:
    """Each text once, in the order in which it first comes; before it the models for which it is said, unless it is
    said for all."""
    speakers: dict[str, list[str]] = {}
    models = []
    for report, texts in told:
        models.append(report.question.model.upper())
        for text in texts:
            speakers.setdefault(text, []).append(report.question.model.upper())
    return tuple(
        text if said_for == models else f"under {' and '.join(said_for)} {text}" for text, said_for in speakers.items()
    )


def machines(reports: Sequence[Report]) -> tuple[str, ...]:
    """What x86 and arm64 do, as far as decided, where LKMM refutes the property and TSO has been asked and does not."""
    found = {each.question.model: each.verdict for each in reports}
    tso = found.get("tso")
    if tso is None or isinstance(tso, Refuted) or not isinstance(found.get("lkmm"), Refuted):
        return ()
    return (
        f"x86: {_x86(tso)}",
        "arm64: not decided: its model is not in this tool; LKMM is weaker than arm64, so the machine may forbid it",
    )


def _x86(tso: Proved | Vacuous | Unknown) -> str:
    """What a verdict under TSO says of x86."""
    match tso:
        case Proved(complete=True):
            return "no (PROVED under TSO)"
        case Proved():
            return "no such schedule within the bound (PROVED under TSO, bounded)"
        case Vacuous():
            return "no (VACUOUS under TSO)"
        case Unknown():
            return "not decided (UNKNOWN under TSO)"
        case never:
            assert_never(never)
