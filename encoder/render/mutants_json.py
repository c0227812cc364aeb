"""What became of mutants as one JSON object. `mutants_object.py` has its shape."""

from typing import Any

from msgspec import convert

from encoder.mutation.answer import MutationAnswer
from encoder.mutation.outcome import MutantOutcome, MutantResult, Score
from encoder.render.contract import schema_of, written
from encoder.render.mutants import HOLDS
from encoder.render.mutants_object import SCHEMA, MutantObject, MutantsObject, OutcomeObject, ScoreObject
from encoder.render.report_object import FlushKind


def render(answer: MutationAnswer) -> str:
    """The object as indented text: the original's outcomes, each mutant's by property, and the scores."""
    return written(
        MutantsObject(
            schema=SCHEMA,
            scenario=answer.scenario,
            variant=answer.variant,
            platform=answer.platform or None,
            model=answer.options.model,
            flush=convert(answer.flush, FlushKind),
            original={name: HOLDS[outcome.word] for name, outcome in answer.original},
            mutants=tuple(_mutant(result) for result in answer.results),
            score=_score(answer.overall),
            scores={name: _score(each) for name, each in answer.scores},
            suspect=tuple(name for name, each in answer.scores if each.suspect),
        )
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of what `render` gives."""
    return schema_of(MutantsObject, "What pinproof mutate --json prints")


def _mutant(result: MutantResult) -> MutantObject:
    outcomes = {name: _outcome(outcome) for name, outcome in result.outcomes}
    return MutantObject(mutant=result.name, kind=result.kind, outcome=result.overall.word, properties=outcomes)


def _outcome(found: MutantOutcome) -> OutcomeObject:
    return OutcomeObject(outcome=found.word, detail=found.detail, steps=found.steps, violated=found.violated)


def _score(found: Score) -> ScoreObject:
    counts: dict[str, int] = dict(found.counts)
    return convert({"noticed": found.noticed, "of": found.total, **counts}, ScoreObject)
