"""`list` and `show`: what there is, and what it says."""

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from encoder.base.errors import InputError, Problem
from encoder.cli import exits
from encoder.cli.complete import known_subjects, names_in, subjects
from encoder.cli.options import give_up, unknown
from encoder.cli.telling import fitted
from encoder.render.layout import fits, wrap
from encoder.spec.load import document_names, load_library
from encoder.spec.model import Library, Procedure, Variant

Row = tuple[str, str, str]
"""Kind, name and title."""
HEADINGS = {
    "scenario": "scenarios", "variant": "variants", "property": "properties", "platform": "platforms",
    "procedure": "procedures", "primitive": "primitives",
}  # fmt: skip


def list_(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORDS]...", help="Only what has all of these in its kind, name or title; primitives too."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> int:
    """All scenarios, variants, properties, platforms and procedures, with their titles."""
    every = list(_rows())
    wanted = [word.lower() for word in words or ()]
    rows = [row for row in every if _has(row, wanted) and (wanted or json or row[0] != "primitive")]
    if not rows:
        give_up(f"nothing has {' and '.join(f'`{word}`' for word in words or ())} in its name or title")
    if json:
        from encoder.render.listing_object import render

        sys.stdout.write(render(rows))
        return exits.OK
    width = max(len(name) for _, name, _ in rows)
    with fitted():
        blocks = [
            "\n".join([f"{heading}:", *(line for _, name, title in own for line in _row(name, title, width))])
            for kind, heading in HEADINGS.items()
            if (own := [row for row in rows if row[0] == kind])
        ]
    sys.stdout.write("\n\n".join(blocks) + "\n")
    return exits.OK


def _rows() -> Iterator[Row]:
    from encoder.verify.platforms import all_platforms

    library = load_library()
    yield from (("scenario", each.name, each.title) for each in library.scenarios)
    yield from (("variant", each.name, each.title) for each in library.variants)
    yield from (("property", each.name, each.title) for each in library.properties)
    yield from (("platform", each.name, each.title) for each in all_platforms())
    yield from (("procedure", each.name, f"{each.source}, {each.kernel}") for each in library.procedures)
    yield from (("primitive", each.name, each.source) for each in library.primitives)


def _has(row: Row, words: Sequence[str]) -> bool:
    """Whether it has each word; a kind, in the plural too, is one."""
    text = " ".join((HEADINGS[row[0]], *row)).lower()
    return all(word in text for word in words)


def _row(name: str, title: str, width: int) -> tuple[str, ...]:
    """A name and its title in one line, where that fits; the title below it otherwise."""
    row = f"  {name:<{width}}  {title}".rstrip()
    return (row,) if fits(row) else (f"  {name}", *wrap(title, sys.maxsize, first=" " * 6, rest=" " * 8))


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A procedure, or anything else in `list`.", show_default=False,
            autocompletion=subjects,
        ),
    ],
    variant: Annotated[
        str | None,
        typer.Option(
            "--variant", metavar="V", help="Show what this variant changes in a procedure, as a diff.",
            show_default=False, autocompletion=names_in("variants"),
        ),
    ] = None,
) -> int:  # fmt: skip
    """A procedure's steps as they are run; with a variant, as a diff against its base. Or a scenario, variant,
    property, platform or primitive."""
    library = load_library()
    released = [each for each in library.procedures if each.name == name]
    others = "" if released else _subject(library, name)
    problems = []
    if not released and not others:
        problems += unknown(
            "procedure, scenario, variant, property, platform or primitive", name, known_subjects(library)
        )
    if variant is not None:
        problems += unknown("variant", variant, document_names("variants"))
    if problems:
        raise InputError(problems)
    if others and variant is not None:
        give_up(f"`{name}` is no procedure: `--variant` changes nothing in it")
    from encoder.render.show import render

    _check(library, name, variant)
    if variant is not None:
        sys.stdout.write(_patched(library, name, _variant(library, variant)))
    else:
        sys.stdout.write(others or "\n".join(render(each) for each in released))
    return exits.OK


def _check(library: Library, procedure: str, variant: str | None) -> None:
    """Raises InputError for what is wrong in a procedure, with a variant or in the kernels as released, whoever calls
    it."""
    from encoder.program.alone import mistakes_alone
    from encoder.program.variant import apply_variant

    problems: dict[Problem, None] = {}
    for name in [variant] if variant else [each.name for each in library.variants if each.base is None]:
        kernel = apply_variant(library, name)
        own = (each for each in kernel.procedures if each.name == procedure)
        problems |= dict.fromkeys(problem for each in own for problem in mistakes_alone(library, kernel, each))
    if problems:
        raise InputError(problems)


def _subject(library: Library, name: str) -> str:
    """What is shown of all that has this name and is no procedure."""
    from encoder.render import show_subject
    from encoder.verify.platforms import all_platforms

    with fitted():
        shown = [
            *(show_subject.scenario(each) for each in library.scenarios if each.name == name),
            *(_shown_variant(library, each) for each in library.variants if each.name == name),
            *(show_subject.property_(each) for each in library.properties if each.name == name),
            *(show_subject.platform(each) for each in all_platforms() if each.name == name),
            *(show_subject.primitive(each) for each in library.primitives if each.name == name),
        ]
    return "\n".join(shown)


def _shown_variant(library: Library, variant: Variant) -> str:
    """With the scenarios that run what its own edits touch, nearest first."""
    from encoder.render import show_subject
    from encoder.review.asking import running_scenarios

    return show_subject.variant(variant, [each.name for each in running_scenarios(library, variant)])


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
