"""A review for people: the answer first, then what it rests on."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from encoder.base.source import render_problem
from encoder.ledger.record import found_words
from encoder.program.variant import apply_variant
from encoder.render.layout import WIDTH, wrap
from encoder.render.platforms import listed
from encoder.render.show import diff
from encoder.render.text import witness_lines
from encoder.review.asking import Compared
from encoder.review.draft import Unclear
from encoder.review.impact import Impact, touched_steps
from encoder.review.review import Outcome, Review
from encoder.spec.model import Library

HEADS = {
    "outside the model": "OUTSIDE THE MODEL: nothing that the patch changes is a step; this says nothing about it",
    "beside the steps": "BESIDE THE STEPS: modelled functions change, no modelled statement does",
    "a variant": "A VARIANT: all that changes in modelled functions is understood",
    "needs you": "NEEDS YOU: some changed lines are not understood",
}
DRAWN = 3
"""Schedules that are drawn, each of another property or scenario."""
WORDS = {"worse": "WORSE", "better": "better", "undecided": "undecided", "same": "as before"}


def head(library: Library, review: Review, written_to: str | None) -> str:
    """What the patch is, which is known before anything is asked."""
    reading = review.reading
    lines = [*_wrapped(HEADS[review.answer])]
    lines += _wrapped(f"read as a patch to {reading.base.name}: {review.where}")
    for function in reading.functions:
        of = [*function.procedures, *(f"primitive {name}" for name in function.primitives)]
        lines += _wrapped(f"changes {function.place}: {', '.join(of)}", "  ")
    if reading.passed:
        lines += [*_wrapped("changed there, and no step:", "  "), *_cut([f"    {line}" for line in reading.passed])]
    if reading.others:
        lines += _wrapped(f"changes what is not modelled: {_some(reading.others)}", "  ")
    if review.nearest:
        lines += [*_wrapped("the nearest steps:"), *_rows(review.nearest.items())]
    for each in reading.unclear:
        lines += ["", *_unclear(each)]
    lines += [line for each in review.problems for line in ("", render_problem(each))]
    if review.draft:
        lines += ["", *_draft(library, review, written_to)]
    return "\n".join(lines) + "\n"


def _draft(library: Library, review: Review, written_to: str | None) -> Iterator[str]:
    """The draft as a diff of the steps, and as YAML where it is written nowhere else."""
    if review.variant is not None:
        yield from _diffs(library, review)
    if written_to is not None:
        yield f"{'the draft is' if review.variant else 'what is understood is'} in {written_to}"
    else:
        yield f"{'the draft' if review.variant else 'a skeleton'} (--output FILE writes it):"
        yield from ("    " + line for line in review.draft.rstrip("\n").split("\n"))


def _diffs(library: Library, review: Review) -> Iterator[str]:
    from dataclasses import replace

    assert review.variant is not None and review.variant.base is not None
    both = replace(library, variants=(*library.variants, review.variant))
    before = {each.name: each for each in review.reading.base.kernel}
    for each in apply_variant(both, review.variant.name):
        yield from diff(before[each.name], each, base=review.variant.base, variant=review.name).splitlines()


def _unclear(each: Unclear) -> Iterator[str]:
    yield from _wrapped(f"{each.place}, line {each.line}: {each.why}")
    yield from (f"    - {line}" for line in each.was)
    yield from (f"    + {line}" for line in each.now)
    if each.labels:
        yield from _wrapped(f"steps there: {', '.join(f'{each.procedure}/{label}' for label in each.labels)}", "    ")


def scenario_verdicts(found: Sequence[Compared]) -> str:
    """What becomes of the properties of one scenario."""
    return "\n".join(["", f"{found[0].scenario}:", *_scenario(found)]) + "\n"


def conclusion(outcome: Outcome) -> str:
    """What gets worse, drawn; what time did not suffice for; and how many there are of each outcome."""
    lines: list[str] = []
    drawn: dict[tuple[str, str], None] = {}
    for each in outcome.of("worse"):
        fresh = (each.scenario, each.property) not in drawn
        if each.found.witness is not None and fresh and len(drawn) < DRAWN:
            drawn[each.scenario, each.property] = None
            lines += ["", *_wrapped(f"{each.scenario}, {each.property} on {each.platform}, with the patch:"), ""]
            lines += witness_lines(each.found.witness, each.model)
    if any(each.beside for each in outcome.of("worse")):
        lines += ["", *_wrapped("`pinproof prove` draws a deadlock, once the draft is in specs/variants")]
    if outcome.late:
        lines += ["", *_wrapped(f"time ran out; not asked to the end: {', '.join(outcome.late)}")]
    lines += ["", *_wrapped(summary(outcome))]
    return "\n".join(lines) + "\n"


def summary(outcome: Outcome) -> str:
    """`2 worse, 3 better, 41 as before, 1 undecided`."""
    counts = [f"{len(found)} {word.lower()}" for kind, word in WORDS.items() if (found := outcome.of(kind))]
    return ", ".join(counts) if counts else "nothing was asked"


def _scenario(found: Sequence[Compared]) -> Iterator[str]:
    """What differs, one line a property and outcome; the rest is counted."""
    for kind in ("worse", "better", "undecided"):
        chosen = [each for each in found if each.outcome == kind]
        for (asked, before, after), group in _grouped(chosen).items():
            places = listed([each.platform for each in group])
            yield from _wrapped(f"{WORDS[kind]:<10}{asked} on {places}: was {before}, is {after}", "  ")
    same = [each for each in found if each.outcome == "same"]
    unreached = sorted({step for each in found if each.found.checks for step in each.found.checks.unreached})
    if same:
        yield f"  {'as before':<10}{len(same)} of {len(found)}"
    if unreached:
        yield from _wrapped(f"{'note':<10}no schedule reaches {', '.join(unreached)}", "  ")


def _grouped(found: Sequence[Compared]) -> dict[tuple[str, str, str], list[Compared]]:
    groups: dict[tuple[str, str, str], list[Compared]] = {}
    for each in found:
        after = "; ".join((found_words(each.found), *each.beside))
        groups.setdefault((each.property, each.base, after), []).append(each)
    return groups


def impact_text(review: Review, impact: Impact) -> str:
    """What the patch touches."""
    lines: list[str] = []
    if steps := touched_steps(review):
        lines += ["steps:", *(f"  {procedure}/{label}" for procedure, label in steps)]
    if impact.variants:
        lines += ["variants that change the same procedures:", *(f"  {name}" for name in impact.variants)]
    if impact.claims:
        total = sum(number for _, _, number in impact.claims)
        lines += [f"{total} claims about scenarios that run them:"]
        for scenario, found in groupby(impact.claims, key=lambda each: each[0]):
            lines += _wrapped(f"{scenario}: {', '.join(f'{variant} {number}' for _, variant, number in found)}", "  ")
    return "\n".join(lines) + "\n" if lines else ""


def _rows(pairs: object) -> Iterator[str]:
    for name, text in pairs:  # type: ignore[attr-defined]
        yield from _wrapped(f"{name}: {text}", "  ")


def _some(words: Sequence[str], most: int = 6) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def _cut(lines: Sequence[str], most: int = 12) -> Iterator[str]:
    yield from lines[:most]
    if len(lines) > most:
        yield f"    and {len(lines) - most} lines more"


def _wrapped(text: str, indent: str = "") -> tuple[str, ...]:
    return wrap(text, WIDTH, first=indent, rest=indent + "  ")
