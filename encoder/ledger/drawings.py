"""proofs/schedules/SCENARIO.md: the schedules that break a property, drawn."""

from encoder.ledger.place import place_of
from encoder.ledger.schedules import SharedSchedule
from encoder.ledger.statement import ScenarioStatement
from encoder.render.platforms import listed
from encoder.render.text import witness_lines

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
    places = listed([place_of(question) for question in schedule.breaks])
    anchors = "".join(f'<a id="{anchor(name)}"></a>' for name in schedule.names())
    lines = witness_lines(schedule.under(strongest.model), strongest.model)
    head = f"## {strongest.variant}: {strongest.property}, on {places}"
    return "\n".join([anchors, "", head, "", "```", *lines, "```", ""])
