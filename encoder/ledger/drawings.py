"""proofs/schedules/SCENARIO.md: the schedules that break a property, drawn."""

from encoder.ledger.schedules import SharedSchedule
from encoder.ledger.statement import ScenarioStatement
from encoder.render.text import witness_lines
from encoder.render.verdict import FLUSHES

INTRODUCTION = """\
# {scenario}: what breaks

{title}.

{scope}

`pinproof replay proofs/schedules/{scenario}.json` runs each of these again, without the solver. Under a memory model
that is weaker than sequential consistency a step may see an older value than the last one above it; it is said where.
"""


def drawings(statement: ScenarioStatement, title: str, scope: str) -> str:
    """The page as Markdown; `title` and `scope` are those of the scenario."""
    head = INTRODUCTION.format(
        scenario=statement.scenario, title=title[:1].upper() + title[1:], scope=" ".join(scope.split())
    )
    return "\n".join([head, *map(_drawn, statement.schedules())])


def anchor(name: str) -> str:
    """Of an obligation, by id, the place on the page of its scenario."""
    return name.partition("/")[2].replace("/", ".")


def _drawn(schedule: SharedSchedule) -> str:
    strongest = schedule.breaks[0]
    *most, last = (question.model.upper() for question in schedule.breaks)
    models = f"{', '.join(most)} and {last}" if most else last
    places = "".join(f'<a id="{anchor(name)}"></a>' for name in schedule.names())
    lines = witness_lines(schedule.under(strongest.model), strongest.model)
    head = f"## {strongest.variant}: {strongest.property}, {FLUSHES[strongest.flush]}, under {models}"
    return "\n".join([places, "", head, "", "```", *lines, "```", ""])
