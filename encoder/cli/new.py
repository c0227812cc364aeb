"""`new`: a spec file to begin with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.catalog import shipped
from encoder.base.errors import InputError, Problem
from encoder.cli import exits
from encoder.cli.options import give_up, newest_kernel, unknown, usage
from encoder.spec.load import document_names, kernel_of, primitive_names
from encoder.spec.reserved_names import FUNCTIONS, PROPERTIES, VALUES
from encoder.spec.skeleton import KINDS, NAMES, path_of, skeleton

NEXT = {
    "variant": "pinproof show gup_fast --variant {name}; pinproof matrix gup-vs-fork --variant {name}",
    "scenario": "pinproof matrix {name}",
    "procedure": "pinproof show {name}; then call it in a scenario",
    "property": "pinproof prove gup-vs-fork --property {name}",
}

RESERVED = {"procedure": FUNCTIONS | VALUES, "property": PROPERTIES}
"""What loads nothing, or is read as something else."""


def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=", ".join(KINDS) + ".", show_default=False)],
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    base: Annotated[
        str | None,
        typer.Option(
            "--base", metavar="V", show_default=False,
            help="What a variant is a patch of; a procedure is of its kernel (default: the newest kernel).",
        ),
    ] = None,
) -> int:  # fmt: skip
    """A commented variant, scenario, procedure or property to begin with, in the folder of specs."""
    variants = document_names("variants")
    problems = [*unknown("kind", kind, KINDS), *(unknown("variant", base, variants) if base else [])]
    if problems or (problems := [*_name_problems(kind, name)]):
        raise InputError(problems)
    chosen = base or newest_kernel(variants)
    kernel = kernel_of(chosen) if kind == "procedure" else chosen
    place = path_of(kind, name, kernel)
    folder = Path(str(shipped("specs")))
    _write(folder / place, skeleton(kind, name, kernel))
    here = Path("specs")
    written = (here if here.is_dir() and here.samefile(folder) else folder) / place
    print(f"written: {written}\nnext: {NEXT[kind].format(name=name)}")
    return exits.OK


def _name_problems(kind: str, name: str) -> Iterator[Problem]:
    if not NAMES[kind].match(name):
        letters = "letters, digits and `_`, no digit first"
        yield usage(
            f"`{name}` cannot name a {kind}", letters if kind == "procedure" else f"{letters}; `.`, `+` and `-`"
        )
    elif name in RESERVED.get(kind, ()):
        yield usage(f"`{name}` is a word of the language", "another name")
    elif kind == "procedure" and name in primitive_names():
        yield usage(f"`{name}` is a primitive already", "another name")


def _write(path: Path, text: str) -> None:
    """Raises InputError rather than write over a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        give_up(f"`{path}` is there already, and nothing is written over", "a name that no other file has")
    except OSError as error:
        give_up(f"`{path}` cannot be written: {error.strerror}", "a checkout of Pinproof, whose specs can be changed")
