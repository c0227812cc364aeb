"""`verify --mutants`: the ledger's proofs, each with the mutants that it would have noticed."""

import sys
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from encoder.base.errors import InputError
from encoder.cli import exits
from encoder.ledger.mutants import MutantRecord, Wanted, decide, digest, path_of, read, wanted_of
from encoder.ledger.mutants_page import mutants
from encoder.ledger.obligation import Obligation
from encoder.ledger.record import Record
from encoder.ledger.store import Store
from encoder.ledger.survivors import load_explanations, unfitting
from encoder.memory import MODELS
from encoder.spec.model import Library


def verify_mutants(
    library: Library,
    claimed: tuple[Obligation, ...],
    chosen: tuple[Obligation, ...],
    *,
    root: Path | None,
    fresh: bool,
    jobs: int,
    timeout: float,
) -> int:
    """Score the proofs among the chosen obligations, in `jobs` processes; those that are not stale as recorded. What is
    claimed of one program is scored, and recorded, together."""
    names = {each.id for each in chosen}
    records = {} if root is None else Store(root).read_all(claimed)
    wanted = [each for each in wanted_scores(claimed, records) if names.intersection(each.obligations)]
    known = {} if fresh or root is None else _recorded(library, wanted, root)
    tasks = _tasks(each for each in wanted if each.id not in known)
    scored = [_of(record, names) for record in known.values()]
    for record in scored:
        _tell(record, old=True)
    workers = min(jobs, max(1, len(tasks)))
    with closing(decide(tasks, timeout=timeout, root=root, jobs=workers)) as found:
        for record in found:
            scored.append(_of(record, names))
            _tell(scored[-1], old=False)
    return _summary(scored)


def _of(record: MutantRecord, names: set[str]) -> MutantRecord:
    """The record with the scores of these obligations alone."""
    scores = zip(record.wanted.obligations, record.scores, strict=True)
    return replace(record, scores=tuple(each for name, each in scores if name in names))


def wanted_scores(obligations: Iterable[Obligation], records: Mapping[str, Record]) -> tuple[Wanted, ...]:
    """The proofs to score, without what was recorded as none. One that needs more than the loops' bounds is scored for
    schedules of at most its own length: of mutants it is not known whether further rounds change something."""
    wanted = []
    for each in obligations:
        record = records.get(each.id)
        if record is None:
            wanted.append(each)
        elif record.found == each.expect:
            wanted.append(replace(each, depth=record.steps) if record.detail else each)
    return wanted_of(wanted)


def _recorded(library: Library, wanted: Iterable[Wanted], root: Path) -> dict[str, MutantRecord]:
    """What is recorded and depends on nothing that has changed."""
    found = {}
    for each in wanted:
        record = read(root, each)
        if record is not None and not record.undecided and record.digest == digest(library, each):
            found[each.id] = record
    return found


def _tasks(wanted: Iterable[Wanted]) -> list[list[Wanted]]:
    """A task for each scenario and flush, whose variants have many mutants in common; long ones first.

    Strong memory models come first: what they find is known then.
    """
    models = list(MODELS)
    found: dict[tuple[str, str], list[Wanted]] = {}
    for each in sorted(wanted, key=lambda each: models.index(each.model)):
        found.setdefault((each.scenario, each.flush), []).append(each)
    return sorted(found.values(), key=lambda each: -len(each))


def _tell(record: MutantRecord, *, old: bool) -> None:
    """A line for each obligation."""
    each = record.wanted
    ids = dict(zip(each.properties, each.obligations, strict=True))
    for name, score in record.scores:
        mark = "ZERO" if score.zero else "weak" if score.suspect else "?" if score.of("undecided") else "ok"
        line = f"{mark:<6} {ids[name]}  {score.noticed}/{score.total}"
        print(line + (" (recorded)" if old else ""), flush=True)


def _summary(records: Iterable[MutantRecord]) -> int:
    scores = [score for record in records for _, score in record.scores]
    zero, suspect = sum(each.zero for each in scores), sum(each.suspect and not each.zero for each in scores)
    undecided = sum(bool(each.of("undecided")) for each in scores)
    line = f"{len(scores)} proofs; {zero} that notice no mutant, {suspect} more that no mutant breaks"
    sys.stdout.write(line + (f", {undecided} with mutants undecided" if undecided else "") + "\n")
    return exits.REFUTED if zero else exits.UNDECIDED if undecided else exits.OK


def prune(root: Path, wanted: Iterable[Wanted]) -> None:
    """Remove the records of what is no longer claimed."""
    kept = {path_of(root, each) for each in wanted}
    for path in sorted((root / "mutants").rglob("*.json")):
        if path not in kept:
            path.unlink()


def page_of(root: Path, wanted: tuple[Wanted, ...]) -> str:
    """What proofs/README.md says of mutants.

    Raises InputError for an explanation that fits no survivor, once all proofs under SC are scored.
    """
    records = [record for each in wanted if (record := read(root, each)) is not None]
    explanations = load_explanations(root / "survivors.yaml")
    if not unscored(root, wanted) and (problems := unfitting(explanations, records)):
        raise InputError(problems)
    return mutants(records, explanations, wanted)


def unscored(root: Path, wanted: Iterable[Wanted]) -> list[Wanted]:
    """The proofs under the strongest memory model of which no score is recorded, or none that can be read."""
    strongest, *_ = MODELS
    return [each for each in wanted if each.model == strongest and read(root, each) is None]
