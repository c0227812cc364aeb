"""`explain`: because of which line?"""

import sys

from encoder.cli import exits
from encoder.cli.ask import what_to_type
from encoder.cli.options import one_question
from encoder.cli.question_options import (
    AsJson,
    FlushName,
    Loops,
    Model,
    OnePlatform,
    PropertyName,
    ScenarioName,
    Timeout,
    VariantName,
)
from encoder.cli.telling import Stage, fitted, telling_by_thread
from encoder.explanation.reasons import Explanation
from encoder.render.verdict import where


def explain(
    scenario: ScenarioName = None,
    variant: VariantName = None,
    property: PropertyName = None,
    platform: OnePlatform = None,
    model: Model = None,
    flush: FlushName = None,
    loops: Loops = 4,
    timeout: Timeout = 60.0,
    json: AsJson = False,
) -> int:
    """Because of which line? What a proof rests on, or which changes would have stopped a schedule."""
    if scenario is None:
        return what_to_type("explain", variant)
    asked = one_question(
        scenario=scenario,
        variant=variant,
        property=property,
        platform=platform,
        model=model,
        flush=flush,
        loops=loops,
        timeout=timeout,
    )
    from encoder.explanation.explain import explain as answer

    stage = Stage(f"{asked.scenario}, {asked.variant} {where(asked)}")
    with telling_by_thread(lambda: [stage.line()]):
        found = answer(asked, tell=stage.tell)
    sys.stdout.write(_as_json(found) if json else _as_text(found))
    return exits.OK if found.explained else exits.UNDECIDED


def _as_text(found: Explanation) -> str:
    from encoder.render.reasons import render

    with fitted():
        return render(found)


def _as_json(found: Explanation) -> str:
    from encoder.render.reasons_json import render

    return render(found)
