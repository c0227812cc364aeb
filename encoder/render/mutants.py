"""What became of mutants, as text."""

from collections.abc import Iterator
from typing import Literal

from encoder.mutation.answer import MutationAnswer
from encoder.mutation.outcome import WORST, MutantResult, MutantWord, Score
from encoder.render.layout import wrap
from encoder.render.platforms import EXPERIMENT
from encoder.render.verdict import under

HoldsWord = Literal["refuted", "proved", "not proved", "undecided", "vacuous"]
WIDTH = 60
REST = " " * 12
NOTES = {
    "fails": "fails: there is no proof of it for another reason; counts as noticed",
    "vacuous": "vacuous: what the property speaks of is not reached; counts as noticed",
    "no program": "no program: the changed specs are not valid; not counted",
    "equivalent": "equivalent: no property can notice it; not counted",
}
HOLDS: dict[MutantWord, HoldsWord] = {
    "killed": "refuted",
    "survived": "proved",
    "fails": "not proved",
    "undecided": "undecided",
    "vacuous": "vacuous",
}


def text(answer: MutationAnswer) -> str:
    """One line a mutant, then the scores; what is not proved is said first, for nothing can be asked of it."""
    lines = [*wrap(f"{answer.scenario}, {answer.variant} {_where(answer)}", WIDTH, rest="  ")]
    if not answer.platform:
        lines += wrap(EXPERIMENT, WIDTH, rest="  ")
    for name, outcome in answer.original:
        if outcome.word != "survived":
            lines += wrap(f"{name}: {HOLDS[outcome.word]}, so its mutants are not tried", WIDTH, rest="  ")
    lines += ["", *(line for result in answer.results if _listed(result) for line in _mutant(result)), *_scores(answer)]
    return "\n".join(lines).rstrip() + "\n"


def _where(answer: MutationAnswer) -> str:
    return f"on {answer.platform}" if answer.platform else under(answer.options.model, answer.flush)


def _listed(result: MutantResult) -> bool:
    """Orders that the model does not look at are only counted."""
    return result.kind != "order" or result.overall.word != "equivalent"


def _mutant(result: MutantResult) -> tuple[str, ...]:
    outcome = result.overall
    parts = [f"{outcome.word:<11} {result.name}", outcome.detail]
    if outcome.word in ("killed", "fails", "vacuous") and len(result.outcomes) > 1:
        named = [name for name, each in result.outcomes if each.word == outcome.word]
        parts.append("all properties" if len(named) == len(result.outcomes) else ", ".join(named))
    return wrap("; ".join(filter(None, parts)), WIDTH, rest=REST)


def _scores(answer: MutationAnswer) -> Iterator[str]:
    if not answer.results:
        return
    yield ""
    yield from wrap(_summary(answer), WIDTH, rest="  ")
    for name, each in answer.scores:
        yield from wrap(f"  {name} {_ratio(each)}", WIDTH, rest="    ")
    for name, each in answer.scores:
        if each.suspect:
            yield from wrap(f"suspect: {name}: no mutant breaks it", WIDTH, rest="  ")
    words = {result.overall.word for result in answer.results}
    for word, note in NOTES.items():
        if word in words:
            yield from wrap(note, WIDTH, rest="  ")
    if silent := sum(not _listed(result) for result in answer.results):
        model = answer.options.model.upper()
        yield from wrap(
            f"{silent} of the equivalent mutants only drop orderings that {model} gives anyway", WIDTH, rest="  "
        )


def _summary(answer: MutationAnswer) -> str:
    overall = answer.overall
    counts = ", ".join(f"{overall.of(word)} {word}" for word in WORST if overall.of(word))
    return f"{len(answer.results)} mutants: {counts}; score {_ratio(overall)}"


def _ratio(found: Score) -> str:
    return f"{found.noticed}/{found.total}"
