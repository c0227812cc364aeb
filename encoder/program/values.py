"""Values of expressions while a scenario is resolved."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from encoder.program.core import (
    BOOL,
    Arith,
    At,
    Choose,
    Const,
    Convert,
    Ended,
    Expr,
    Final,
    Keeps,
    Not,
    Scalar,
    ThreadVar,
    Var,
    Waits,
)


@dataclass(frozen=True, slots=True)
class WordType:
    """The type of a record that is read and written as one word."""

    name: str
    parts: tuple[tuple[str, Scalar], ...]


Type = Scalar | WordType


@dataclass(frozen=True, slots=True)
class RecordValue:
    """A value of a word type, with one expression for each component."""

    word: WordType
    parts: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True)
class Array:
    """A thread's array; the items are its variables."""

    element: Type
    items: tuple["Expr | RecordValue", ...]


@dataclass(frozen=True, slots=True)
class ObjectList:
    """A list of objects, known when the spec is read."""

    struct: str
    items: tuple[Const, ...]


@dataclass(frozen=True, slots=True)
class Location:
    """The memory location `base->field`."""

    base: Expr
    struct: str
    field: str
    type: Type
    lock: bool


@dataclass(frozen=True, slots=True)
class Pointer:
    """`&base->field`."""

    location: Location


@dataclass(frozen=True, slots=True)
class ThreadRef:
    """A thread in a property, with its members by name."""

    name: str
    members: Mapping[str, "Value"]


Storage = Expr | RecordValue | Array
"""The variables behind a name."""

Value = Expr | RecordValue | Array | ObjectList | Location | Pointer | ThreadRef


def type_of(expr: Expr) -> Scalar:
    """The type of an expression."""
    match expr:
        case Const() | Var() | Convert() | Arith() | Final() | ThreadVar():
            return expr.type
        case Not() | At() | Ended() | Waits() | Keeps():
            return BOOL
        case Choose():
            return type_of(expr.then)


def parts_of(value: Expr | RecordValue) -> tuple[tuple[str, Expr], ...]:
    """The components of a value; a scalar is its own single component, named ""."""
    return value.parts if isinstance(value, RecordValue) else (("", value),)


def with_parts(value: Expr | RecordValue, parts: tuple[tuple[str, Expr], ...]) -> Expr | RecordValue:
    """A value of the same type with other components."""
    return replace(value, parts=parts) if isinstance(value, RecordValue) else parts[0][1]


def type_parts(type: Type) -> tuple[tuple[str, Scalar], ...]:
    """The components of a type."""
    return type.parts if isinstance(type, WordType) else (("", type),)


def build_value(type: Type, part: Callable[[str, Scalar], Expr]) -> Expr | RecordValue:
    """A value of the type; `part` makes each component from its name and type."""
    if isinstance(type, WordType):
        return RecordValue(type, tuple((name, part(name, scalar)) for name, scalar in type.parts))
    return part("", type)


def variable_names(storage: "Storage | None") -> Iterator[str]:
    """The names of the variables of a storage."""
    for item in storage.items if isinstance(storage, Array) else () if storage is None else (storage,):
        yield from (part.name for _, part in parts_of(item) if isinstance(part, Var))


def value_type(value: Expr | RecordValue) -> Type:
    """The type of a value."""
    return value.word if isinstance(value, RecordValue) else type_of(value)


def zero_value(type: Type) -> Expr | RecordValue:
    """0, false, NULL, or a record of these."""
    return build_value(type, lambda _, scalar: Const(0, scalar))


def map_scalars(value: Value, change: Callable[[Expr], Expr]) -> Value:
    """The value with each of its scalars changed."""
    match value:
        case Array():
            return replace(value, items=tuple(_mapped(item, change) for item in value.items))
        case ObjectList() | Location() | Pointer() | ThreadRef():
            return value
        case _:
            return _mapped(value, change)


def _mapped(value: Expr | RecordValue, change: Callable[[Expr], Expr]) -> Expr | RecordValue:
    return with_parts(value, tuple((name, change(expr)) for name, expr in parts_of(value)))


def describe(value: Value | Type | None) -> str:
    """The type of a value in words, for messages."""
    match value:
        case None:
            return "nothing"
        case Scalar():
            return describe_scalar(value)
        case WordType():
            return f"`{value.name}`"
        case RecordValue():
            return f"`{value.word.name}`"
        case Array():
            return f"an array of {describe(value.element)}"
        case ObjectList():
            return f"a list of `{value.struct}`"
        case Location():
            return f"memory of type {describe(value.type)}"
        case Pointer():
            return "the address of a memory location"
        case ThreadRef():
            return "a thread"
        case _:
            return describe_scalar(type_of(value))


def describe_scalar(scalar: Scalar) -> str:
    """A scalar type as messages show it: `page *`, `int`, NULL."""
    if scalar.kind == "pointer":
        return f"`{scalar.struct} *`" if scalar.struct else "NULL"
    return f"`{scalar.kind}`"
