"""One question on several platforms, strongest first: what is said of all of them together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from encoder.base.result import Proved, Question, Refuted, Report, VerdictWord, word
from encoder.render.verdict import sentence

EXPERIMENT = "an experiment: this memory model and kind of flush describe no machine (--platform names one)"
BROKEN = "broken on machines that people run: {machines}"
ELSEWHERE = (
    "broken on none of these machines: {machines}; only a compiler or machine can break it that does what {platforms} "
    "allows and these do not"
)
SAFE = "safe on these machines: {machines}"
EVERYWHERE = "{safe}, and on all others that keep the kernel's memory model, with the weakest flush known"


def evidence(reports: Sequence[Report]) -> Report:
    """The report of the strongest platform that refutes the property, of the strongest platform if none does."""
    return next((each for each in reports if isinstance(each.verdict, Refuted)), reports[0])


def verdicts(reports: Sequence[Report]) -> tuple[str, ...]:
    """A line a platform, the words aligned."""
    told = [sentence(each) for each in reports]
    width = max(len(each.word) for each in told)
    return tuple(f"{each.word:<{width}} {each.where}: {each.claim}" for each in told)


def by_platforms(told: Iterable[tuple[Report, Sequence[str]]]) -> tuple[str, ...]:
    """Each text once, in the order in which it first comes; before it the platforms for which it is said, unless it is
    said for all."""
    speakers: dict[str, list[str]] = {}
    places = []
    for report, texts in told:
        places.append(place(report.question))
        for text in texts:
            speakers.setdefault(text, []).append(places[-1])
        preposition = "on" if report.question.platform else "under"
    return tuple(
        text if said_for == places else f"{preposition} {listed(said_for)} {text}"
        for text, said_for in speakers.items()
    )


def to_longest(reports: Iterable[Report]) -> tuple[Report, ...]:
    """The reports as if all complete proofs looked at as many steps as the one with the longest schedule. What differs
    between platforms is a step of a flush or two, and no schedule is longer on any."""
    every = tuple(reports)
    most = max((each.verdict.steps for each in every if isinstance(each.verdict, Proved)), default=0)
    return tuple(
        replace(each, verdict=replace(each.verdict, steps=most))
        if isinstance(each.verdict, Proved) and each.verdict.complete
        else each
        for each in every
    )


def place(question: Question) -> str:
    """The platform, or the memory model of what is asked of no machine."""
    return question.platform or question.model.upper()


def listed(words: Sequence[str]) -> str:
    """`sc, x86 and arm64`."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def meaning(reports: Sequence[Report], machines: Mapping[str, str]) -> tuple[str, ...]:
    """What several verdicts mean for the machines that people run, a sentence; `machines` has by platform the machine
    that it is. Of chosen models and flushes it is that they mean nothing for them."""
    if any(not each.question.platform for each in reports):
        return (EXPERIMENT,)
    if len(reports) < 2:
        return ()
    broken, safe, undecided = (_machines(reports, machines, word) for word in ("refuted", "proved", "unknown"))
    elsewhere = [place(each.question) for each in reports if isinstance(each.verdict, Refuted)]
    if broken:
        said = BROKEN.format(machines=listed(broken))
    elif not safe:
        return ()
    elif elsewhere:
        said = ELSEWHERE.format(machines=listed(safe), platforms=listed(elsewhere))
    else:
        said = SAFE.format(machines=listed(safe))
        if all(_decided(each) == "proved" for each in reports):
            said = EVERYWHERE.format(safe=said)
    return (f"{said}; not decided: {listed(undecided)}" if undecided else said,)


def _machines(reports: Sequence[Report], machines: Mapping[str, str], decided: str) -> list[str]:
    """The machines of which this is decided."""
    return [
        machines[each.question.platform]
        for each in reports
        if each.question.platform in machines and _decided(each) == decided
    ]


def _decided(report: Report) -> VerdictWord:
    """The verdict in one word; a proof that is not complete decides nothing of what a machine does."""
    if isinstance(report.verdict, Proved) and not report.verdict.complete:
        return "unknown"
    return word(report.verdict)
