"""A schedule as one HTML file to step through."""

from dataclasses import dataclass

from markupsafe import Markup
from msgspec import json

from encoder import __version__
from encoder.base.result import Question
from encoder.memory import MODELS
from encoder.pages.scene import Scene, scene
from encoder.pages.site import environment, static
from encoder.program.core import Program, Property
from encoder.program.variant import apply_variant
from encoder.render.show import diff
from encoder.render.text import what_broke, witness_lines
from encoder.render.verdict import where
from encoder.spec.load import load_library
from encoder.spec.model import Library
from encoder.witness.mail import command
from encoder.witness.timeline import Timeline

BIAS = "GUP_PIN_COUNTING_BIAS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Where a page of a site finds what it shares with others: the way to the site's root. A page of its own has all in
    itself."""

    root: str
    places: tuple[str, ...] = ()


def explorer(found: Timeline, asked: Property, library: Library | None = None, shared: Shared | None = None) -> str:
    """The page; `library` has the specs of the schedule's scenario and variant, loaded where it is not given."""
    question, program = found.question, found.program
    known = library or load_library(scenario=question.scenario, variant=question.variant)
    shown = scene(found, dict(known.types.constants).get(BIAS, 1024))
    return environment().get_template("explorer.html.j2").render(
        question=question, program=program, asked=asked, witness=found.witness, scene=shown,
        where=where(question), model=MODELS[question.model], broke=what_broke(found.witness),
        start=_start(found, shown), diffs=variant_diffs(known, question.variant),
        drawing="\n".join(witness_lines(found.witness, question.model)),
        commands=(command(question), f"{command(question)} --format html -o race.html"),
        data=script_data(shown), version=__version__, shared=shared,
        scenario_title=_title(known, question), style=static("base.css") + static("explorer.css"),
        script=static("explorer.js"),
    )  # fmt: skip


def _title(library: Library, question: Question) -> str:
    return next((each.title for each in library.scenarios if each.name == question.scenario), question.scenario)


def _start(found: Timeline, shown: Scene) -> list[tuple[str, str]]:
    """The symbols, and what is not zero."""
    symbols = [(name, str(value)) for name, value in found.witness.symbols]
    return symbols + [
        (place.name, place.start)
        for each in shown.objects
        for place in each.places
        if place.start not in ("0", "{}", "NULL")
    ]


def script_data(found: Scene) -> Markup:
    """As JSON that may stand inside a script element."""
    return Markup(json.encode(found).decode().replace("<", "\\u003c"))


def variant_diffs(library: Library, variant: str) -> list[tuple[str, str]]:
    """The procedures that a patch changes, each with its diff against the variant's base."""
    named = {each.name: each for each in library.variants}
    own = named[variant]
    if own.base is None:
        return []
    before = {each.name: each for each in apply_variant(library, own.base).procedures}
    after = {each.name: each for each in apply_variant(library, variant).procedures}
    return [
        (name, told)
        for name in sorted({edit.procedure for edit in own.edits})
        if name in before and name in after
        and (told := diff(before[name], after[name], base=own.base, variant=variant))
    ]  # fmt: skip


def describes(program: Program) -> str:
    """`gup-vs-fork, kernel v6.12`."""
    return f"{program.scenario}, kernel {program.kernel}"
