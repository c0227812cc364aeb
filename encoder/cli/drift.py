"""`drift`: the steps against a kernel's source."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.errors import InputError
from encoder.cli import exits
from encoder.cli.options import AsOneObject, KernelConfiguration, unknown
from encoder.cli.telling import fitted

KernelTree = Annotated[
    Path, typer.Option("--kernel", metavar="DIR", help="The folder of a kernel's source.", show_default=False)
]
BaseName = Annotated[
    str | None,
    typer.Option(
        "--base", metavar="V", help="A kernel as released, by its variant (default: the one that fits best).",
        show_default=False,
    ),
]  # fmt: skip


def drift(
    kernel: KernelTree,
    base: BaseName = None,
    config: KernelConfiguration = "x86-64",
    everything: Annotated[bool, typer.Option("--all", help="Also what is there, and where.")] = False,
    json: AsOneObject = False,
) -> int:
    """Hold every step against a kernel's source: what is there, moved, changed, gone, and what is new between."""
    from encoder.kernel.configuration import configuration
    from encoder.kernel.drift import best_base
    from encoder.kernel.drift import drift as drifted
    from encoder.kernel.released import released
    from encoder.kernel.tree import Tree
    from encoder.render.drift import render, render_json
    from encoder.spec.load import load_library

    library = load_library()
    if base is not None and (problems := unknown("kernel as released", base, released(library))):
        raise InputError(problems)
    tree = Tree(kernel, configuration(config))
    found = best_base(library, tree) if base is None else drifted(library, base, tree)
    with fitted():
        sys.stdout.write(render_json(found) if json else render(found, everything=everything))
    asis = found.count("moved") + found.count("changed") + found.count("gone") == 0
    return exits.OK if asis else exits.UNDECIDED
