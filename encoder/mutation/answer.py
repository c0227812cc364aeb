"""Answers which mutants of a proved program the proofs would notice."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from math import inf

from encoder.base.limits import Limits
from encoder.base.pool import Finished, Told, WorkItem, work_off
from encoder.base.result import Progress, Tell, silent
from encoder.base.worker import Lost, WorkerPipe, settled
from encoder.memory import MODELS, of_interleavings
from encoder.mutation.decide import Options
from encoder.mutation.make import MutantSource, mutants
from encoder.mutation.mutant import Mutant
from encoder.mutation.outcome import MutantOutcome, MutantResult, Score, score
from encoder.mutation.runner import KnownOutcomes, MutantRunner
from encoder.program.core import Program
from encoder.program.lookup import property_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationAnswer:
    """`original` has the outcome of the unmutated program by property: "survived" where it is proved. Mutants are
    judged by the proved properties only; `results` has a result for each."""

    scenario: str
    variant: str
    flush: str
    platform: str
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


def answer(
    source: MutantSource, names: Sequence[str], options: Options, jobs: int = 1, tell: Tell = silent
) -> MutationAnswer:
    """Judge the program's mutants by those of these properties that are proved, in `jobs` processes; `tell` gets how
    many have been tried. Properties that the program's kernel is not asked for are left out.

    Raises InputError for wrong specs and if none is left, SelfCheckError where the search disagrees with the solver.
    """
    program = source.program()
    asked = {each.name for each in program.properties}
    names = tuple(name for name in names if name in asked) or (property_of(program, names[0]).name,)
    original = _judge_original(source, program, names, options, jobs, tell)
    proved = tuple(name for name in names if original[name].word == "survived")
    found = _judge_in_processes(source, program, proved, options, jobs, tell) if proved else ()
    return MutationAnswer(
        scenario=source.scenario,
        variant=source.variant,
        flush=source.flush,
        platform=source.platform,
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
    tell: Tell = silent,
) -> tuple[MutantResult, ...]:
    """The results of mutants: under sequential consistency first, then under a weaker model if that is asked. `tell`
    gets how many have been tried under either."""
    model = MODELS[options.model]
    stronger: dict[str, MutantResult] = {}
    if model.allows_interleavings and not model.total:
        first = replace(options, model=of_interleavings().name)
        runner, tried = MutantRunner(source, program, first, known), _counted(chosen, first, tell)
        stronger = {result.name: result for result in runner.results(tried, names, {})}
    tried = _counted(chosen, options, tell)
    return tuple(MutantRunner(source, program, options, known).results(tried, names, stronger))


def _counted(chosen: Sequence[Mutant], options: Options, tell: Tell) -> Iterator[Mutant]:
    """These mutants; before each, and at the end, it is told how many have been tried."""
    told = Progress(reached=f"mutants tried under {options.model.upper()}", of=len(chosen))
    for done, mutant in enumerate(chosen):
        tell(replace(told, done=done))
        yield mutant
    tell(replace(told, done=len(chosen)))


def _judge_original(
    source: MutantSource, program: Program, names: tuple[str, ...], options: Options, jobs: int, tell: Tell
) -> dict[str, MutantOutcome]:
    """The outcomes of the unmutated program."""
    told = Progress(reached="the code as it is")
    tell(told)
    if jobs == 1:
        return _proved(source, program, names, options)
    job = partial(_proved, source, program, names, options)
    item = WorkItem("", job, Limits(seconds=inf))
    found: dict[str, MutantOutcome] = {}
    with closing(work_off([item], jobs=1, modules=["encoder.mutation.answer"])) as events:
        for event in events:
            if isinstance(event, Finished):
                judged = settled(event.outcome)
                if not isinstance(judged, Lost):
                    return judged
                found = dict.fromkeys(names, MutantOutcome(word="undecided", detail=judged.reason))
            tell(told)
    return found


def _proved(
    source: MutantSource, program: Program, names: tuple[str, ...], options: Options, _: WorkerPipe | None = None
) -> dict[str, MutantOutcome]:
    """Runs in a worker, if there are several."""
    return MutantRunner(source, program, options, {}).proved(names)


def _judge_in_processes(
    source: MutantSource, program: Program, names: tuple[str, ...], options: Options, jobs: int, tell: Tell
) -> tuple[MutantResult, ...]:
    """The results of all mutants; process i of n judges every n-th mutant from the i-th on."""
    chosen = mutants(source, program)
    if jobs == 1:
        return mutant_results(source, program, chosen, names, options, {}, tell)
    parts = [chosen[first::jobs] for first in range(jobs)]
    items = [
        WorkItem(number, partial(_work, source, program, part, names, options), Limits(seconds=inf))
        for number, part in enumerate(parts)
    ]
    found: dict[str, MutantResult] = {}
    whole = _Whole(len(chosen), tell)
    with closing(work_off(items, jobs=jobs, modules=["encoder.mutation.answer"])) as events:
        for event in events:
            match event:
                case Finished(task=number):
                    judged = settled(event.outcome)
                    part = _undecided(parts[number], names, judged.reason) if isinstance(judged, Lost) else judged
                    found |= {result.name: result for result in part}
                case Told(task=number, so_far=Progress() as told):
                    whole.add(number, told)
                case _:
                    whole.tell_again()
    return tuple(found[each.name] for each in chosen if each.name in found)


def _work(
    source: MutantSource, program: Program, chosen: Sequence[Mutant], names: tuple[str, ...], options: Options,
    line: WorkerPipe,
) -> tuple[MutantResult, ...]:  # fmt: skip
    """Runs in the worker."""
    return mutant_results(source, program, chosen, names, options, {}, line.so_far)


class _Whole:
    """What processes have told of their parts, told of the whole."""

    def __init__(self, of: int, tell: Tell) -> None:
        self.last = Progress(reached="mutants tried", of=of)
        self.tell = tell
        self.done: dict[tuple[str, int], int] = {}

    def add(self, number: int, told: Progress) -> None:
        """Process `number` has told this."""
        self.done[told.reached, number] = told.done
        done = sum(count for (reached, _), count in self.done.items() if reached == told.reached)
        self.last = replace(self.last, reached=told.reached, done=done)
        self.tell_again()

    def tell_again(self) -> None:
        self.tell(self.last)


def _undecided(chosen: Sequence[Mutant], names: tuple[str, ...], reason: str) -> tuple[MutantResult, ...]:
    """The results of mutants whose worker died."""
    outcome = MutantOutcome(word="undecided", detail=reason)
    return tuple(
        MutantResult(name=each.name, kind=each.kind, outcomes=tuple((name, outcome) for name in names))
        for each in chosen
    )
