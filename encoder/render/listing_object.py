"""What `list --json` prints."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from msgspec import Meta

from encoder.render.contract import JsonObject, schema_of, written

ListingVersion = Literal[1]
SCHEMA: ListingVersion = 1


class ListedObject(JsonObject, frozen=True):
    """Something that has a name."""

    kind: Annotated[str, Meta(description="scenario, variant, property, platform, procedure or primitive")]
    name: str
    title: Annotated[str, Meta(description="of a procedure its source and kernel, of a primitive its source")]


class ListingObject(JsonObject, frozen=True):
    """What there is."""

    schema: Annotated[ListingVersion, Meta(description="the version of this shape")]
    listed: tuple[ListedObject, ...]


def render(rows: Iterable[tuple[str, str, str]]) -> str:
    """The object as text; rows are kind, name and title."""
    return written(ListingObject(schema=SCHEMA, listed=tuple(ListedObject(*row) for row in rows)))


def schema() -> dict[str, Any]:
    """Its JSON Schema."""
    return schema_of(ListingObject, "What pinproof list --json prints")
