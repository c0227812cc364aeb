"""The part of proofs/README.md about mutants: scores, and those that nothing notices."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from encoder.ledger.mutants import MutantRecord, Wanted
from encoder.ledger.place import rank
from encoder.ledger.scores import Scored
from encoder.ledger.survivors import SurvivorReason
from encoder.mutation.outcome import Score

INTRODUCTION = """\
## Mutants

Would the proofs have noticed? Each has been asked again of mutants: the code that it is about with one step, test,
lock, barrier or amount wrong. n/m: of m mutants that could make a difference n are noticed: a schedule breaks the
property, or there is no proof. **suspect**: no mutant breaks the property. A proof with
unbounded retries is scored for schedules that are no longer than those without a further round. °: when it was last
scored the specs said something else of the scenario or variant. `pinproof mutate` lists mutants; `pinproof verify
--mutants` decides the scores anew, with `--promote` it writes them here.
"""
Specs = Callable[[str, str], str]
Key = tuple[str, str, str, str]
"""Scenario, variant, property, platform."""


def mutants(
    scored: Sequence[Scored], explanations: Sequence[SurvivorReason], wanted: Iterable[Wanted], specs: Specs
) -> str:
    """The part as Markdown; "" where there are no scores. `wanted` is what the ledger says is proved, `specs` gives the
    fingerprint of the specs of a scenario and variant as they are."""
    if not scored:
        return ""
    records = [each.record for each in scored]
    parts = [INTRODUCTION, _by_property(records), _scores(scored, wanted, specs), "### Survivors\n"]
    return "\n".join([*parts, _survivors(records, explanations)])


def _by_property(records: Iterable[MutantRecord]) -> str:
    """Sums over the ledger."""
    found: dict[tuple[str, str], list[Score]] = {}
    for record in records:
        for name, each in record.scores:
            found.setdefault((name, record.wanted.place), []).append(each)
    lines = ["|property|platform|proofs|mutants|noticed|of them killed|proofs that are suspect|", "|---" * 7 + "|"]
    for (name, place), scores in sorted(found.items(), key=lambda each: (each[0][0], rank(each[0][1]))):
        total, noticed, killed = (
            sum(each.total for each in scores), sum(each.noticed for each in scores),
            sum(each.of("killed") for each in scores),
        )  # fmt: skip
        suspect = sum(each.suspect for each in scores)
        lines.append(f"|{name}|{place}|{len(scores)}|{total}|{noticed}|{killed}|{suspect}|")
    return "\n".join(lines) + "\n"


def _scores(scored: Sequence[Scored], wanted: Iterable[Wanted], specs: Specs) -> str:
    records = [each.record for each in scored]
    scores = {_key(record.wanted, name): each for record in records for name, each in record.scores}
    earlier = {
        _key(each.record.wanted, name)
        for each in scored
        for name in each.record.wanted.properties
        if each.specs != specs(each.record.wanted.scenario, each.record.wanted.variant)
    }
    claimed = {_key(each, name) for each in wanted for name in each.properties}
    places = sorted({key[-1] for key in scores}, key=rank)
    lines = ["|scenario|variant|property|" + "".join(f"{place}|" for place in places)]
    lines.append("|---" * (3 + len(places)) + "|")
    for entry in sorted({key[:3] for key in scores}):
        cells = [
            _cell(scores[*entry, place]) + "°" * ((*entry, place) in earlier) if (*entry, place) in scores
            else "not scored" if (*entry, place) in claimed
            else "·"
            for place in places
        ]  # fmt: skip
        scenario, variant, name = entry
        lines.append(f"|{scenario}|`{variant}`|{name}|" + "".join(f"{cell}|" for cell in cells))
    return "\n".join(lines) + "\n"


def _key(wanted: Wanted, name: str) -> Key:
    return wanted.scenario, wanted.variant, name, wanted.place


def _cell(score: Score) -> str:
    undecided = f", {score.of('undecided')} undecided" if score.of("undecided") else ""
    return f"{score.noticed}/{score.total}{undecided}{' **suspect**' if score.suspect else ''}"


def _survivors(records: Iterable[MutantRecord], explanations: Sequence[SurvivorReason]) -> str:
    """By explanation, the mutants with the number of programs and platforms in which nothing notices them."""
    found: dict[int, Counter[str]] = {}
    for record in records:
        for mutant in record.survived:
            fitting = (number for number, each in enumerate(explanations) if each.fits(record, mutant))
            found.setdefault(next(fitting, -1), Counter())[mutant] += 1
    lines = []
    for number, each in enumerate(explanations):
        if number in found:
            lines.append(f"- {'**Gap.** ' if each.gap else ''}{_where(each)}{each.why} {_listed(found[number])}")
    if -1 in found:
        lines.append(f"- Not explained: {_listed(found[-1])}")
    return "\n".join(lines) + "\n"


def _where(reason: SurvivorReason) -> str:
    """The scenarios and variants that a reason is about, "" where it is about all."""
    narrowed = [pattern for pattern in (*reason.scenarios, reason.variant) if pattern != "*"]
    return f"In {', '.join(f'`{pattern}`' for pattern in narrowed)}: " if narrowed else ""


def _listed(counts: Mapping[str, int]) -> str:
    return "; ".join(f"`{mutant}` ({count})" for mutant, count in sorted(counts.items()))
