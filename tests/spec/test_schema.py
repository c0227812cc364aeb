"""The JSON Schemas agree with the loader on what is right, and on a few things that are wrong."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from encoder.base.catalog import Entry, listing, shipped
from encoder.spec.schema import schemas

SHIPPED = listing(shipped("specs"), "specs")
BASE = listing(Path(__file__).parents[1] / "errors" / "base" / "specs", "base")


def valid(document: object) -> bool:
    """Whether the schema of the document's first key takes it."""
    assert isinstance(document, dict)
    kind = next(iter(document))
    schema = schemas().get("types" if kind in ("constants", "ghosts") else kind)
    return schema is not None and jsonschema.Draft7Validator(schema).is_valid(document)


@pytest.mark.parametrize("kind", schemas())
def test_a_schema_is_a_schema(kind: str) -> None:
    jsonschema.Draft7Validator.check_schema(schemas()[kind])


@pytest.mark.parametrize("entry", [*SHIPPED, *BASE], ids=lambda entry: entry.path)
def test_right_documents(entry: Entry) -> None:
    assert valid(yaml.safe_load(entry.file.read_text("utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        "procedure: f\nkernal: v1\nsteps: []",
        "procedure: f\nkernel: v1",
        "procedure: f\nkernel: v1\nsteps: {a: b}",
        "procedure: f\nkernel: v1\nsteps: [a: {b: c}]",
        "procedure: f\nkernel: v1\nsteps: [{a: x = 1, thenn: []}]",
        "procedure: f\nkernel: v1\nsteps: [{a: if (x), else: []}]",
        "primitives: {a: {params: {x: lvalue}}}",
        "primitives: {a: {load: x, store: x, value: 1}}",
        "primitives: {a: {load: x, order: aquire}}",
        "primitives: {a: {fence: full}}",
        "primitives: {a: {fence: sync-rcu}}",
        "primitives: {a: {grace: bh}}",
        "primitives: {a: {fence: mb}}\nrcu readers: {softirq: v5.0}",
        "primitives: {a: {steps: [{'x = 1': []}]}}",
        "primitives: {a: {by flush: {ipi: {fence: mb}}}}",
        "variant: v\ntitle: t",
        "variant: v\ntitle: t\nbase: a\nkernel: b",
        "variant: v\ntitle: t\nbase: a\nedits: [{in: f, after: a, with: []}]",
        "scenario: s\ntitle: t\nthreads: {}\nproperties: [p]",
        "scenario: s\ntitle: t\nsymbols: {a: 3}\nthreads: {a: {steps: []}}\nproperties: [p]",
        "property: p\ntitle: t\nwhen: a",
        "property: p\ntitle: t\nwhen: a\nnever: b\nfinally: c",
        "types: {a: {word: {x: int}, struct: {x: int}}}",
        "nothing: here",
    ],
)
def test_wrong_documents(text: str) -> None:
    assert not valid(yaml.safe_load(text))
