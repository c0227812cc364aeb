"""The ledger's proofs put to the test: for each, how many mutants of what it is about would have been noticed."""

import hashlib
import json
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from math import inf
from pathlib import Path
from typing import get_args

from encoder.base.errors import SelfCheckError
from encoder.base.limits import Limits
from encoder.base.pool import Assignment, Finished, work_off
from encoder.base.worker import Lost, WorkerPipe, settled
from encoder.ledger.digest import SCORE, encoder_digest, solver_version
from encoder.ledger.files import UNREADABLE, write_whole
from encoder.ledger.obligation import Obligation
from encoder.mutation.answer import fates
from encoder.mutation.decide import Options
from encoder.mutation.make import MutantSource, mutants
from encoder.mutation.outcome import MutantResult, MutantWord, Score, score
from encoder.mutation.runner import KnownOutcomes
from encoder.spec.load import load_library
from encoder.spec.model import Library

SCHEMA = 1
PROVED = ("complete", "bounded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the ledger says is proved of one program under one memory model, for schedules of at most `depth` steps."""

    scenario: str
    variant: str
    flush: str
    model: str
    depth: int | None
    properties: tuple[str, ...]

    @property
    def id(self) -> str:
        return "/".join((self.scenario, self.variant, self.model, self.flush))

    @property
    def obligations(self) -> tuple[str, ...]:
        """The ids of the obligations, in the order of the properties."""
        return tuple("/".join((self.scenario, self.variant, each, self.model, self.flush)) for each in self.properties)


@dataclass(frozen=True, slots=True, kw_only=True)
class MutantRecord:
    """`scores` gives each property the number of mutants by outcome; `survived` and `undecided` name those that no
    property noticed. `digest` is of all that this depends on."""

    wanted: Wanted
    mutants: int
    scores: tuple[tuple[str, Score], ...]
    survived: tuple[str, ...]
    undecided: tuple[str, ...]
    digest: str
    solver: str

    def as_text(self) -> str:
        shown = {"schema": SCHEMA, **asdict(self), "scores": {name: dict(each.counts) for name, each in self.scores}}
        return json.dumps(shown, indent=1, ensure_ascii=False) + "\n"


def record_from(text: str) -> MutantRecord | None:
    """The record in `text`, None if it holds none of this schema."""
    try:
        found = json.loads(text)
        if found.pop("schema") != SCHEMA:
            return None
        wanted = found.pop("wanted")
        wanted["properties"] = tuple(wanted["properties"])
        scores = found.pop("scores")
        record = MutantRecord(
            wanted=Wanted(**wanted),
            scores=tuple((name, Score(counts=tuple(each.items()))) for name, each in scores.items()),
            survived=tuple(found.pop("survived")),
            undecided=tuple(found.pop("undecided")),
            **found,
        )
        return record if _possible(record) else None
    except UNREADABLE:
        return None


def _possible(record: MutantRecord) -> bool:
    """Whether a record is one that could have been written: the outcomes of each property are those of all mutants."""
    counts = [dict(each.counts) for _, each in record.scores]
    return (
        tuple(name for name, _ in record.scores) == record.wanted.properties
        and all(type(n) is int and n >= 0 for each in counts for n in each.values())
        and all(set(each) == set(get_args(MutantWord)) and sum(each.values()) == record.mutants for each in counts)
    )


def wanted_of(obligations: Iterable[Obligation]) -> tuple[Wanted, ...]:
    """What the obligations claim to be proved, one for each program, memory model and depth."""
    found: dict[tuple[str, str, str, str, int | None], list[str]] = {}
    for each in obligations:
        if each.expect in PROVED:
            key = (each.scenario, each.variant, each.flush, each.model, each.depth)
            found.setdefault(key, []).append(each.property)
    return tuple(
        Wanted(scenario=scenario, variant=variant, flush=flush, model=model, depth=depth, properties=tuple(names))
        for (scenario, variant, flush, model, depth), names in found.items()
    )


def digest(library: Library, wanted: Wanted) -> str:
    """SHA-256 of what the scores depend on: the program, the mutants made of it, the source that judges them, z3."""
    source = MutantSource(library=library, scenario=wanted.scenario, variant=wanted.variant, flush=wanted.flush)
    program = source.program()
    made = [mutant.name for mutant in mutants(source, program)]
    parts = (repr(program), repr(wanted), repr(made), encoder_digest(SCORE), solver_version())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def path_of(root: Path, wanted: Wanted) -> Path:
    depth = "" if wanted.depth is None else f".{wanted.depth}"
    return root / "mutants" / wanted.scenario / wanted.variant / f"{wanted.model}.{wanted.flush}{depth}.json"


def read(root: Path, wanted: Wanted) -> MutantRecord | None:
    """The record of these proofs; None if there is none, or it cannot be read."""
    try:
        record = record_from(path_of(root, wanted).read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return record if record is not None and record.wanted == wanted else None


def decide(
    tasks: Sequence[Sequence[Wanted]], *, timeout: float, root: Path | None, jobs: int
) -> Generator[MutantRecord, None, None]:
    """The records of these tasks as their processes end; below `root` each stands as soon as it is known.

    What is wanted in one task shares what is found. Raises SelfCheckError where the search disagrees with the solver.
    Closing the iterator kills what still runs.
    """
    assignments = [Assignment(task, partial(_work, task, timeout, root), Limits(seconds=inf)) for task in tasks]
    with closing(work_off(assignments, jobs=jobs, modules=["encoder.ledger.mutants"])) as events:
        for event in events:
            if isinstance(event, Finished):
                found = settled(event.outcome)
                if isinstance(found, Lost):
                    raise RuntimeError(f"{', '.join(wanted.id for wanted in event.task)}: {found.reason}")
                yield from found


def _work(task: Sequence[Wanted], timeout: float, root: Path | None, _: WorkerPipe) -> tuple[MutantRecord, ...]:
    """Runs in the worker."""
    library = load_library()
    known: KnownOutcomes = {}
    found = []
    for wanted in task:
        try:
            record = scored(library, wanted, timeout, known)
        except SelfCheckError as error:
            raise SelfCheckError(f"{wanted.id}: {error}") from error
        if root is not None:
            keep(root, record)
        found.append(record)
    return tuple(found)


def keep(root: Path, record: MutantRecord) -> None:
    """Write a record, unless more is recorded as decided of the same."""
    known = read(root, record.wanted)
    if known is None or known.digest != record.digest or len(known.undecided) >= len(record.undecided):
        write_whole(path_of(root, record.wanted), record.as_text())


def scored(library: Library, wanted: Wanted, timeout: float, known: KnownOutcomes) -> MutantRecord:
    """The mutants of one program judged under one memory model, `timeout` seconds for each."""
    source = MutantSource(library=library, scenario=wanted.scenario, variant=wanted.variant, flush=wanted.flush)
    program = source.program()
    terms = Options(model=wanted.model, timeout=timeout, depth=wanted.depth)
    found = fates(source, program, mutants(source, program), wanted.properties, terms, known)
    return MutantRecord(
        wanted=wanted,
        mutants=len(found),
        scores=tuple((name, score(dict(fate.outcomes)[name] for fate in found)) for name in wanted.properties),
        survived=_named(found, "survived"),
        undecided=_named(found, "undecided"),
        digest=digest(library, wanted),
        solver=solver_version(),
    )


def _named(found: Iterable[MutantResult], word: MutantWord) -> tuple[str, ...]:
    return tuple(fate.name for fate in found if fate.overall.word == word)
