"""`schema`: JSON Schemas of the spec files and of what `--json` prints."""

import json
import sys
from importlib import import_module
from typing import Annotated, Any

import typer

from encoder.base.errors import InputError
from encoder.cli import exits
from encoder.cli.options import unknown

PRINTED = {
    "report": ("encoder.render.json", "schema"),
    "explanation": ("encoder.render.reasons_json", "schema"),
    "mutants": ("encoder.render.mutants_json", "schema"),
    "listing": ("encoder.render.listing_object", "schema"),
    "matrix": ("encoder.render.matrix_object", "schema"),
    "verify": ("encoder.ledger.run_json", "schema"),
    "drift": ("encoder.render.drift", "schema"),
    "review": ("encoder.review.review_json", "schema"),
    "impact": ("encoder.review.review_json", "impact_schema"),
}
"""What `--json` prints, with the function that gives its schema."""


def schema(
    kind: Annotated[
        str,
        typer.Argument(metavar="[KIND]", help=f"A kind of spec file, or of what is printed: {', '.join(PRINTED)}."),
    ] = "",
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the reference of the spec language, specs/REFERENCE.md.")
    ] = False,
) -> int:
    """JSON Schema of the spec files, for editors, and of what `--json` prints. That is `report` of `prove`,
    `explanation` of `explain`, `mutants` of `mutate`, `listing` of `list`, others of the command that is called so."""
    from encoder.spec.schema import explained_schemas

    if markdown:
        from encoder.spec.reference import reference

        sys.stdout.write(reference())
        return exits.OK
    specs = explained_schemas()
    known = [*specs, *PRINTED]
    if not kind:
        sys.stdout.write("".join(f"{name}\n" for name in known))
        return exits.OK
    if problems := unknown("kind of file", kind, known):
        raise InputError(problems)
    found = specs[kind] if kind in specs else _printed(kind)
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return exits.OK


def _printed(kind: str) -> dict[str, Any]:
    module, function = PRINTED[kind]
    found: dict[str, Any] = getattr(import_module(module), function)()
    return found
