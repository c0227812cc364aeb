"""Reads type documents: words, structs, constants and ghosts."""

from collections.abc import Container
from dataclasses import replace

from encoder.base.source import Origin, Span
from encoder.spec.fields import Fields, NodeReader
from encoder.spec.model import Field, Ghost, StructType, TypeName, Types, WordDecl
from encoder.spec.parse import parse_integer, parse_type
from encoder.spec.reserved_names import MEMBERS, THINGS, TYPES, VALUES
from encoder.spec.syntax import Expression
from encoder.spec.yamltree import YamlNode, YamlScalar

NO_VALUES: dict[str, tuple[Expression, Span]] = {}


def load_types(reader: NodeReader, fields: Fields, seen: dict[str, Span]) -> Types:
    """One file, with the keys `types`, `constants` and `ghosts`; `seen` has the names of this file and of others read
    before."""
    words: list[WordDecl] = []
    structs: list[StructType] = []

    def named(node: YamlNode, reserved: Container[str]) -> tuple[tuple[YamlScalar, YamlNode], ...]:
        entries = reader.named_entries(node, reserved)
        for key, _ in entries:
            if key.text in seen:
                related = (("first here", seen[key.text]),)
                reader.refuse("S102", key.span, f"duplicate name `{key.text}`", related=related)
            seen.setdefault(key.text, key.span)
        return entries

    def types(node: YamlNode) -> None:
        for key, value in named(node, TYPES):
            inner = reader.fields(value, f"type `{key.text}`")
            match inner.one_of("word", "struct"):
                case "word":
                    words.append(_word(reader, inner, key.text, key.span))
                case "struct":
                    structs.append(_struct(reader, inner, key.text, key.span))
                case _:
                    continue
            inner.close()

    def constants(node: YamlNode) -> tuple[tuple[str, int], ...]:
        return tuple((key.text, reader.parse_scalar(value, parse_integer) or 0) for key, value in named(node, THINGS))

    def ghosts(node: YamlNode) -> tuple[Ghost, ...]:
        entries = named(node, VALUES | MEMBERS)
        return tuple(Ghost(name=key.text, type=reader.type_name(value), span=key.span) for key, value in entries)

    fields.optional("types", types, None)
    return Types(
        words=tuple(words),
        structs=tuple(structs),
        constants=fields.optional("constants", constants, ()),
        ghosts=fields.optional("ghosts", ghosts, ()),
    )


def merge(parts: tuple[Types, ...]) -> Types:
    """All type documents as one, each listing sorted by name."""
    return Types(
        words=tuple(sorted((word for part in parts for word in part.words), key=lambda word: word.name)),
        structs=tuple(sorted((struct for part in parts for struct in part.structs), key=lambda struct: struct.name)),
        constants=tuple(sorted(constant for part in parts for constant in part.constants)),
        ghosts=tuple(sorted((ghost for part in parts for ghost in part.ghosts), key=lambda ghost: ghost.name)),
    )


def load_fields(reader: NodeReader, node: YamlNode, *, const: bool = True) -> tuple[Field, ...]:
    """`{name: type, …}`; fields of a struct may be `const`."""
    found = []
    for key, value in reader.named_entries(node):
        fixed, type_name = reader.parse_scalar(value, _field_type) or (False, reader.no_type(value))
        if fixed and not const:
            reader.refuse("S106", value.span, "`const` cannot stand here", expected="a type")
        found.append(Field(name=key.text, type=type_name, const=fixed, initially=None, equation=False, span=key.span))
    return tuple(found)


def _field_type(text: str, origin: Origin) -> tuple[bool, TypeName]:
    if text.startswith("const "):
        return True, parse_type(" " * len("const ") + text.removeprefix("const "), origin)
    return False, parse_type(text, origin)


def _word(reader: NodeReader, fields: Fields, name: str, span: Span) -> WordDecl:
    return WordDecl(
        name=name,
        fields=_meant(
            reader, fields, name, fields.required("word", lambda node: load_fields(reader, node, const=False))
        ),
        source=fields.optional("source", reader.text, ""),
        span=span,
    )


def _struct(reader: NodeReader, fields: Fields, name: str, span: Span) -> StructType:
    def values(node: YamlNode) -> dict[str, tuple[Expression, Span]]:
        return {key.text: (reader.expression(value), key.span) for key, value in reader.entries(node)}

    def parameters(node: YamlNode) -> tuple[Field, ...]:
        return load_fields(reader, node, const=False)

    own = _meant(reader, fields, name, fields.required("struct", lambda node: load_fields(reader, node)))
    equations = fields.optional("equations", values, NO_VALUES)
    defaults = fields.optional("defaults", values, NO_VALUES)
    for key, (_, place) in (equations | defaults).items():
        reader.check_known("S113", f"field of `{name}`", key, [field.name for field in own], place)
    for key in sorted(equations.keys() & defaults.keys()):
        related = (("the equation is here", equations[key][1]),)
        reader.refuse("S114", defaults[key][1], f"`{key}` has an equation and a default", related=related)
    starts = {key: (value, False) for key, (value, _) in defaults.items()}
    starts |= {key: (value, True) for key, (value, _) in equations.items()}
    numbers = fields.optional("parameters", parameters, ())
    for number in numbers:
        clash = tuple(("the field is here", field.span) for field in own if field.name == number.name)
        if clash:
            reader.refuse("S102", number.span, f"`{number.name}` is a field and a parameter", related=clash)
    return StructType(
        name=name,
        parameters=numbers,
        fields=tuple(_with_initial_value(field, starts) for field in own),
        source=fields.optional("source", reader.text, ""),
        span=span,
        locks=fields.optional("locks", lambda node: _locks(reader, node, name, own), frozenset()),
    )


def _meant(reader: NodeReader, fields: Fields, name: str, own: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields, with the macros that read or change them under `stands for`."""

    def names(node: YamlNode) -> dict[str, tuple[str, ...]]:
        found = {}
        for key, value in reader.entries(node):
            reader.check_known("S113", f"field of `{name}`", key.text, [field.name for field in own], key.span)
            found[key.text] = reader.texts(value)
        return found

    meant: dict[str, tuple[str, ...]] = fields.optional("stands for", names, {})
    return tuple(replace(field, stands_for=meant.get(field.name, ())) for field in own)


def _locks(reader: NodeReader, node: YamlNode, name: str, own: tuple[Field, ...]) -> frozenset[str]:
    """The fields that are locks to the kernel and numbers to the memory model."""
    numbers = [field.name for field in own if not field.const and field.type.name in ("int", "bool", "unsigned")]
    found = [(reader.text(item), item.span) for item in reader.items(node)]
    for word, place in found:
        reader.check_known("S113", f"field of `{name}` that is a number", word, numbers, place)
    return frozenset(word for word, _ in found)


def _with_initial_value(field: Field, starts: dict[str, tuple[Expression, bool]]) -> Field:
    initially, equation = starts.get(field.name, (None, False))
    return replace(field, initially=initially, equation=equation)
