"""The ledger's proofs put to the test: each asked again of mutants of what it is about."""

import hashlib
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from encoder.base.errors import SelfCheckError
from encoder.base.limits import Limits
from encoder.base.pool import Finished, Pool, Told, WorkItem
from encoder.base.result import Progress, Report, Tell, silent
from encoder.base.worker import Lost, WorkerPipe, settled
from encoder.ledger.cache import Cache
from encoder.ledger.digest import SCORE, encoder_digest, solver_version
from encoder.ledger.mutants import MutantRecord, Wanted
from encoder.mutation.answer import mutant_results
from encoder.mutation.decide import Options
from encoder.mutation.make import MutantSource, mutants
from encoder.mutation.outcome import MutantResult, MutantWord, score
from encoder.mutation.runner import KnownOutcomes
from encoder.spec.load import load_library
from encoder.spec.model import Library

TellAll = Callable[[Sequence[Progress]], None]
"""Gets how far several are."""


@dataclass(frozen=True, slots=True)
class Unscored:
    """Programs whose worker process ended, for this reason, before all of them were scored."""

    wanted: Sequence[Wanted]
    reason: str


def decide(
    tasks: Sequence[Sequence[Wanted]], *, timeout: float, pool: Pool, tell: TellAll = lambda _: None
) -> Generator[MutantRecord | Unscored, None, None]:
    """The records of these tasks as their processes end; in the cache each stands as soon as it is known. `tell` gets a
    few times a second how far those are that are being scored.

    What is wanted in one task shares what is found. Raises SelfCheckError where the search disagrees with the solver.
    Closing the iterator kills what still runs.
    """
    items = [
        WorkItem(number, partial(_work, task, timeout, pool.keeps), Limits(seconds=inf))
        for number, task in enumerate(tasks)
    ]
    working: dict[int, Progress] = {}
    with closing(pool.work_off(items, modules=["encoder.ledger.scoring"])) as events:
        for event in events:
            match event:
                case Finished(task=number):
                    working.pop(number, None)
                    found = settled(event.outcome)
                    if isinstance(found, Lost):
                        yield Unscored(tasks[number], found.reason)
                        continue
                    if not pool.keeps:
                        _keep(found)
                    yield from found
                case Told(task=number, so_far=Progress() as told):
                    working[number] = told
            tell(tuple(working.values()))


def digest(library: Library, wanted: Wanted) -> str:
    """SHA-256 of what the scores depend on: the program, the mutants made of it, the source that judges them, z3."""
    source = MutantSource(library=library, scenario=wanted.scenario, variant=wanted.variant, flush=wanted.flush)
    program = source.program()
    made = [mutant.name for mutant in mutants(source, program)]
    parts = (repr(program), repr(wanted), repr(made), encoder_digest(SCORE), solver_version())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _keep(records: Iterable[MutantRecord]) -> None:
    """Keep what others have found, who had no cache of ours."""
    library, cache = load_library(), Cache()
    for each in records:
        cache.keep_score(each, digest(library, each.wanted))


def _work(task: Sequence[Wanted], timeout: float, keeps: bool, line: WorkerPipe) -> tuple[MutantRecord, ...]:
    """Runs in the worker."""
    library = load_library()
    known: KnownOutcomes = {}
    cache = Cache()
    found = []
    for wanted in task:
        try:
            record = scored(library, wanted, timeout, known, partial(_tell_of, wanted, line))
        except SelfCheckError as error:
            raise SelfCheckError(f"{wanted.id}: {error}") from error
        if keeps:
            cache.keep_score(record, digest(library, wanted))
        found.append(record)
    return tuple(found)


def _tell_of(wanted: Wanted, line: WorkerPipe, told: Progress | Report) -> None:
    """Tell of which program this is told."""
    if isinstance(told, Progress):
        line.so_far(replace(told, reached=f"{wanted.id}, {told.reached}"))


def scored(library: Library, wanted: Wanted, timeout: float, known: KnownOutcomes, tell: Tell = silent) -> MutantRecord:
    """The mutants of one program judged under one memory model, `timeout` seconds for each."""
    source = MutantSource(library=library, scenario=wanted.scenario, variant=wanted.variant, flush=wanted.flush)
    program = source.program()
    options = Options(model=wanted.model, timeout=timeout, depth=wanted.depth)
    found = mutant_results(source, program, mutants(source, program), wanted.properties, options, known, tell)
    return MutantRecord(
        wanted=wanted,
        mutants=len(found),
        scores=tuple((name, score(dict(fate.outcomes)[name] for fate in found)) for name in wanted.properties),
        survived=_named(found, "survived"),
        undecided=_named(found, "undecided"),
    )


def _named(found: Iterable[MutantResult], word: MutantWord) -> tuple[str, ...]:
    return tuple(fate.name for fate in found if fate.overall.word == word)
