"""`report`: the ledger as a static site."""

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.errors import InputError
from encoder.cli import exits
from encoder.cli.options import give_up, unknown
from encoder.spec.load import document_names


def report(
    output: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="The folder to write into.")],
    variant: Annotated[
        str | None,
        typer.Option("--variant", metavar="V", help="The pages of this variant alone.", show_default=False),
    ] = None,
    proofs: Annotated[str, typer.Option("--proofs", metavar="DIR", help="The folder of what is committed.")] = "proofs",
) -> int:
    """The ledger as a static site: every claim, what stands behind it, and each schedule to step through."""
    if variant is not None and (problems := unknown("variant", variant, document_names("variants"))):
        raise InputError(problems)
    root, out = Path(proofs), Path(output)
    if not (root / "schedules").is_dir():
        give_up(f"`{proofs}` has no folder `schedules`", "the folder `proofs` of a checkout, as `--proofs DIR`")
    if out.exists() and not out.is_dir():
        give_up(f"`-o {output}` is a file", "a folder")
    from encoder.pages.book import load_book
    from encoder.pages.report import pages, write
    from encoder.pages.schedules import schedule_pages

    start = time.monotonic()
    book = load_book(root, variant or "")
    written = Counter[str]()
    for made in (pages(book), schedule_pages(book)):
        count, size = write(out, made)
        written.update(pages=count, bytes=size)
    seconds = time.monotonic() - start
    print(f"{written['pages']} files, {written['bytes'] / 1e6:.1f} MB, {seconds:.1f} s", file=sys.stderr)
    sys.stdout.write(f"{out / 'index.html'}\n")
    return exits.OK
