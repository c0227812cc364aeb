"""`report`: the ledger as a static site."""

import json
import sys
import time
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.errors import InputError, Problem
from encoder.base.source import Span
from encoder.cli import exits
from encoder.cli.files import told
from encoder.cli.options import give_up, unknown
from encoder.spec.load import document_names


def report(
    output: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="The folder to write into.")],
    variant: Annotated[
        str | None,
        typer.Option("--variant", metavar="V", help="The pages of this variant alone.", show_default=False),
    ] = None,
    review: Annotated[
        str | None,
        typer.Option(
            "--review",
            metavar="FILE",
            help="The page of a patch instead: what `review --json` printed.",
            show_default=False,
        ),
    ] = None,
    proofs: Annotated[str, typer.Option("--proofs", metavar="DIR", help="The folder of what is committed.")] = "proofs",
) -> int:
    """The ledger as a static site: every claim, what stands behind it, and each schedule to step through."""
    if variant is not None and (problems := unknown("variant", variant, document_names("variants"))):
        raise InputError(problems)
    root, out = Path(proofs), Path(output)
    if out.exists() and not out.is_dir():
        give_up(f"`-o {output}` is a file", "a folder")
    if review is not None:
        if variant is not None:
            give_up("`--review` cannot stand beside `--variant`", "one or the other")
        return _patch(review, out)
    if not (root / "schedules").is_dir():
        give_up(f"`{proofs}` has no folder `schedules`", "the folder `proofs` of a checkout, as `--proofs DIR`")
    from encoder.pages.book import load_book
    from encoder.pages.report import pages, write
    from encoder.pages.schedules import schedule_pages

    start = time.monotonic()
    book = load_book(root, variant or "")
    return _told(out, start, write(out, chain(pages(book), schedule_pages(book))))


def _patch(file: str, out: Path) -> int:
    """The pages of a review. Raises InputError at the place in the file that is none."""
    from encoder.pages.patch import patch_pages
    from encoder.pages.report import write
    from encoder.render.contract import Misshapen, read
    from encoder.review.review_object import ReviewObject

    start = time.monotonic()
    try:
        found = read(json.loads(Path(file).read_text("utf-8")), ReviewObject)
    except (OSError, UnicodeDecodeError) as error:
        give_up(f"`{file}` cannot be read: {told(error)}")
    except (json.JSONDecodeError, Misshapen) as error:
        span = Span(file, getattr(error, "lineno", 1), getattr(error, "colno", 1), getattr(error, "colno", 1) + 1)
        problem = Problem(
            code="C104", message=f"no review: {error}"[:300], span=span, expected="what `review --json` prints"
        )
        raise InputError([problem]) from error
    return _told(out, start, write(out, patch_pages(found)))


def _told(out: Path, start: float, written: tuple[int, int]) -> int:
    count, size = written
    print(f"{count} files, {size / 1e6:.1f} MB, {time.monotonic() - start:.1f} s", file=sys.stderr)
    sys.stdout.write(f"{out / 'index.html'}\n")
    return exits.OK
