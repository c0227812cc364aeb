"""`verify --mutants`: the ledger's proofs, each with the mutants that it would have noticed."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from encoder.base.pool import Pool
from encoder.base.result import Progress
from encoder.cli import exits
from encoder.cli.promote import promote_scores
from encoder.cli.telling import elapsed, printed, reached, telling
from encoder.ledger.cache import Cache
from encoder.ledger.folder import Proofs, wanted_scores
from encoder.ledger.mutants import MutantRecord, Wanted
from encoder.ledger.obligation import Obligation
from encoder.ledger.place import rank
from encoder.ledger.scores import Scored
from encoder.ledger.scoring import Unscored, decide, digest
from encoder.spec.fingerprint import Fingerprints
from encoder.spec.model import Library


def verify_mutants(
    library: Library,
    claimed: tuple[Obligation, ...],
    chosen: tuple[Obligation, ...],
    *,
    root: Path | None,
    promote: bool,
    fresh: bool,
    pool: Pool,
    timeout: float,
) -> int:
    """Score the proofs among the chosen obligations, in the processes of `pool`; those that are not stale as recorded.
    What is claimed of one program is scored, and recorded, together."""
    names, cache = {each.id for each in chosen}, Cache()
    proofs = None if root is None else Proofs(root, claimed)
    scores = wanted_scores(claimed, {}) if proofs is None else proofs.wanted()
    wanted = [each for each in scores if names.intersection(each.obligations)]
    known = {} if fresh else _recorded(library, wanted, cache)
    tasks = _tasks(each for each in wanted if each.id not in known)
    scored, unscored = [*known.values()], 0
    for record in scored:
        _tell(_of(record, names), old=True)
    scoring = Scoring(len(wanted), len(known))
    with (
        telling(scoring.lines) as look,
        closing(decide(tasks, timeout=timeout, pool=pool, tell=partial(scoring.tell, look))) as found,
    ):
        for each in found:
            if isinstance(each, Unscored):
                unscored += _tell_unscored(each, names)
            else:
                scored.append(each)
                scoring.done += 1
                _tell(_of(each, names), old=False)
    if promote and proofs is not None:
        prints = Fingerprints()
        promote_scores(proofs, library, (_printed(record, prints) for record in scored))
    return _summary([_of(record, names) for record in scored], unscored)


class Scoring:
    """How far the scores are: that programs are `done`, the recorded ones among them, of how many."""

    def __init__(self, total: int, done: int) -> None:
        self.total = total
        self.done = done
        self.since = time.monotonic()
        self.working: Sequence[Progress] = ()

    def tell(self, look: Callable[[], None], working: Sequence[Progress]) -> None:
        """These are being scored; time to look whether that is to be told."""
        self.working = working
        look()

    def lines(self) -> list[str]:
        """`3 of 12 programs scored, 2 min 5 s; gup-vs-fork/v6.12/sc, mutants tried under SC, 14 of 97`."""
        counted = f"{self.done} of {self.total} programs scored, {elapsed(self.since)}"
        return ["; ".join([counted, *map(reached, self.working)])]


def _printed(record: MutantRecord, prints: Fingerprints) -> Scored:
    return Scored(record=record, specs=prints.of(record.wanted.scenario, record.wanted.variant))


def _of(record: MutantRecord, names: set[str]) -> MutantRecord:
    """The record with the scores of these obligations alone."""
    scores = zip(record.wanted.obligations, record.scores, strict=True)
    return replace(record, scores=tuple(each for name, each in scores if name in names))


def _recorded(library: Library, wanted: Iterable[Wanted], cache: Cache) -> dict[str, MutantRecord]:
    """What is recorded and depends on nothing that has changed."""
    found = {}
    for each in wanted:
        record = cache.score(each, digest(library, each))
        if record is not None and not record.undecided:
            found[each.id] = record
    return found


def _tasks(wanted: Iterable[Wanted]) -> list[list[Wanted]]:
    """A task for each scenario and flush, whose variants have many mutants in common; long ones first.

    Strong platforms come first: what they find is known then.
    """
    found: dict[tuple[str, str], list[Wanted]] = {}
    for each in sorted(wanted, key=lambda each: rank(each.place)):
        found.setdefault((each.scenario, each.flush), []).append(each)
    return sorted(found.values(), key=lambda each: -len(each))


def _tell(record: MutantRecord, *, old: bool) -> None:
    """A line for each obligation."""
    each = record.wanted
    ids = dict(zip(each.properties, each.obligations, strict=True))
    for name, score in record.scores:
        mark = "ZERO" if score.zero else "weak" if score.suspect else "?" if score.of("undecided") else "ok"
        line = f"{mark:<6} {ids[name]}  {score.noticed}/{score.total}"
        printed(line + (" (recorded)" if old else ""), rest=" " * 7)


def _tell_unscored(lost: Unscored, names: set[str]) -> int:
    """A line for each of these obligations; how many there are."""
    ids = [name for wanted in lost.wanted for name in wanted.obligations if name in names]
    for name in ids:
        printed(f"{'?':<6} {name}  not scored: {lost.reason}", rest=" " * 7)
    return len(ids)


def _summary(records: Iterable[MutantRecord], unscored: int) -> int:
    scores = [score for record in records for _, score in record.scores]
    zero, suspect = sum(each.zero for each in scores), sum(each.suspect and not each.zero for each in scores)
    undecided = sum(bool(each.of("undecided")) for each in scores)
    line = f"{len(scores)} proofs; {zero} that notice no mutant, {suspect} more that no mutant breaks"
    line += f", {undecided} with mutants undecided" if undecided else ""
    sys.stdout.write(line + (f", {unscored} not scored" if unscored else "") + "\n")
    return exits.REFUTED if zero else exits.UNDECIDED if undecided or unscored else exits.OK
