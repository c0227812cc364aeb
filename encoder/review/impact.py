"""What of the model a patch touches: steps, variants, claims."""

from collections import Counter
from dataclasses import dataclass

from encoder.base.catalog import listing, shipped
from encoder.ledger.obligation import load_obligations
from encoder.program.kernels import threads_for_kernel
from encoder.review.asking import reached_procedures
from encoder.review.review import Review
from encoder.spec.model import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """`variants` change the same procedures; `claims` are (scenario, variant, how many) about what runs them, of the
    base and of those variants that rest on it."""

    variants: tuple[str, ...]
    claims: tuple[tuple[str, str, int], ...]


def touched_steps(review: Review) -> tuple[tuple[str, str], ...]:
    """The steps, (procedure, label), at which something changes, understood or not."""
    unclear = [(each.procedure, label) for each in review.reading.unclear for label in each.labels]
    return tuple(dict.fromkeys((*review.reading.touched, *unclear)))


def impact(library: Library, review: Review) -> Impact:
    """What rests on the procedures that the patch touches."""
    base = review.reading.base
    procedures = {procedure for procedure, _ in touched_steps(review)}
    procedures |= {each.procedure for each in review.reading.unclear}
    resting = {base.name} | {each.name for each in library.variants if base.name in _bases(library, each.name)}
    variants = tuple(
        each.name
        for each in library.variants
        if each.name in resting and any(edit.procedure in procedures for edit in each.edits)
    )
    running = {
        each.name
        for each in library.scenarios
        if threads_for_kernel(each, base.kernel.kernel) and reached_procedures(each, base.kernel) & procedures
    }
    entries = listing(shipped("proofs/obligations"), "proofs/obligations")
    claimed = load_obligations(tuple(each for each in entries if each.stem in running))
    counted = Counter((each.scenario, each.variant) for each in claimed if each.variant in resting)
    return Impact(variants=variants, claims=tuple((s, v, n) for (s, v), n in sorted(counted.items())))


def _bases(library: Library, name: str) -> set[str]:
    known = {each.name: each.base for each in library.variants}
    found: set[str] = set()
    base = known.get(name)
    while base is not None and base not in found:
        found.add(base)
        base = known.get(base)
    return found
