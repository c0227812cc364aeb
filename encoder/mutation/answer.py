"""A question about mutants to its answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from encoder.base.errors import SelfCheckError
from encoder.memory import MODELS, of_interleavings
from encoder.mutation.decide import Options
from encoder.mutation.make import MutantSource, mutants
from encoder.mutation.mutant import Mutant
from encoder.mutation.outcome import MutantOutcome, MutantResult, Score, score
from encoder.mutation.runner import KnownOutcomes, MutantRunner
from encoder.program.core import Program

if TYPE_CHECKING:
    from pebble import ProcessFuture


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationAnswer:
    """`original` is what holds of the program as it is, by property: "survived" where it is proved. Only of what is
    proved are the mutants asked."""

    scenario: str
    variant: str
    flush: str
    terms: Options
    original: tuple[tuple[str, MutantOutcome], ...]
    fates: tuple[MutantResult, ...]

    @property
    def proved(self) -> tuple[str, ...]:
        return tuple(name for name, outcome in self.original if outcome.word == "survived")

    @property
    def overall(self) -> Score:
        return score(fate.overall for fate in self.fates)

    @property
    def scores(self) -> tuple[tuple[str, Score], ...]:
        """For each proved property."""
        return tuple((name, score(dict(fate.outcomes)[name] for fate in self.fates)) for name in self.proved)


def answer(source: MutantSource, names: Sequence[str], terms: Options, jobs: int = 1) -> MutationAnswer:
    """Judge the mutants of what is proved of these properties, in `jobs` processes.

    Raises InputError for wrong specs, SelfCheckError where the search disagrees with the solver.
    """
    program = source.program()
    known: KnownOutcomes = {}
    original = MutantRunner(source, program, terms, known).proved(tuple(names))
    proved = tuple(name for name in names if original[name].word == "survived")
    found = _shared(source, program, proved, terms, jobs) if proved else ()
    return MutationAnswer(
        scenario=source.scenario,
        variant=source.variant,
        flush=source.flush,
        terms=terms,
        original=tuple((name, original[name]) for name in names),
        fates=found,
    )


def fates(
    source: MutantSource,
    program: Program,
    chosen: Sequence[Mutant],
    names: tuple[str, ...],
    terms: Options,
    known: KnownOutcomes,
) -> tuple[MutantResult, ...]:
    """The fates of mutants: under sequential consistency, then under a weaker model if that is asked."""
    model = MODELS[terms.model]
    stronger: dict[str, MutantResult] = {}
    if model.allows_interleavings and not model.total:
        first = replace(terms, model=of_interleavings().name)
        stronger = {fate.name: fate for fate in MutantRunner(source, program, first, known).fates(chosen, names, {})}
    return tuple(MutantRunner(source, program, terms, known).fates(chosen, names, stronger))


def _shared(
    source: MutantSource, program: Program, names: tuple[str, ...], terms: Options, jobs: int
) -> tuple[MutantResult, ...]:
    """The fates of all mutants, each process with every so-manieth of them."""
    chosen = mutants(source, program)
    if jobs == 1:
        return fates(source, program, chosen, names, terms, {})
    from multiprocessing import get_context

    from pebble import ProcessPool

    with ProcessPool(max_workers=jobs, context=get_context("spawn")) as pool:
        waiting: list[ProcessFuture[tuple[MutantResult, ...] | str]] = [
            pool.schedule(_work, args=(source, program, chosen[first::jobs], names, terms)) for first in range(jobs)
        ]
        found: dict[str, MutantResult] = {}
        for future in waiting:
            part = future.result()
            if isinstance(part, str):
                raise SelfCheckError(part)
            found |= {fate.name: fate for fate in part}
    return tuple(found[each.name] for each in chosen if each.name in found)


def _work(
    source: MutantSource, program: Program, chosen: Sequence[Mutant], names: tuple[str, ...], terms: Options
) -> tuple[MutantResult, ...] | str:
    """Runs in a worker. A failed self-check comes back as its message."""
    try:
        return fates(source, program, chosen, names, terms, {})
    except SelfCheckError as error:
        return str(error)
