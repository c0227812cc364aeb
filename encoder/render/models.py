"""One question under several memory models, strongest first: what is said of all of them together."""

from collections.abc import Iterable, Sequence
from typing import assert_never

from encoder.base.result import Proved, Refuted, Report, Unknown, Vacuous, Verdict
from encoder.memory import MODELS
from encoder.render.verdict import in_steps, sentence

ABOVE = (
    "{machine}: not asked (use --model {machine}); {model} allows more than {machine} does, so {machine} may forbid "
    "this schedule"
)


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
    """What machines do, as far as decided: of each whose model has been asked what it says, with reclaim's flushes
    batched. Where the property stands on all of these, what may be thought of the machines that a refutation is
    about."""
    asked = [(MODELS[each.question.model], each) for each in reports]
    known = [(model, each) for model, each in asked if model.machine]
    said = [f"{model.machine} ({model.title}, batched flush): {_batched(each)}" for model, each in known]
    if known and not any(isinstance(each.verdict, Refuted) for _, each in known):
        refuted = [model for model, each in asked if isinstance(each.verdict, Refuted)]
        said += [
            ABOVE.format(machine=machine, model=model.title) for model in refuted for machine in model.stronger_machines
        ]
    return tuple(said)


def _batched(report: Report) -> str:
    """What a verdict says of a machine whose flushes are deferred."""
    if report.question.flush == "deferred":
        return _word(report.verdict)
    if report.as_deferred:
        return f"{_word(report.verdict)} (nothing here batches a flush)"
    return "not asked (use --flush deferred)"


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
