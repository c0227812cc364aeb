"""Reads scenarios and properties."""

from dataclasses import replace
from typing import Literal

from encoder.base.errors import InputError
from encoder.base.source import Origin, Span
from encoder.spec.fields import Fields, NodeReader
from encoder.spec.load_procedures import load_locals
from encoder.spec.load_steps import load_steps
from encoder.spec.model import ObjectDecl, PropertyDecl, Scenario, Symbol, ThreadDecl
from encoder.spec.parse import parse_range
from encoder.spec.reserved_names import MEMBERS, PROPERTIES, ROLES, THINGS, VALUES
from encoder.spec.syntax import Expression, Name
from encoder.spec.yamltree import YamlNode, YamlScalar


def load_scenario(reader: NodeReader, fields: Fields) -> Scenario:
    """A `scenario` document."""

    def names(node: YamlNode) -> tuple[tuple[str, Span], ...]:
        found: dict[str, Span] = {}
        for item in reader.some_items(node):
            name = reader.text(item)
            if name in found:
                related = (("first here", found[name]),)
                reader.refuse("S102", item.span, f"`{name}` is asked twice", related=related)
            found.setdefault(name, item.span)
        return tuple(found.items())

    properties = fields.required("properties", names)
    return Scenario(
        name=fields.required("scenario", reader.file_name),
        title=fields.required("title", reader.text),
        scope=fields.optional("scope", reader.text, ""),
        objects=fields.optional("objects", lambda node: _objects(reader, node), ()),
        symbols=fields.optional("symbols", lambda node: _symbols(reader, node), ()),
        init=fields.optional("init", lambda node: tuple(map(reader.assignment, reader.items(node))), ()),
        assume=fields.optional("assume", lambda node: tuple(map(reader.expression, reader.items(node))), ()),
        threads=fields.required("threads", lambda node: _threads(reader, node)),
        properties=tuple(name for name, _ in properties),
        property_spans=tuple(span for _, span in properties),
        span=fields.span,
    )


def load_property(reader: NodeReader, fields: Fields) -> PropertyDecl:
    """A `property` document: `when … never …`, or `finally …`."""

    def each(node: YamlNode) -> tuple[tuple[str, Expression], ...]:
        return tuple((key.text, reader.expression(value)) for key, value in reader.named_entries(node, THINGS))

    texts: dict[str, str] = {}
    written = fields.one_of("never", "finally")
    stand_in = Name(name="", span=fields.span)

    def condition(key: str) -> Expression:
        def read(node: YamlNode) -> Expression:
            texts[key] = " ".join(node.text.split()) if isinstance(node, YamlScalar) else ""
            return reader.expression(node)

        return fields.required(key, read) if written else fields.optional(key, read, stand_in)

    kind: Literal["never", "finally"] = "finally" if written == "finally" else "never"
    situation = condition("when") if kind == "never" else None
    wanted = condition(kind)
    return PropertyDecl(
        name=fields.required("property", lambda node: _property_name(reader, node)),
        title=fields.required("title", reader.text),
        text=" ".join(f"{key} {text}" for key, text in texts.items()),
        each=fields.optional("each", each, ()),
        situation=situation,
        kind=kind,
        condition=wanted,
        source=fields.optional("source", reader.text, ""),
        kernel=fields.optional("kernel", reader.text, ""),
        span=fields.span,
    )


def _property_name(reader: NodeReader, node: YamlNode) -> str:
    name = reader.file_name(node)
    reader.check_not_reserved(name, node.span, PROPERTIES)
    return name


def _objects(reader: NodeReader, node: YamlNode) -> tuple[ObjectDecl, ...]:
    return tuple(_object(reader, key, value) for key, value in reader.named_entries(node, THINGS))


def _object(reader: NodeReader, key: YamlScalar, node: YamlNode) -> ObjectDecl:
    if isinstance(node, YamlScalar):
        return ObjectDecl(name=key.text, struct=reader.name(node), values=(), span=key.span)
    fields = reader.fields(node, f"object `{key.text}`")
    struct = fields.required("type", reader.name)
    values = tuple((name.text, reader.expression(value)) for name, value in fields.remaining())
    return ObjectDecl(name=key.text, struct=struct, values=values, span=key.span)


def _symbols(reader: NodeReader, node: YamlNode) -> tuple[Symbol, ...]:
    found = []
    for key, value in reader.named_entries(node, THINGS):
        first, last = reader.parse_scalar(value, _symbol_range) or (0, 1)
        if first > last:
            reader.refuse("S116", value.span, f"no number is from {first} to {last}", expected="first..last")
        found.append(Symbol(name=key.text, first=first, last=last, span=key.span))
    return tuple(found)


def _symbol_range(text: str, origin: Origin) -> tuple[int, int]:
    try:
        return (0, 1) if text == "any" else parse_range(text, origin)
    except InputError as error:
        raise InputError(replace(problem, expected="`first..last` or `any`") for problem in error.problems) from None


def _threads(reader: NodeReader, node: YamlNode) -> tuple[ThreadDecl, ...]:
    return tuple(_thread(reader, key, value) for key, value in reader.at_least_one(node, reader.named_entries(node)))


def _thread(reader: NodeReader, key: YamlScalar, node: YamlNode) -> ThreadDecl:
    fields = reader.fields(node, f"thread `{key.text}`")
    labels: dict[str, Span] = {}

    def named(inner: YamlNode) -> tuple[str, Span]:
        return reader.name(inner), inner.span

    runs, runs_span = fields.optional("runs", named, (None, key.span))
    thread = ThreadDecl(
        name=key.text,
        role=fields.optional("role", lambda inner: reader.name(inner, ROLES), ""),
        runs=runs,
        locals=fields.optional("locals", lambda inner: load_locals(reader, inner, VALUES | MEMBERS), ()),
        steps=fields.required("steps", lambda inner: load_steps(reader, inner, "", labels, script=True)),
        span=key.span,
        runs_span=runs_span,
    )
    fields.close()
    return thread
