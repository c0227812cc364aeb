"""The JSON Schemas agree with the loader on what is right, and on a few things that are wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from encoder.base.catalog import Entry, listing, shipped
from encoder.spec.reference import reference
from encoder.spec.schema import explained_schemas, schemas
from encoder.spec.schema_words import STEP, WORDS

ROOT = Path(__file__).parents[2]
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
    jsonschema.Draft7Validator.check_schema(explained_schemas()[kind])


def keys(schema: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each key that a schema knows, with the schema of its value."""
    if isinstance(schema, dict):
        known = schema.get("properties", {})
        yield from known.items()
        for key, part in schema.items():
            yield from keys(list(part.values()) if key in ("properties", "definitions", "patternProperties") else part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys(part)


@pytest.mark.parametrize("kind", schemas())
def test_every_key_is_explained_with_an_example_that_fits(kind: str) -> None:
    schema = explained_schemas()[kind]
    fits: dict[str, bool] = {}
    for key, part in keys(schema):
        assert part["description"] and not part["description"].endswith(".")
        whole = {**part, "definitions": schema["definitions"]}
        (example,) = part["examples"]
        fits[key] = fits.get(key, False) or jsonschema.Draft7Validator(whole).is_valid(example)
    assert [key for key, fit in fits.items() if not fit] == []
    assert set(WORDS[kind]) <= set(fits)


def test_nothing_is_explained_that_there_is_not() -> None:
    known = {key for schema in schemas().values() for key, _ in keys(schema)}
    assert STEP.keys() - known <= {"stands for", "not in source", "left out"}


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


def committed(request: pytest.FixtureRequest, name: str, text: str) -> None:
    """A file in `specs` that is made from the schemas; `pytest --promote` writes it."""
    path = ROOT / "specs" / name
    if request.config.getoption("--promote"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert path.read_text("utf-8") == text, f"specs/{name} is another: make promote writes it"


@pytest.mark.parametrize("kind", schemas())
def test_editors_have_the_schemas(request: pytest.FixtureRequest, kind: str) -> None:
    text = json.dumps(explained_schemas()[kind], indent=1, ensure_ascii=False) + "\n"
    committed(request, f"schemas/{kind}.json", text)


def test_the_reference_is_made_of_schemas_and_grammar(request: pytest.FixtureRequest) -> None:
    text = reference()
    assert "/if\\b/" in text and "A litmus test" not in text
    committed(request, "REFERENCE.md", text)


KINDS = {"constants": "types", "ghosts": "types", "rcu readers": "primitives"}


@pytest.mark.parametrize("entry", SHIPPED, ids=lambda entry: entry.path)
def test_every_spec_tells_editors_its_schema(request: pytest.FixtureRequest, entry: Entry) -> None:
    """By its first line; `pytest --promote` writes it."""
    text = entry.file.read_text("utf-8")
    first = next(iter(yaml.safe_load(text)))
    way = "../" * (entry.path.count("/") - 1)
    line = f"# yaml-language-server: $schema={way}schemas/{KINDS.get(first, first)}.json\n"
    if request.config.getoption("--promote") and not text.startswith(line):
        rest = text.split("\n", 1)[1] if text.startswith("# yaml-language-server:") else text
        (ROOT / entry.path).write_text(line + rest, "utf-8")
        text = line + rest
    assert text.startswith(line), f"{entry.path} begins without {line.strip()}: make promote writes it"
    assert (ROOT / entry.path).parent.joinpath(line.strip().partition("=")[2]).is_file()
