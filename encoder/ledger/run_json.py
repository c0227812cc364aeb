"""A run of the ledger as one JSON object. `run_object.py` has its shape."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, get_args

from encoder import __version__
from encoder.ledger.obligation import Obligation
from encoder.ledger.record import Record, beside, standing
from encoder.ledger.run_object import SCHEMA, ResultObject, RunObject, Standing
from encoder.render.contract import schema_of, written
from encoder.render.json import witness_object


def render(chosen: Iterable[Obligation], known: Mapping[str, Record], recorded: Collection[str]) -> str:
    """The object as indented text; `recorded` names the obligations that repeat an earlier run."""
    results = tuple(_result(each, known.get(each.id), each.id in recorded) for each in chosen)
    counts = Counter(each.standing for each in results)
    words: tuple[Standing, ...] = get_args(Standing)
    return written(
        RunObject(
            schema=SCHEMA,
            tool=f"pinproof {__version__}",
            counts={word: counts[word] for word in words},
            results=results,
        )
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of what `render` gives."""
    return schema_of(RunObject, "What pinproof verify --json prints")


def _result(obligation: Obligation, record: Record | None, recorded: bool) -> ResultObject:
    return ResultObject(
        id=obligation.id,
        scenario=obligation.scenario,
        variant=obligation.variant,
        property=obligation.property,
        place=obligation.place,
        expect=obligation.expect,
        standing="not asked" if record is None else standing(obligation, record),
        found=None if record is None else record.found,
        steps=None if record is None else record.steps,
        detail="" if record is None else record.detail,
        beside=() if record is None else beside(obligation, record),
        recorded=recorded,
        why=obligation.why,
        file=obligation.span.file,
        line=obligation.span.line,
        witness=None if record is None or record.witness is None else witness_object(record.witness),
    )
