"""JSON Schemas of the spec documents, for editors: shapes and words, not the syntax of statements."""

from collections.abc import Iterable
from typing import Any

from encoder.spec.load_primitives import (
    EDGES,
    FAILS,
    FENCES,
    FLUSHES,
    FORMS,
    GRACES,
    LOCKS,
    MODES,
    ORDERS,
    READERS,
    REGIONS,
)
from encoder.spec.load_steps import STEP_KEYS
from encoder.spec.schema_words import explained

Schema = dict[str, Any]

NAME = "^[A-Za-z_][A-Za-z0-9_]*$"
LABEL = f"^(?!({'|'.join(STEP_KEYS)})$)[A-Za-z_][A-Za-z0-9_]*$"
TEXT: Schema = {"type": ["string", "number", "boolean"]}
TEXTS: Schema = {"oneOf": [TEXT, {"type": "array", "items": TEXT}]}
TYPES = {"$ref": "#/definitions/types"}
STEPS = {"$ref": "#/definitions/steps"}


def schemas() -> dict[str, Schema]:
    """The schema of each kind of document, by the document's first key."""
    return {
        "types": _document("types, constants and ghosts", _types(), at_least_one=True),
        "primitives": _document("primitives", _vocabulary(), ["primitives"]),
        "procedure": _document("one procedure of one kernel version", _procedure(), ["procedure", "kernel", "steps"]),
        "variant": {
            **_document("a patch", _variant(), ["variant", "title"]),
            "oneOf": [{"required": ["base"]}, {"required": ["kernel"]}],
        },
        "scenario": _document("a scenario", _scenario(), ["scenario", "title", "threads", "properties"]),
        "property": {
            **_document("what must never happen", _property(), ["property", "title"]),
            "oneOf": [
                {"required": ["when", "never"], "not": {"required": ["finally"]}},
                {"required": ["finally"], "not": {"anyOf": [{"required": ["when"]}, {"required": ["never"]}]}},
            ],
        },
        "platform": _document("a machine", _platform(), ["platform", "title", "model", "flush", "source"]),
    }


def explained_schemas() -> dict[str, Schema]:
    """As `schemas`, with what each key means and an example, for editors."""
    return {kind: explained(kind, schema) for kind, schema in schemas().items()}


def _document(what: str, properties: Schema, required: Iterable[str] = (), *, at_least_one: bool = False) -> Schema:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"Pinproof: {what}",
        **_record(properties, required),
        **({"minProperties": 1} if at_least_one else {}),
        "definitions": {
            "types": _map(TEXT),
            "steps": {**_list(_step()), "minItems": 1},
            "statements": _list(_statement()),
        },
    }


def _types() -> Schema:
    meant = _map(TEXTS)
    word = _record({"word": _map(TEXT), "source": TEXT, "stands for": meant}, ["word"])
    struct = _record(
        {
            "struct": _map(TEXT),
            "source": TEXT,
            "parameters": TYPES,
            "equations": _map(TEXT),
            "locks": _list(TEXT),
            "defaults": _map(TEXT),
            "stands for": meant,
        },
        ["struct"],
    )
    return {"types": _map({"oneOf": [word, struct]}), "constants": _map(TEXT), "ghosts": TYPES}


def _vocabulary() -> Schema:
    return {"primitives": _map(_primitive()), "rcu readers": _record(dict.fromkeys(READERS, TEXT))}


def _primitive() -> Schema:
    """A primitive: one form, or one for each kind of flush."""
    flushes = _record({kind: {"oneOf": _forms({})} for kind in FLUSHES}, FLUSHES)
    head = {"params": TYPES, "source": TEXT, "stands for": TEXTS}
    return {"oneOf": [*_forms(head), _record({**head, "by flush": flushes}, ["by flush"])]}


def _forms(head: Schema) -> list[Schema]:
    """The forms, each with its keys."""
    order = _enum(ORDERS)
    arm64 = {"arm64": _record(dict.fromkeys(("lse", "llsc", "source"), TEXT), ("lse",))}
    split = {"oneOf": [order, _record({"read": order, "write": order}, ["read", "write"])]}
    others: dict[str, tuple[Schema, tuple[str, ...]]] = {
        "load": ({"load": TEXT, "order": order, **arm64}, ()),
        "store": ({"store": TEXT, "value": TEXT, "order": order, **arm64}, ("value",)),
        "rmw": (
            {
                **dict.fromkeys(("rmw", "new", "when", "result", "await"), TEXT),
                "order": split,
                "fails": _enum(FAILS),
                **arm64,
            },
            ("new",),
        ),
        **{action: ({action: TEXT, "mode": _enum(MODES), **arm64}, ()) for action in LOCKS},
        "fence": ({"fence": _enum(FENCES), **arm64}, ()),
        "region": ({"region": _enum(REGIONS), "edge": _enum(EDGES)}, ("edge",)),
        "flush": ({"flush": _enum(EDGES), "mm": TEXT}, ("mm",)),
        "grace": ({"grace": _enum(GRACES), "place": TEXT}, ()),
        "steps": ({"steps": {"$ref": "#/definitions/statements"}}, ()),
    }
    return [_record({**head, **others[form][0]}, [form, *others[form][1]]) for form in FORMS]


def _statement() -> Schema:
    """A statement of a macro, or the head of a block with its statements."""
    inner = {"$ref": "#/definitions/statements"}
    block = {
        "type": "object",
        "properties": {"else": inner, "bound": TEXT},
        "patternProperties": {r"^(if|while|for)\b": inner},
        "additionalProperties": False,
    }
    return {"oneOf": [TEXT, block]}


def _step() -> Schema:
    ghosts = {"oneOf": [TEXT, _list(TEXT)]}
    return {
        "type": "object",
        "properties": {
            "from": {"type": "object", "additionalProperties": TEXT},
            **dict.fromkeys(("source", "note", "bound", "stands in", "not in source"), TEXT),
            "stands for": TEXTS,
            **dict.fromkeys(("then", "else", "do"), STEPS),
            **dict.fromkeys(("ghost_first", "ghost_last"), ghosts),
        },
        "patternProperties": {LABEL: TEXT},
        "additionalProperties": False,
        "minProperties": 1,
        "dependencies": {"else": ["then"], "bound": ["do"]},
    }


def _procedure() -> Schema:
    return {
        "procedure": {"type": "string", "pattern": NAME},
        **dict.fromkeys(("kernel", "gone", "source", "returns"), TEXT),
        **dict.fromkeys(("params", "locals"), TYPES),
        "stands for": TEXTS,
        "abridges": TEXT,
        "left out": {"type": "object", "additionalProperties": TEXT},
        "names in source": {"type": "object", "additionalProperties": TEXT},
        "steps": STEPS,
    }


def _variant() -> Schema:
    head = {"in": TEXT, "source": TEXT}
    edits = [
        _record({**head, "before": TEXT, "insert": STEPS}, ["in", "before", "insert"]),
        _record({**head, "after": TEXT, "insert": STEPS}, ["in", "after", "insert"]),
        _record({**head, "replace": TEXT, "with": STEPS}, ["in", "replace", "with"]),
        _record({**head, "delete": TEXT}, ["in", "delete"]),
    ]
    return {
        **dict.fromkeys(("variant", "title", "author", "link", "base", "kernel", "reading"), TEXT),
        "fields": _map(TYPES),
        "defaults": _map(_map(TEXT)),
        "edits": {**_list({"oneOf": edits}), "minItems": 1},
    }


def _scenario() -> Schema:
    declared = {"type": "object", "properties": {"type": TEXT}, "required": ["type"], "additionalProperties": TEXT}
    thread = _record({"role": TEXT, "runs": TEXT, "locals": TYPES, "steps": STEPS}, ["steps"])
    return {
        **dict.fromkeys(("scenario", "title", "scope"), TEXT),
        "objects": _map({"oneOf": [TEXT, declared]}),
        "symbols": _map({"type": "string", "pattern": r"^(any|-?\w+ *\.\. *-?\w+)$"}),
        "init": _list(TEXT),
        "assume": _list(TEXT),
        "threads": {**_map(thread), "minProperties": 1},
        "properties": {**_list(TEXT), "minItems": 1},
    }


def _property() -> Schema:
    return {
        **dict.fromkeys(("property", "title", "source", "kernel", "when", "never", "finally"), TEXT),
        "each": _map(TEXT),
    }


def _platform() -> Schema:
    return {
        **dict.fromkeys(("platform", "title", "machine", "model", "source", "note"), TEXT),
        "flush": _enum(FLUSHES),
        "from": {"type": "object", "additionalProperties": _enum(FLUSHES)},
    }


def _record(properties: Schema, required: Iterable[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
    }


def _map(values: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"pattern": NAME}, "additionalProperties": values}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _enum(words: Iterable[str]) -> Schema:
    return {"enum": list(words)}
