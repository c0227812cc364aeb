"""The forms in which `witness` and `show-witness` give a schedule."""

import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.errors import InputError
from encoder.base.result import Question, Refuted, Report, Witness
from encoder.cli.files import write
from encoder.cli.help import OUTPUT
from encoder.cli.options import give_up, unknown, usage

FORMS = ("text", "json", "html", "dot", "litmus")
NARROWEST = 40
FormName = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="F",
        help=f"One form of the schedule: {', '.join(FORMS)}.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write it into this file.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
Width = Annotated[
    int | None,
    typer.Option(
        "--width",
        metavar="N",
        help="Columns of a text (default: those of a mail).",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
Mail = Annotated[
    bool,
    typer.Option(
        "--mail",
        help="Begin a text with what was asked, of what, and the command that asks it again.",
        rich_help_panel=OUTPUT,
    ),
]
KernelOfPage = Annotated[
    Path | None,
    typer.Option(
        "--kernel",
        metavar="DIR",
        help="A kernel's source, whose lines a page shows with its steps.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessForm:
    """What was asked of the output; `name` "" for none of the forms. `kernel` is a tree whose lines a page shows."""

    name: str
    output: Path | None
    width: int | None
    mail: bool
    kernel: Path | None


def form_of(name: str | None, output: str | None, width: int | None, mail: bool, kernel: Path | None) -> WitnessForm:
    """The form. Raises InputError."""
    problems = [] if name is None else unknown("form", name, FORMS)
    text = name == "text" or (name is None and (mail or width is not None))
    if mail and not text:
        problems.append(usage(f"`--mail` is about a text, and `--format` says {name}", "`--format text`"))
    if width is not None and not text:
        problems.append(usage(f"`--width` is about a text, and `--format` says {name}", "`--format text`"))
    if width is not None and width < NARROWEST:
        problems.append(usage(f"`--width {width}` is too narrow", f"{NARROWEST} or more"))
    if output is not None and name is None and not text:
        problems.append(usage("`-o` needs a form", "`--format`: " + ", ".join(FORMS)))
    if kernel is not None and name != "html":
        problems.append(usage("`--kernel` is about a page", "`--format html`"))
    if problems:
        raise InputError(problems)
    return WitnessForm(
        name="text" if text else name or "", output=None if output is None else Path(output), width=width, mail=mail,
        kernel=kernel,
    )  # fmt: skip


def give(form: WitnessForm, question: Question, witness: Witness, report: Report | None = None) -> None:
    """Write the schedule in this form, into the file or to standard output. Raises InputError."""
    content = _content(form, question, witness, report)
    if form.output is None:
        sys.stdout.write(content)
        return
    if not form.output.parent.is_dir():
        give_up(f"`-o {form.output}`: there is no folder `{form.output.parent}`")
    if form.output.is_dir():
        give_up(f"`-o {form.output}` is a folder", "a file")
    write(form.output, content)
    print(f"{form.output}: {len(content.encode())} bytes", file=sys.stderr)


def _content(form: WitnessForm, question: Question, witness: Witness, report: Report | None) -> str:
    from encoder.ledger.place import name_of

    if form.name == "json":
        return _as_json(question, witness, report)
    if form.name == "html":
        from encoder.pages.explorer import explorer

        return explorer(question, witness, lines={} if form.kernel is None else _lines(question, form.kernel))
    if form.name == "text":
        from encoder.render.layout import at_most
        from encoder.witness.mail import text

        titles = _titles(question) if form.mail else None
        with at_most(form.width) if form.width is not None else nullcontext():
            return text(name_of(question), question, witness, titles=titles)
    return _drawn(form.name, question, witness)


def _lines(question: Question, kernel: Path) -> dict[tuple[str, str], str]:
    """The kernel's lines of the variant's steps, by procedure and label. Raises InputError for a folder without one."""
    from encoder.kernel.lines import lines_in_tree
    from encoder.program.variant import apply_variant
    from encoder.render.drift import line_of
    from encoder.spec.load import load_library

    library = load_library(scenario=question.scenario, variant=question.variant)
    found = lines_in_tree(library, apply_variant(library, question.variant), kernel, "x86-64")
    return {key: line_of(line) for key, line in found.items()}


def _titles(question: Question) -> dict[str, str]:
    """What the things are called that were asked about."""
    from encoder.spec.load import load_library
    from encoder.verify.platforms import all_platforms

    library = load_library(scenario=question.scenario, variant=question.variant)
    variants = {each.name: each.title for each in library.variants}
    properties = {each.name: each.title for each in library.properties}
    platforms = {each.name: each.title for each in all_platforms()}
    return {
        "variant": variants[question.variant],
        "property": properties[question.property],
        "platform": platforms.get(question.platform, ""),
    }


def _as_json(question: Question, witness: Witness, report: Report | None) -> str:
    """The report, or what `--promote` writes of a schedule."""
    if report is not None:
        from encoder.render.json import render

        return render(report)
    from encoder.ledger.layout import laid
    from encoder.ledger.schedules import SharedSchedule, as_object

    shared = SharedSchedule(breaks=(question,), witness=witness)
    return laid({"schema": 2, "scenario": question.scenario, "schedules": [as_object(shared)]}) + "\n"


def _drawn(name: str, question: Question, witness: Witness) -> str:
    """The forms for which the schedule is run once more. Raises InputError."""
    from encoder.cli.recorded import resolved
    from encoder.ledger.place import name_of
    from encoder.witness.mail import command
    from encoder.witness.timeline import timeline

    program, _ = resolved(question)
    found, obligation = timeline(program, question, witness), name_of(question)
    if name == "dot":
        from encoder.witness.dot import dot

        return dot(found, obligation)
    from encoder.export.names import Unwritable
    from encoder.export.race import race

    said = (f"{obligation}: the schedule that breaks it.", f"$ {command(question)} --format litmus")
    try:
        return race(found, obligation.replace("/", "."), said)
    except Unwritable as error:
        give_up(f"the schedule has no litmus test: {error}", "what tools/memory-model has a word for")


def shown_of(reports: list[Report]) -> Report | None:
    """The report of the strongest platform that refutes the property, if there is one."""
    from encoder.render.platforms import evidence

    shown = evidence(reports)
    return shown if isinstance(shown.verdict, Refuted) else None
