"""The part of proofs/README.md about mutants: scores, and those that nothing notices."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from encoder.ledger.mutants import MutantRecord
from encoder.ledger.survivors import Explanation
from encoder.memory import MODELS

INTRODUCTION = """\
## Mutants

Would the proofs have noticed? Each has been asked again of mutants: the code that it is about with one step, test,
lock, barrier or amount wrong. n/m: of m mutants that could make a difference n are noticed, which is that a schedule
breaks the property or that there is no proof. **suspect**: no mutant breaks the property. `pinproof mutate` lists
them; `pinproof verify --mutants` decides the scores anew.
"""
Key = tuple[str, str, str, str]


def mutants(records: Sequence[MutantRecord], explanations: Sequence[Explanation]) -> str:
    """The part as Markdown; "" where there are no records."""
    if not records:
        return ""
    return "\n".join([INTRODUCTION, _scores(records), "### Survivors\n", _survivors(records, explanations)])


def _scores(records: Iterable[MutantRecord]) -> str:
    cells: dict[Key, dict[str, str]] = {}
    for record in records:
        wanted = record.wanted
        for name, each in record.scores:
            key = (wanted.scenario, wanted.variant, name, wanted.flush)
            open_ = f", {each.of('undecided')} undecided" if each.of("undecided") else ""
            mark = " **suspect**" if each.suspect else ""
            cells.setdefault(key, {})[wanted.model] = f"{each.noticed}/{each.total}{open_}{mark}"
    lines = ["|scenario|variant|property|flush|" + "".join(f"{model.upper()}|" for model in MODELS)]
    lines.append("|---" * (4 + len(MODELS)) + "|")
    for (scenario, variant, name, flush), found in sorted(cells.items()):
        shown = "".join(f"{found.get(model, '·')}|" for model in MODELS)
        lines.append(f"|{scenario}|`{variant}`|{name}|{flush}|{shown}")
    return "\n".join(lines) + "\n"


def _survivors(records: Iterable[MutantRecord], explanations: Sequence[Explanation]) -> str:
    """By explanation, the mutants with the number of programs and models in which nothing notices them."""
    found: dict[int, Counter[str]] = {}
    for record in records:
        for mutant in record.survived:
            fitting = (number for number, each in enumerate(explanations) if each.fits(record, mutant))
            found.setdefault(next(fitting, -1), Counter())[mutant] += 1
    lines = []
    for number, each in enumerate(explanations):
        if number in found:
            lines.append(f"- {'**Gap.** ' if each.gap else ''}{each.why} {_listed(found[number])}")
    if -1 in found:
        lines.append(f"- Not explained: {_listed(found[-1])}")
    return "\n".join(lines) + "\n"


def _listed(counts: Mapping[str, int]) -> str:
    return "; ".join(f"`{mutant}` ({count})" for mutant, count in sorted(counts.items()))
