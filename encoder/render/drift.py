"""A drift as text and as JSON. `drift_object.py` has its shape."""

from collections.abc import Iterator
from typing import Any, get_args

from msgspec import convert

from encoder.kernel.drift import CodeLine, Drift, DriftedStep, DriftStatus, NewCode
from encoder.render.contract import schema_of, written
from encoder.render.drift_object import (
    SCHEMA,
    CodeLineObject,
    DriftedStepObject,
    DriftObject,
    NewCodeObject,
)
from encoder.render.layout import WIDTH, wrap

TOLD: tuple[DriftStatus, ...] = ("changed", "gone", "moved", "explained")
"""The steps that are told one by one; the others are counted."""
HOW: dict[DriftStatus, str] = {
    "there": "there", "moved": "moved", "changed": "changed", "gone": "gone", "explained": "explained",
    "local": "the model's own",
}  # fmt: skip


def render(found: Drift, *, everything: bool = False) -> str:
    """The counts, then what is not as it was; with `everything` each step and where it stands."""
    blocks = [[*_head(found)]]
    blocks += [[*_step(each)] for each in found.steps if everything or each.status in TOLD]
    if found.new:
        blocks.append([f"new between two steps: {len(found.new)}"])
        if everything:
            blocks += [[*_new(each)] for each in found.new]
        else:
            blocks[-1] += [*_new_by_function(found)]
    return "\n".join(line for block in blocks for line in block) + "\n"


def render_json(found: Drift) -> str:
    """One JSON object."""
    return written(
        DriftObject(
            schema=SCHEMA,
            base=found.base,
            kernel=found.kernel,
            version=found.version,
            configuration=found.configuration,
            counts={status: found.count(status) for status in get_args(DriftStatus)},
            steps=tuple(_step_object(each) for each in found.steps),
            new=tuple(_new_object(each) for each in found.new),
        )
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of what `render_json` gives."""
    return schema_of(DriftObject, "What pinproof drift --json prints")


def _head(found: Drift) -> Iterator[str]:
    counts = ", ".join(f"{number} {HOW[status]}" for status in HOW if (number := found.count(status)))
    yield from wrap(
        f"{found.base} against {found.version} ({found.configuration}): of {len(found.steps)} steps {counts}",
        WIDTH, rest="  ",
    )  # fmt: skip


def _step(each: DriftedStep) -> Iterator[str]:
    yield from wrap(f"{HOW[each.status]:<10}{each.procedure}/{each.label}: {each.statement}", WIDTH, rest=" " * 12)
    if each.why:
        yield from _below(each.why)
    if each.missing:
        yield from _below(f"looked for {', '.join(each.missing)} in {each.source}")
    for line in each.now:
        yield from _below(f"now: {line_of(line)}")
    for line in each.found:
        yield from _below(line_of(line))


def _below(text: str) -> Iterator[str]:
    yield from wrap(text, WIDTH, first=" " * 10, rest=" " * 12)


def line_of(line: CodeLine) -> str:
    """`mm/gup.c:2435 gup_pte_range(): folio = try_grab_folio(page, 1, flags);`."""
    return f"{line.place.file}:{line.line} {line.place.function}(): {line.text}"


def _new(each: NewCode) -> Iterator[str]:
    between = " and ".join(f"`{label}`" for label in (each.after, each.before) if label)
    where = f" ({each.procedure}, by {between})" if between else ""
    yield from wrap(f"{'new':<10}{line_of(each.at)}{where}", WIDTH, rest=" " * 12)


def _new_by_function(found: Drift) -> Iterator[str]:
    """For each function what it has beside the steps."""
    places: dict[str, dict[str, None]] = {}
    for each in found.new:
        places.setdefault(str(each.at.place), {})[each.word] = None
    for place, words in places.items():
        yield from wrap(f"{place}: {', '.join(words)}", WIDTH, first=" " * 10, rest=" " * 12)


def _line_object(line: CodeLine) -> CodeLineObject:
    return CodeLineObject(file=line.place.file, function=line.place.function, line=line.line, text=line.text)


def _step_object(each: DriftedStep) -> DriftedStepObject:
    return DriftedStepObject(
        procedure=each.procedure,
        label=each.label,
        statement=each.statement,
        source=each.source,
        status=convert(each.status, DriftStatus),
        found=tuple(map(_line_object, each.found)),
        missing=each.missing,
        now=tuple(map(_line_object, each.now)),
        why=each.why,
    )


def _new_object(each: NewCode) -> NewCodeObject:
    return NewCodeObject(
        word=each.word, at=_line_object(each.at), procedure=each.procedure, after=each.after, before=each.before
    )
