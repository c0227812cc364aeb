"""`export`: a question as a litmus test, for the kernel's own tools."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from encoder.cli import exits
from encoder.cli.ask import what_to_type
from encoder.cli.files import write
from encoder.cli.options import give_up, one_question
from encoder.cli.question_options import Loops, PropertyName, ScenarioName, VariantName

PLATFORM = "lkmm"
"""Whose memory model litmus tests are about."""


def export(
    scenario: ScenarioName = None,
    variant: VariantName = None,
    property: PropertyName = None,
    platform: Annotated[
        str, typer.Option("--platform", metavar="P", help="Whose TLB flushes the kernel does, by its name in `list`.")
    ] = PLATFORM,
    loops: Loops = 4,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Write it into this file.", show_default=False)
    ] = None,
) -> int:
    """The whole question as a C litmus test of tools/memory-model: Sometimes if a schedule breaks the property, or
    Never."""
    if scenario is None:
        return what_to_type("export", variant)
    asked = one_question(
        platform=platform, model=None, flush=None, scenario=scenario, variant=variant, property=property, loops=loops,
        timeout=60.0,
    )  # fmt: skip
    from encoder.cli.recorded import resolved
    from encoder.export.names import Unwritable
    from encoder.export.question import ExportedQuestion
    from encoder.ledger.place import name_of

    program, prop = resolved(asked)
    said = (
        f"{name_of(asked)}: {prop.title}.",
        f"Sometimes: a schedule breaks it ({' '.join(prop.text.split())}). Loops go on for at most {loops} rounds.",
        f"$ pinproof export {scenario} --variant {asked.variant} --property {asked.property} --platform {platform}",
    )
    try:
        text = ExportedQuestion(program, prop, loops).text(name_of(asked).replace("/", "."), said)
    except Unwritable as error:
        give_up(f"this question has no litmus test: {error}", "what tools/memory-model has a word for")
    if output is None:
        sys.stdout.write(text)
    else:
        write(Path(output), text)
    return exits.OK
