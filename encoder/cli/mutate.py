"""`mutate`: would the proof have noticed? Each step taken away or changed, and the properties asked again."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from encoder.base.result import Progress, Report
from encoder.cli import exits
from encoder.cli.options import AsOneObject, Jobs, one_question, processes
from encoder.cli.question_options import FlushName, Loops, Model, OnePlatform, VariantName
from encoder.cli.telling import Stage, fitted, telling
from encoder.render.verdict import where

if TYPE_CHECKING:
    from encoder.mutation.answer import MutationAnswer

OneScenario = Annotated[str, typer.Argument(metavar="SCENARIO", show_default=False)]
AllProperties = Annotated[
    str | None,
    typer.Option(
        "--property", metavar="P", help="Ask this property (default: all of the scenario's).", show_default=False
    ),
]
MutantTimeout = Annotated[float, typer.Option("--timeout", metavar="S", help="Seconds that a mutant may take.")]


def mutate(
    scenario: OneScenario,
    variant: VariantName = None,
    property: AllProperties = None,
    platform: OnePlatform = None,
    model: Model = None,
    flush: FlushName = None,
    loops: Loops = 4,
    timeout: MutantTimeout = 30.0,
    jobs: Jobs = 0,
    json: AsOneObject = False,
) -> int:
    """Would the proof have noticed? The code is made wrong, one thing at a time, and what is proved is asked again."""
    asked = one_question(
        scenario=scenario, variant=variant, property=property, platform=platform, model=model,
        flush=flush, loops=loops, timeout=timeout, jobs=jobs,
    )  # fmt: skip
    from encoder.mutation.answer import answer
    from encoder.mutation.decide import Options
    from encoder.mutation.make import MutantSource
    from encoder.spec.load import load_library

    library = load_library(scenario=asked.scenario, variant=asked.variant, property=asked.property)
    source = MutantSource(
        library=library, scenario=asked.scenario, variant=asked.variant, flush=asked.flush, platform=asked.platform
    )
    names = (asked.property,) if property is not None else library.scenarios[0].properties
    options = Options(model=asked.model, timeout=timeout, loops=loops)
    stage = Stage(f"the mutants of {asked.scenario}, {asked.variant} {where(asked)}")
    with telling(lambda: [stage.line()]) as look:

        def tell(told: Progress | Report) -> None:
            stage.tell(told)
            look()

        found = answer(source, names, options, processes(jobs), tell)
    sys.stdout.write(_as_json(found) if json else _as_text(found))
    undecided = any(outcome.word == "undecided" for _, outcome in found.original)
    undecided = undecided or any(each.of("undecided") for _, each in found.scores)
    return exits.UNDECIDED if undecided else exits.OK


def _as_text(found: "MutationAnswer") -> str:
    from encoder.render.mutants import text

    with fitted():
        return text(found)


def _as_json(found: "MutationAnswer") -> str:
    from encoder.render.mutants_json import render

    return render(found)
