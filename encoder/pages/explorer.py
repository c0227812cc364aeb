"""A schedule as one HTML file to step through."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from markupsafe import Markup
from msgspec import json

from encoder import __version__
from encoder.base.result import Question, ScheduleStep, Witness
from encoder.memory import MODELS
from encoder.pages.effects import RecordedEffects
from encoder.pages.places import Places
from encoder.pages.scene import Scene, StepScene, scene
from encoder.pages.site import environment, static
from encoder.program.variant import apply_variant
from encoder.render.show import diff
from encoder.render.text import what_broke, witness_lines
from encoder.render.verdict import where
from encoder.spec.load import load_library
from encoder.spec.model import Library
from encoder.witness.mail import command

INDENT = re.compile(r"\n\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePage:
    """A page of a site: the way to the site's root, where what all pages share is, and the platforms on which the
    schedule breaks the property. `alone`: the site has no pages of scenarios and variants."""

    root: str
    places: tuple[str, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as it was recorded, what the script needs of it, and its column. `enters`: its procedure is another than
    that of the step before on its CPU. `code` is the kernel's line, "" where none is known."""

    step: ScheduleStep
    scene: StepScene
    column: int
    enters: bool
    code: str


def explorer(
    question: Question, witness: Witness, library: Library | None = None, shared: SitePage | None = None,
    lines: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> str:  # fmt: skip
    """The page of a witness that answers this; one that is not `shared` has all that it needs in itself. `library` has
    the specs of the scenario and variant, loaded where it is not given. `lines` are those of the kernel, by the
    procedures and labels of their steps."""
    known = library or load_library(scenario=question.scenario, variant=question.variant)
    places, effects = Places(known, question.scenario, question.variant), RecordedEffects(known, question.variant)
    shown = scene(witness, places, effects, question.model)
    patch = apply_variant(known, question.variant)
    page = environment().get_template("explorer.html.j2").render(
        question=question, asked=next(each for each in known.properties if each.name == question.property),
        scenario=places.scenario, variant=patch.variant, kernel=patch.kernel, scene=shown,
        notes=[f"{each.name}: {each.reading}" for each in patch.chain if each.reading],
        rows=list(_rows(witness, shown, lines)), where=where(question), model=MODELS[question.model],
        broke=what_broke(witness), start=_start(witness), shared=shared, version=__version__,
        diffs=[] if shared and not shared.alone else variant_diffs(known, question.variant),
        drawing="" if shared else "\n".join(witness_lines(witness, question.model)),
        command=command(question), data=_script_data(shown),
        style="" if shared else static("base.css") + static("explorer.css"),
        script="" if shared else static("explorer.js"),
    )  # fmt: skip
    return INDENT.sub("\n", page) if shared else page


def _rows(witness: Witness, shown: Scene, lines: Mapping[tuple[str, str], str]) -> Iterator[StepRow]:
    inside = {cpu: procedure for cpu, _, procedure in shown.cpus}
    columns = {cpu: column for column, (cpu, _, _) in enumerate(shown.cpus)}
    for step, found in zip(witness.schedule, shown.steps, strict=True):
        enters = bool(step.procedure) and step.procedure != inside[step.cpu]
        inside[step.cpu] = step.procedure
        yield StepRow(step, found, columns[step.cpu], enters, lines.get((step.procedure, step.label), ""))


def _start(witness: Witness) -> list[tuple[str, str]]:
    """The symbols, and what is not zero."""
    symbols = [(name, str(value)) for name, value in witness.symbols]
    return symbols + [(name, value) for name, value in witness.initial if value not in ("0", "{}", "NULL")]


def _script_data(found: Scene) -> Markup:
    """As JSON that may stand inside a script element."""
    return Markup(json.encode(found).decode().replace("<", "\\u003c"))


def variant_diffs(library: Library, variant: str) -> list[tuple[str, str]]:
    """The procedures that a patch changes, each with its diff against the variant's base."""
    own = next(each for each in library.variants if each.name == variant)
    if own.base is None:
        return []
    before = {each.name: each for each in apply_variant(library, own.base)}
    after = {each.name: each for each in apply_variant(library, variant)}
    return [
        (name, told)
        for name in sorted({edit.procedure for edit in own.edits})
        if (told := diff(before[name], after[name], base=own.base, variant=variant))
    ]
