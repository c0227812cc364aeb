"""One question under several memory models, strongest first: what is said of all of them together."""

from collections.abc import Iterable, Sequence
from typing import assert_never

from encoder.base.result import Proved, Refuted, Report, Unknown, Vacuous, Verdict
from encoder.render.verdict import in_steps, sentence

ARM64 = "arm64: not decided: its model is not in this tool; LKMM is weaker than arm64, so the machine may forbid it"


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
    """What machines do, as far as decided. x86 keeps TSO and batches reclaim's flushes: it is said wherever TSO has
    been asked. arm64 is spoken of where LKMM refutes the property and TSO does not."""
    found = {each.question.model: each for each in reports}
    if "tso" not in found:
        return ()
    x86 = f"x86 (TSO, batched flush): {_x86(found['tso'])}"
    refuted = {model for model, report in found.items() if isinstance(report.verdict, Refuted)}
    return (x86, ARM64) if "lkmm" in refuted and "tso" not in refuted else (x86,)


def _x86(tso: Report) -> str:
    """What the verdict under TSO says of x86, whose flushes are deferred."""
    if tso.question.flush == "deferred":
        return _word(tso.verdict)
    if tso.as_deferred:
        return f"{_word(tso.verdict)} (nothing here batches a flush)"
    return "not asked (--flush deferred)"


def _word(verdict: Verdict) -> str:
    match verdict:
        case Proved(complete=True):
            return "PROVED"
        case Proved():
            return "PROVED (bounded)"
        case Refuted(witness=witness):
            return f"REFUTED, {in_steps(len(witness.schedule))}"
        case Vacuous():
            return "VACUOUS"
        case Unknown():
            return "UNKNOWN"
        case never:
            assert_never(never)
