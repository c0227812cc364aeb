"""`check`: the kept certificates of proofs, checked again without a solver."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.catalog import listing, shipped
from encoder.base.errors import InputError
from encoder.cli import exits
from encoder.cli.options import costs, give_up
from encoder.cli.selection import chosen_of, tasks_of
from encoder.ledger.certificates import Certificates
from encoder.ledger.obligation import load_obligations
from encoder.ledger.record import Record
from encoder.ledger.run import Task
from encoder.ledger.store import Store
from encoder.spec.load import load_library


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAMES]...", help="As for `verify`: what is proved of them; all."),
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", metavar="S", help="Seconds to build clauses.")] = 60.0,
    results: Annotated[
        str, typer.Option("--results", metavar="DIR", help="The folder with `certificates`.")
    ] = "proofs",
) -> int:
    """Check kept certificates against the specs: proofs of obligations, believed without any solver."""
    if not Path(results, "certificates").is_dir():
        give_up(
            f"there is no folder `{results}/certificates`", "`--results DIR`, or a checkout as the working directory"
        )
    kept = Certificates(Path(results))
    claimed = load_obligations(listing(shipped("proofs/obligations"), "proofs/obligations"))
    if problems := costs(timeout, None):
        raise InputError(problems)
    proved = tuple(each for each in chosen_of(claimed, tuple(names or ())) if each.expect != "refuted")
    records = Store(Path(results)).read_all(proved)
    found = []
    for task in tasks_of(load_library(), proved, timeout):
        word, detail = _checked(kept, task, records.get(task.obligation.id))
        print(f"{word:8} {task.obligation.id}  {detail}".rstrip(), flush=True)
        found.append(word)
    return _summary([word for word in found if word != "none"])


def _summary(found: list[str]) -> int:
    """The last line, of those that there should be a certificate of; the exit code."""
    sys.stdout.write(f"{found.count('holds')}/{len(found)} hold\n" if found else "there is nothing to check\n")
    if "wrong" in found:
        return exits.REFUTED
    return exits.OK if found and found.count("holds") == len(found) else exits.UNDECIDED


def _checked(kept: Certificates, task: Task, record: Record | None) -> tuple[str, str]:
    """A word of `Rechecked`, or "none" where there is no certificate and none was ever given; and what more to say."""
    obligation = task.obligation
    try:
        certificate = kept.read(obligation)
    except ValueError as error:
        return "wrong", f"{kept.path(obligation)}: {error}"
    if certificate is None:
        said = {each.by: each for each in record.opinions} if record is not None else {}
        given = said.get("certificate")
        return ("none", given.detail) if given is not None and given.word != "agrees" else ("missing", "")
    from encoder.verify.recheck import recheck

    found = recheck(certificate, task.program, task.question, vacuous=obligation.expect == "vacuous")
    return found.word, found.detail
