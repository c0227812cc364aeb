"""What `matrix --json` prints."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from encoder.base.result import VerdictWord
from encoder.render.contract import JsonObject, schema_of, written
from encoder.render.matrix import MatrixCell
from encoder.render.report_object import BaseVerdictObject, Count

MatrixVersion = Literal[1]
SCHEMA: MatrixVersion = 1


class CellObject(JsonObject, frozen=True):
    """A verdict."""

    scenario: str
    variant: str
    property: str
    platform: str
    verdict: VerdictWord
    steps: Annotated[Count | None, Meta(description="of the schedule that breaks it; null: there is none")]
    open: Annotated[bool, Meta(description="loops may go on beyond their bounds: the proof is not complete")]
    base: Annotated[BaseVerdictObject | None, Meta(description="null: the variant is a kernel as released")]


class MatrixObject(JsonObject, frozen=True):
    """The verdicts on all properties of scenarios, with variants, on platforms."""

    schema: Annotated[MatrixVersion, Meta(description="the version of this shape")]
    verdicts: tuple[CellObject, ...]


def render(cells: tuple[MatrixCell, ...]) -> str:
    """The object as indented text ending in a newline."""
    return written(MatrixObject(schema=SCHEMA, verdicts=tuple(map(_cell, cells))))


def schema() -> dict[str, Any]:
    """The JSON Schema of what `render` gives."""
    return schema_of(MatrixObject, "What pinproof matrix --json prints")


def _cell(cell: MatrixCell) -> CellObject:
    return CellObject(
        scenario=cell.scenario, variant=cell.variant, property=cell.property, platform=cell.platform,
        verdict=cell.verdict, steps=cell.steps, open=cell.open,
        base=None if cell.base is None else BaseVerdictObject(variant=cell.base.variant, verdict=cell.base.word),
    )  # fmt: skip
