"""`list`, `show` and `schema`: what there is, and what it says."""

import json
import sys
from typing import Annotated

import typer

from encoder.base.errors import InputError
from encoder.cli import exits
from encoder.cli.options import give_up, unknown
from encoder.cli.telling import fitted
from encoder.render.layout import fits, wrap
from encoder.spec.load import document_names, load_library
from encoder.spec.model import Library, Procedure, Variant


def list_() -> int:
    """All scenarios, variants, properties, platforms and procedures, with their titles."""
    from encoder.verify.platforms import all_platforms

    library = load_library()
    sections = {
        "scenarios": [(each.name, each.title) for each in library.scenarios],
        "variants": [(each.name, each.title) for each in library.variants],
        "properties": [(each.name, each.title) for each in library.properties],
        "platforms": [(each.name, each.title) for each in all_platforms()],
        "procedures": [(each.name, f"{each.source}, {each.kernel}") for each in library.procedures],
    }
    width = max(len(name) for rows in sections.values() for name, _ in rows)
    with fitted():
        blocks = [
            "\n".join([f"{heading}:", *(line for name, title in rows for line in _row(name, title, width))])
            for heading, rows in sections.items()
        ]
    sys.stdout.write("\n\n".join(blocks) + "\n")
    return exits.OK


def _row(name: str, title: str, width: int) -> tuple[str, ...]:
    """A name and its title in one line, where that fits; the title below it otherwise."""
    row = f"  {name:<{width}}  {title}".rstrip()
    return (row,) if fits(row) else (f"  {name}", *wrap(title, sys.maxsize, first=" " * 6, rest=" " * 8))


def show(
    procedure: Annotated[str, typer.Argument(metavar="PROCEDURE", show_default=False)],
    variant: Annotated[
        str | None,
        typer.Option("--variant", metavar="V", help="Show what this variant changes, as a diff.", show_default=False),
    ] = None,
) -> int:
    """The steps of a procedure as they are run; with a variant, as a diff against its base."""
    library = load_library()
    problems = unknown("procedure", procedure, {each.name for each in library.procedures})
    if variant is not None:
        problems += unknown("variant", variant, document_names("variants"))
    if problems:
        raise InputError(problems)
    from encoder.render.show import render

    if variant is None:
        released = [each for each in library.procedures if each.name == procedure]
        sys.stdout.write("\n".join(render(each) for each in released))
    else:
        sys.stdout.write(_patched(library, procedure, _variant(library, variant)))
    return exits.OK


def schema(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="[KIND]",
            help="A kind of spec file, or a command that prints JSON (`report` is `prove`).",
        ),
    ] = "",
) -> int:
    """JSON Schema of the spec files, for editors, and of what `--json` prints: `report` of `prove`, `explanation` of
    `explain`, `mutants` of `mutate`, `verify`, `review`, `impact` and `drift` of those, `matrix` of `matrix`."""
    from encoder.ledger import run_json
    from encoder.render import drift, matrix_object, mutants_json, reasons_json
    from encoder.render import json as report
    from encoder.review import review_json
    from encoder.spec.schema import schemas

    printed = {"report": report.schema(), "explanation": reasons_json.schema(), "mutants": mutants_json.schema()}
    printed |= {"verify": run_json.schema(), "drift": drift.schema(), "matrix": matrix_object.schema()}
    printed |= {"review": review_json.schema(), "impact": review_json.impact_schema()}
    known = schemas() | printed
    if not kind:
        sys.stdout.write("".join(f"{name}\n" for name in known))
        return exits.OK
    if problems := unknown("kind of file", kind, known):
        raise InputError(problems)
    sys.stdout.write(json.dumps(known[kind], indent=2, ensure_ascii=False) + "\n")
    return exits.OK


def _patched(library: Library, procedure: str, variant: Variant) -> str:
    """The diff that a patch makes; the steps where it makes none."""
    from encoder.render.show import diff, render

    after = _procedure(library, procedure, variant)
    if variant.base is None:
        return render(after)
    before = _procedure(library, procedure, _variant(library, variant.base))
    changes = diff(before, after, base=variant.base, variant=variant.name)
    return changes or f"{variant.name} leaves {procedure} as in {variant.base}:\n\n{render(after)}"


def _procedure(library: Library, name: str, variant: Variant) -> Procedure:
    from encoder.program.variant import apply_variant

    found = next((each for each in apply_variant(library, variant.name).procedures if each.name == name), None)
    if found is None:
        give_up(f"the kernel of `{variant.name}` has no procedure `{name}`")
    return found


def _variant(library: Library, name: str) -> Variant:
    return next(each for each in library.variants if each.name == name)
