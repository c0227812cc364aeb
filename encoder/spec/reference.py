"""The reference of the spec language, as Markdown: every key of every kind of file, and the grammar of statements."""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from encoder.spec.schema import explained_schemas

HEAD = """\
# Reference of the spec language

Every key of every kind of file, and the grammar of statements and expressions. `pinproof schema --markdown` prints it;
[README.md](README.md) says what it all means, `specs/schemas` has the same for editors.
"""
STEPS = "A step is a label with a statement, `{LABEL: STATEMENT}`, and these keys:"
GRAMMAR = """\
## Statements and expressions

In the notation of lark. Tokens in capitals stand below the rules; `_IF` and the like are the words themselves.
"""
LITMUS = "// A litmus test"


def reference() -> str:
    """The whole page."""
    parts = [HEAD, *(_kind(kind, schema) for kind, schema in explained_schemas().items()), GRAMMAR + _grammar()]
    return "\n".join(parts)


def _kind(kind: str, schema: Mapping[str, Any]) -> str:
    lines = [f"## {kind}", "", f"{schema['title'].partition(': ')[2].capitalize()}.", ""]
    rows: dict[str, str] = {}
    for key, required, part in _keys(schema):
        example = json.dumps(part["examples"][0], ensure_ascii=False).replace("|", "\\|")
        needed = "yes" if required else ""
        rows.setdefault(key, f"| `{key}` | {needed} | {part['description']} | `{example}` |")
    lines += ["| key | needed | means | for example |", "|---|---|---|---|", *rows.values()]
    steps = schema["definitions"]["steps"]["items"]["properties"]
    if kind in ("procedure", "variant", "scenario"):
        lines += ["", STEPS, "", "| key | means |", "|---|---|"]
        lines += [f"| `{key}` | {part['description']} |" for key, part in steps.items()]
    return "\n".join(lines) + "\n"


def _keys(schema: Any) -> Iterator[tuple[str, bool, Mapping[str, Any]]]:
    """The keys, outer ones first, without those of steps: key, whether it is needed, what it takes."""
    match schema:
        case {"properties": dict(known), **rest}:
            yield from ((key, key in schema.get("required", ()), part) for key, part in known.items())
            for part in known.values():
                yield from _keys(part)
            yield from _keys({key: part for key, part in rest.items() if key != "definitions"})
        case dict():
            for key, part in schema.items():
                if key not in ("definitions", "examples"):
                    yield from _keys(part)
        case list():
            for part in schema:
                yield from _keys(part)


def _grammar() -> str:
    text = files("encoder.spec").joinpath("grammar.lark").read_text(encoding="utf-8")
    rules, _, rest = text.partition(LITMUS)
    tokens = rest[rest.index("\n_IF:") :]
    return f"\n```lark\n{rules.strip()}\n\n{tokens.strip()}\n```\n"
