"""What becomes of questions about the bases of their variants, so that it is seen what a patch changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from encoder.base.result import BaseVerdict, Question, Report, VerdictWord, word
from encoder.ledger.recall import Recall
from encoder.spec.load import base_of

Ask = Callable[[Sequence[Question]], Mapping[Question, Report]]
"""Answers questions."""


def beside_bases(reports: Sequence[Report], ask: Ask) -> list[Report]:
    """The reports, each with the verdict of its variant's base, if it has one: as it is known, or else as it is found
    when it is asked, and kept then. Raises InputError and SelfCheckError as `ask` does."""
    recall = Recall()
    bases = {variant: base_of(variant) for variant in {report.question.variant for report in reports}}
    asked = {
        report.question: _about(variant, report.question)
        for report in reports
        if (variant := bases[report.question.variant]) is not None
    }
    known = recall.verdicts(list(asked.values()))
    for base, found in ask([base for base in asked.values() if base not in known]).items():
        recall.keep(base, found)
        known[base] = word(found.verdict)
    return [_beside(each, asked.get(each.question), known) for each in reports]


def _about(base: str, question: Question) -> Question:
    """The verdict alone is asked of the base."""
    return replace(question, variant=base, checks=False, unlimited=False, opinions=())


def _beside(report: Report, base: Question | None, known: Mapping[Question, VerdictWord]) -> Report:
    return report if base is None else replace(report, base=BaseVerdict(base.variant, known[base]))
