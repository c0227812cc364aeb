"""`check`: certificates of proofs, checked again without a solver."""

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.catalog import listing, shipped
from encoder.base.errors import InputError
from encoder.certificate.file import read_certificate
from encoder.cli import exits
from encoder.cli.options import costs, give_up
from encoder.cli.selection import chosen_of, tasks_of
from encoder.ledger.cache import Cache
from encoder.ledger.obligation import Obligation, load_obligations
from encoder.ledger.run import Task
from encoder.spec.load import load_library

SUFFIX = ".gz"
EXAMPLES = Path("proofs/certificates")


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAMES]...",
            help="Certificate files (….gz) and folders of them, or names as for `verify`, whose recorded certificates "
            "are checked (default: all that are recorded, and those in ./proofs/certificates).",
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="S", help="Time limit in seconds for building the clauses of a query.")
    ] = 60.0,
) -> int:
    """Check certificates, the recorded proofs of obligations, against the specs, without any solver."""
    claimed = load_obligations(listing(shipped("proofs/obligations"), "proofs/obligations"))
    if problems := costs(timeout, None):
        raise InputError(problems)
    words = tuple(name for name in names or () if not _files(name))
    files = [file for name in names or (EXAMPLES.as_posix(),) for file in _files(name)]
    chosen = chosen_of(claimed, words) if words or not names else ()
    proved = tuple(each for each in chosen if each.expect != "refuted")
    found = []
    for name, (word, detail) in chain(
        _recorded(proved, timeout, everything=not names), _filed(files, claimed, timeout)
    ):
        print(f"{word:8} {name}  {detail}".rstrip(), flush=True)
        found.append(word)
    return _summary([word for word in found if word != "none"])


def _files(name: str) -> list[str]:
    """The certificate itself, or those in the folder that is called so."""
    return [name] if name.endswith(SUFFIX) else [path.as_posix() for path in sorted(Path(name).glob(f"*{SUFFIX}"))]


def _summary(found: list[str]) -> int:
    """The last line, of those that there should be a certificate of; the exit code."""
    sys.stdout.write(f"{found.count('holds')}/{len(found)} hold\n" if found else "there is nothing to check\n")
    if "wrong" in found:
        return exits.REFUTED
    return exits.OK if found and found.count("holds") == len(found) else exits.UNDECIDED


Said = Iterator[tuple[str, tuple[str, str]]]
"""Of what; a word of `Rechecked`, or "none" where no certificate could be given; and what more to say."""


def _recorded(proved: tuple[Obligation, ...], timeout: float, *, everything: bool) -> Said:
    """Of the certificates that are recorded; of `everything` what nobody has asked one for is passed over."""
    cache = Cache()
    kept = cache.names() if everything else {each.id for each in proved}
    proved = tuple(each for each in proved if each.id in kept)
    for task in tasks_of(load_library(), proved, timeout):
        content = cache.certificate(task.obligation)
        if content is not None:
            yield task.obligation.id, _checked(content, task)
            continue
        record = cache.result(task.obligation, task.digest)
        said = {} if record is None else {each.by: each for each in record.opinions}
        if "certificate" in said and said["certificate"].word != "agrees":
            yield task.obligation.id, ("none", said["certificate"].detail)
        elif "certificate" in said or not everything:
            yield task.obligation.id, ("missing", "")


def _filed(files: list[str], claimed: tuple[Obligation, ...], timeout: float) -> Said:
    """Of certificates as files, each of what it says that it is of."""
    known = {each.id: each for each in claimed}
    for file in files:
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            give_up(f"`{file}` cannot be read: {error.strerror}")
        try:
            name = read_certificate(content).obligation
        except ValueError as error:
            yield file, ("wrong", str(error))
            continue
        if name not in known or known[name].expect == "refuted":
            yield file, ("wrong", f"no obligation claims that {name} holds")
            continue
        (task,) = tasks_of(load_library(), (known[name],), timeout)
        word, detail = _checked(content, task)
        yield name, (word, f"{detail} ({file})")


def _checked(content: bytes, task: Task) -> tuple[str, str]:
    """A word of `Rechecked`, and what more to say."""
    obligation = task.obligation
    try:
        certificate = read_certificate(content)
    except ValueError as error:
        return "wrong", str(error)
    if certificate.obligation != obligation.id:
        return "wrong", f"line 2: it is a certificate of {certificate.obligation}"
    from encoder.verify.recheck import recheck

    found = recheck(certificate, task.program, task.question, vacuous=obligation.expect == "vacuous")
    return found.word, found.detail
