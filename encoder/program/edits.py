"""Applies the edits of one variant, all anchored in the procedures as its base leaves them."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import chain

from encoder.program.frame import goto_labels
from encoder.program.problems import Problems
from encoder.spec.model import Edit, Procedure, Variant
from encoder.spec.syntax import Step
from encoder.spec.walk import all_steps, blocks, with_blocks

EditsByAnchor = Mapping[str, tuple[Edit, ...]]


def apply_edits(procedures: dict[str, Procedure], variant: Variant, problems: Problems) -> dict[str, Procedure]:
    """The procedures with the variant's edits. Edits with the same anchor are applied in the order of the variant.
    Mistakes are noted in `problems`."""
    result = dict(procedures)
    edits: defaultdict[str, list[Edit]] = defaultdict(list)
    for edit in variant.edits:
        if edit.procedure in procedures:
            edits[edit.procedure].append(edit)
        else:
            message = f"the kernel of `{variant.name}` has no procedure `{edit.procedure}`"
            written = _procedures_containing(edit.procedure, procedures)
            if written:
                names = " or ".join(f"`{name}`" for name in written)
                expected = f"{names}, whose `source` names {edit.procedure}()"
                problems.note("S202", message, edit.span, expected=expected)
            else:
                problems.note("S202", message, edit.span, word=edit.procedure, known=procedures)
    for name, wanted in edits.items():
        fitting = tuple(edit for edit in wanted if _has_one_anchor(edit, procedures[name], problems))
        _reject_overlaps(fitting, procedures[name], problems)
        if len(fitting) == len(wanted):
            result[name] = _edited_procedure(procedures[name], fitting, problems)
    return result


def _procedures_containing(function: str, procedures: Mapping[str, Procedure]) -> list[str]:
    """The procedures with a step whose source is this kernel function."""
    named = re.compile(rf"\b{re.escape(function)}\(\)")
    return [
        name
        for name, procedure in procedures.items()
        if any(named.search(source) for source in (procedure.source, *(s.source for s in all_steps(procedure.steps))))
    ]


def _has_one_anchor(edit: Edit, procedure: Procedure, problems: Problems) -> bool:
    """Whether exactly one step has the anchor's label."""
    found = [step for step in all_steps(procedure.steps) if step.label == edit.anchor]
    if not found:
        labels = [step.label for step in all_steps(procedure.steps)]
        message = f"`{procedure.name}` has no step `{edit.anchor}`"
        problems.note("S203", message, edit.anchor_span, word=edit.anchor, known=labels)
    elif len(found) > 1:
        related = tuple((f"`{edit.anchor}` is here", step.label_span) for step in found)
        message = f"`{procedure.name}` has {len(found)} steps `{edit.anchor}`"
        problems.note("S204", message, edit.anchor_span, related=related)
    return len(found) == 1


def _reject_overlaps(edits: tuple[Edit, ...], procedure: Procedure, problems: Problems) -> None:
    """Note edits anchored in a step, or removing one, that another edit removes."""
    for taking in edits:
        if taking.action not in ("replace", "delete"):
            continue
        step = next(step for step in all_steps(procedure.steps) if step.label == taking.anchor)
        below = {inner.label for inner in all_steps((step,))} - {step.label}
        for other in edits:
            again = other is not taking and other.anchor == taking.anchor and other.action in ("replace", "delete")
            if other.anchor in below or (again and other.anchor_span > taking.anchor_span):
                related = (("removed here", taking.anchor_span),)
                message = f"`{other.anchor}` is removed by another edit of this variant"
                problems.note("S206", message, other.anchor_span, related=related)


def _edited_procedure(procedure: Procedure, edits: tuple[Edit, ...], problems: Problems) -> Procedure:
    anchored: defaultdict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        anchored[edit.anchor].append(edit)
    steps = _edited_steps(procedure.steps, {label: tuple(found) for label, found in anchored.items()})
    _reject_duplicate_labels(procedure, steps, problems)
    _reject_lost_targets(procedure, steps, edits, problems)
    return replace(procedure, steps=steps)


def _edited_steps(steps: tuple[Step, ...], anchored: EditsByAnchor) -> tuple[Step, ...]:
    return tuple(chain.from_iterable(_edited_step(step, anchored) for step in steps))


def _edited_step(step: Step, anchored: EditsByAnchor) -> tuple[Step, ...]:
    """What the edits make of one step."""
    edits = anchored.get(step.label, ())
    before = [new for edit in edits if edit.action == "before" for new in edit.steps]
    after = [new for edit in edits if edit.action == "after" for new in edit.steps]
    taking = [edit for edit in edits if edit.action in ("replace", "delete")]
    middle = taking[0].steps if taking else (with_blocks(step, partial(_edited_steps, anchored=anchored)),)
    return tuple(step if new is step else _with_source(new, step.source) for new in (*before, *middle, *after))


def _with_source(step: Step, source: str) -> Step:
    """A new step without a kernel function of its own gets that of its anchor."""
    placed = with_blocks(step, lambda block: tuple(_with_source(inner, source) for inner in block))
    return replace(placed, source=step.source or source)


def _reject_duplicate_labels(procedure: Procedure, steps: tuple[Step, ...], problems: Problems) -> None:
    first: dict[str, Step] = {}
    for step in all_steps(steps):
        other = first.setdefault(step.label, step)
        if other is not step:
            old, new = (step, other) if step.span.file == procedure.span.file else (other, step)
            related = ((f"`{step.label}` is here too", old.label_span),)
            message = f"with this patch `{procedure.name}` has two steps `{step.label}`"
            problems.note("S207", message, new.label_span, related=related)


def _reject_lost_targets(
    procedure: Procedure, steps: tuple[Step, ...], edits: tuple[Edit, ...], problems: Problems
) -> None:
    """Note edits that remove a label to which a remaining step goes."""
    left = {step.label for step in all_steps(steps)}
    for edit in edits:
        taken = [step for step in all_steps(procedure.steps) if step.label == edit.anchor]
        lost = {inner.label for inner in all_steps(tuple(taken))} - left
        for step in all_steps(steps):
            for label in sorted(goto_labels(step) & lost):
                if not any(blocks(step)):
                    related = ((f"`goto {label}` is here", step.span),)
                    message = f"this removes `{label}`, to which another step has a `goto`"
                    problems.note("S208", message, edit.anchor_span, related=related)
