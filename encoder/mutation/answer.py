"""Answers which mutants of a proved program the proofs would notice."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from encoder.base.limits import Limits
from encoder.base.pool import Finished, WorkItem, work_off
from encoder.base.worker import Lost, WorkerPipe, settled
from encoder.memory import MODELS, of_interleavings
from encoder.mutation.decide import Options
from encoder.mutation.make import MutantSource, mutants
from encoder.mutation.mutant import Mutant
from encoder.mutation.outcome import MutantOutcome, MutantResult, Score, score
from encoder.mutation.runner import KnownOutcomes, MutantRunner
from encoder.program.core import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationAnswer:
    """`original` has the outcome of the unmutated program by property: "survived" where it is proved. Mutants are
    judged by the proved properties only; `results` has a result for each."""

    scenario: str
    variant: str
    flush: str
    options: Options
    original: tuple[tuple[str, MutantOutcome], ...]
    results: tuple[MutantResult, ...]

    @property
    def proved(self) -> tuple[str, ...]:
        return tuple(name for name, outcome in self.original if outcome.word == "survived")

    @property
    def overall(self) -> Score:
        return score(result.overall for result in self.results)

    @property
    def scores(self) -> tuple[tuple[str, Score], ...]:
        """The score of each proved property."""
        return tuple((name, score(dict(result.outcomes)[name] for result in self.results)) for name in self.proved)


def answer(source: MutantSource, names: Sequence[str], options: Options, jobs: int = 1) -> MutationAnswer:
    """Judge the program's mutants by those of these properties that are proved, in `jobs` processes.

    Raises InputError for wrong specs, SelfCheckError where the search disagrees with the solver.
    """
    program = source.program()
    known: KnownOutcomes = {}
    original = MutantRunner(source, program, options, known).proved(tuple(names))
    proved = tuple(name for name in names if original[name].word == "survived")
    found = _judge_in_processes(source, program, proved, options, jobs) if proved else ()
    return MutationAnswer(
        scenario=source.scenario,
        variant=source.variant,
        flush=source.flush,
        options=options,
        original=tuple((name, original[name]) for name in names),
        results=found,
    )


def mutant_results(
    source: MutantSource,
    program: Program,
    chosen: Sequence[Mutant],
    names: tuple[str, ...],
    options: Options,
    known: KnownOutcomes,
) -> tuple[MutantResult, ...]:
    """The results of mutants: under sequential consistency first, then under a weaker model if that is asked."""
    model = MODELS[options.model]
    stronger: dict[str, MutantResult] = {}
    if model.allows_interleavings and not model.total:
        first = replace(options, model=of_interleavings().name)
        stronger = {
            result.name: result for result in MutantRunner(source, program, first, known).results(chosen, names, {})
        }
    return tuple(MutantRunner(source, program, options, known).results(chosen, names, stronger))


def _judge_in_processes(
    source: MutantSource, program: Program, names: tuple[str, ...], options: Options, jobs: int
) -> tuple[MutantResult, ...]:
    """The results of all mutants; process i of n judges every n-th mutant from the i-th on."""
    chosen = mutants(source, program)
    if jobs == 1:
        return mutant_results(source, program, chosen, names, options, {})
    parts = [chosen[first::jobs] for first in range(jobs)]
    items = [
        WorkItem(part, partial(_work, source, program, part, names, options), Limits(seconds=inf)) for part in parts
    ]
    found: dict[str, MutantResult] = {}
    with closing(work_off(items, jobs=jobs, modules=["encoder.mutation.answer"])) as events:
        for event in events:
            if isinstance(event, Finished):
                judged = settled(event.outcome)
                part = _undecided(event.task, names, judged.reason) if isinstance(judged, Lost) else judged
                found |= {result.name: result for result in part}
    return tuple(found[each.name] for each in chosen if each.name in found)


def _work(
    source: MutantSource, program: Program, chosen: Sequence[Mutant], names: tuple[str, ...], options: Options,
    _: WorkerPipe,
) -> tuple[MutantResult, ...]:  # fmt: skip
    """Runs in the worker."""
    return mutant_results(source, program, chosen, names, options, {})


def _undecided(chosen: Sequence[Mutant], names: tuple[str, ...], reason: str) -> tuple[MutantResult, ...]:
    """The results of mutants whose worker died."""
    outcome = MutantOutcome(word="undecided", detail=reason)
    return tuple(
        MutantResult(name=each.name, kind=each.kind, outcomes=tuple((name, outcome) for name in names))
        for each in chosen
    )
