"""JSON objects that other programs read. Their shapes are types; what JSON Schema says of them comes from these."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from msgspec import Struct, ValidationError, convert, inspect, to_builtins
from msgspec.json import schema_components

T = TypeVar("T", bound=Struct)
Keys = tuple[str | int, ...]
"""The keys and indices that lead from an object to a part of it."""
REFUSED = re.compile(r"(?P<said>.*?)(?: - at `(?P<place>.*)`)?", re.DOTALL)
STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


class JsonObject(Struct, frozen=True, forbid_unknown_fields=True):
    """Written with its fields in their order, read with no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What else holds of the fields of an object of this `kind`: `then` if its `field` is `word`, else `otherwise`."""

    kind: type[JsonObject]
    field: str
    word: str
    then: type[Struct]
    otherwise: type[Struct]


class Misshapen(ValueError):
    """What is read has another shape. The message begins with the place as a JSON path, `keys` lead there."""

    def __init__(self, message: str, keys: Keys) -> None:
        super().__init__(message)
        self.keys = keys


def written(found: JsonObject | Sequence[JsonObject]) -> str:
    """As indented text ending in a newline."""
    return json.dumps(to_builtins(found), indent=2, ensure_ascii=False) + "\n"


def plain(found: Struct) -> dict[str, Any]:
    """As the values that reading its text gives."""
    values: dict[str, Any] = json.loads(json.dumps(to_builtins(found)))
    return values


def read(found: Any, shape: type[T]) -> T:
    """Plain JSON values as this type. Raises Misshapen at the first that does not fit."""
    try:
        return convert(found, shape)
    except ValidationError as error:
        refused = REFUSED.fullmatch(str(error))
        assert refused is not None
        said, place = refused["said"], refused["place"] or "$"
        keys = tuple(name or int(number) for name, number in STEP.findall(place))
        if said.startswith("Invalid enum value"):
            said = f"{_either(_choices(inspect.type_info(shape), keys))} was expected"
        raise Misshapen(f"{place}: {said[0].lower()}{said[1:]}", keys) from error
    except UnicodeEncodeError as error:
        raise Misshapen(f"$: no text: {error.reason}", ()) from error


def schema_of(kind: type[JsonObject], title: str, rules: Sequence[Rule] = ()) -> dict[str, Any]:
    """The JSON Schema of objects of this kind."""
    branches = [branch for rule in rules for branch in (rule.then, rule.otherwise)]
    _, shapes = schema_components([kind, *branches], ref_template="#/$defs/{name}")
    for rule in rules:
        shapes[rule.kind.__name__] |= {
            "if": {"properties": {rule.field: {"const": rule.word}}},
            "then": {"$ref": f"#/$defs/{rule.then.__name__}"},
            "else": {"$ref": f"#/$defs/{rule.otherwise.__name__}"},
        }
    whole = {**shapes.pop(kind.__name__), "title": title}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "$defs": shapes}


def _choices(shape: inspect.Type, keys: Keys) -> tuple[object, ...]:
    """The few values that can stand where the keys lead."""
    match shape, keys:
        case inspect.LiteralType(values=values), ():
            return values
        case inspect.Metadata(type=inner), _:
            return _choices(inner, keys)
        case inspect.UnionType(types=types), _:
            return next(filter(None, (_choices(each, keys) for each in types)), ())
        case inspect.StructType(fields=fields), (name, *rest):
            return next(_choices(each.type, tuple(rest)) for each in fields if each.encode_name == name)
        case inspect.VarTupleType(item_type=item), (_, *rest):
            return _choices(item, tuple(rest))
        case _:
            return ()


def _either(words: Sequence[object]) -> str:
    *most, last = [str(word) for word in words]
    return f"{', '.join(most)} or {last}" if most else last
