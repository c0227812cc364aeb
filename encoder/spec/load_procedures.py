"""Reads procedures, and variants: the edits that a patch makes to them."""

from collections.abc import Container
from dataclasses import replace
from typing import Literal

from encoder.base.source import Span
from encoder.spec.fields import Fields, NodeReader
from encoder.spec.load_steps import load_steps
from encoder.spec.load_types import load_fields
from encoder.spec.model import AddedField, Edit, Parameter, Procedure, Variant
from encoder.spec.reserved_names import FUNCTIONS, VALUES
from encoder.spec.syntax import Expression, Step
from encoder.spec.yamltree import YamlNode

ACTIONS: tuple[Literal["before", "after", "replace", "delete"], ...] = ("before", "after", "replace", "delete")
NEW_STEPS = {"before": "insert", "after": "insert", "replace": "with"}
# By struct and field: the start, and where the field is named.
FieldStarts = dict[tuple[str, str], tuple[Expression, Span]]
NO_STARTS: FieldStarts = {}


def load_procedure(reader: NodeReader, fields: Fields) -> Procedure:
    """A `procedure` document."""
    name = fields.required("procedure", lambda node: reader.name(node, FUNCTIONS))
    kernel = fields.required("kernel", reader.file_name)
    source = fields.optional("source", reader.text, "")
    parameters = fields.optional("params", lambda node: _parameters(reader, node), ())
    labels: dict[str, Span] = {}
    return Procedure(
        name=name,
        kernel=kernel,
        gone=fields.optional("gone", reader.text, ""),
        parameters=parameters,
        locals=fields.optional("locals", lambda node: _locals_beside(reader, node, parameters), ()),
        returns=fields.optional("returns", reader.type_name, None),
        source=source,
        steps=fields.required("steps", lambda node: load_steps(reader, node, source, labels)),
        span=fields.span,
        stands_for=fields.optional("stands for", reader.texts, ()),
        left_out=fields.optional("left out", lambda node: _pairs(reader, node), ()),
        called=fields.optional("names in source", lambda node: _pairs(reader, node), ()),
        abridges=fields.optional("abridges", lambda node: reader.name(node, FUNCTIONS), ""),
    )


def _pairs(reader: NodeReader, node: YamlNode) -> tuple[tuple[str, str], ...]:
    """`{C: text, …}`: why something has no step, or what it is to the steps."""
    return tuple((key.text, reader.text(value)) for key, value in reader.entries(node))


def _parameters(reader: NodeReader, node: YamlNode) -> tuple[Parameter, ...]:
    found = reader.parameters(node)
    for parameter in found:
        if parameter.type is not None and parameter.type.length is not None:
            reader.refuse("S115", parameter.type.span, "the caller decides how long an array is", expected="`page *[]`")
    return found


def _locals_beside(reader: NodeReader, node: YamlNode, parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The locals of a procedure with these parameters, which none of them hides."""
    taken = {each.name: each.span for each in parameters}
    found = load_locals(reader, node)
    for local in found:
        if local.name in taken:
            related = (("the parameter", taken[local.name]),)
            reader.refuse("S102", local.span, f"`{local.name}` is a parameter already", related=related)
    return found


def load_locals(reader: NodeReader, node: YamlNode, reserved: Container[str] = VALUES) -> tuple[Parameter, ...]:
    """Declared locals whose names are not `reserved`; an array must have a length."""
    found = reader.parameters(node, reserved)
    for local in found:
        if local.type is not None and local.type.shape == "array" and local.type.length is None:
            reader.refuse("S115", local.type.span, "a local array has a length", expected="`page *[2]`")
    return found


def load_variant(reader: NodeReader, fields: Fields) -> Variant:
    """A `variant` document."""

    def word(node: YamlNode) -> tuple[str, Span]:
        return reader.text(node), node.span

    origin = fields.one_of("base", "kernel")
    starts = fields.optional("defaults", lambda node: _starts(reader, node), NO_STARTS)
    added = fields.optional("fields", lambda node: _added(reader, node, starts), ())
    for (struct, name), (_, place) in starts.items():
        own = [each.field.name for each in added if each.struct == struct]
        reader.check_known("S113", f"field that this variant adds to `{struct}`", name, own, place)
    base, base_span = fields.required("base", word) if origin == "base" else (None, fields.span)
    return Variant(
        name=fields.required("variant", reader.file_name),
        title=fields.required("title", reader.text),
        author=fields.optional("author", reader.text, ""),
        link=fields.optional("link", reader.text, ""),
        kernel=fields.optional("kernel", reader.text, ""),
        base=base,
        reading=fields.optional("reading", reader.text, ""),
        fields=added,
        edits=fields.optional("edits", lambda node: _edits(reader, node), ()),
        span=fields.span,
        base_span=base_span,
    )


def _starts(reader: NodeReader, node: YamlNode) -> FieldStarts:
    """The initial values of added fields."""
    return {
        (struct.text, field.text): (reader.expression(value), field.span)
        for struct, inner in reader.named_entries(node)
        for field, value in reader.entries(inner)
    }


def _added(reader: NodeReader, node: YamlNode, starts: FieldStarts) -> tuple[AddedField, ...]:
    added = []
    for key, value in reader.named_entries(node):
        for field in load_fields(reader, value):
            initially, _ = starts.get((key.text, field.name), (None, field.span))
            added.append(AddedField(struct=key.text, field=replace(field, initially=initially)))
    return tuple(added)


def _edits(reader: NodeReader, node: YamlNode) -> tuple[Edit, ...]:
    return tuple(_edit(reader, item) for item in reader.some_items(node))


def _edit(reader: NodeReader, node: YamlNode) -> Edit:
    fields = reader.fields(node, "this edit")
    source = fields.optional("source", reader.text, "")

    def name(inner: YamlNode) -> tuple[str, Span]:
        return reader.name(inner), inner.span

    def steps(inner: YamlNode) -> tuple[Step, ...]:
        return load_steps(reader, inner, source, {})

    procedure, span = fields.required("in", name)
    written = fields.one_of(*ACTIONS)
    action = next((word for word in ACTIONS if word == written), ACTIONS[-1])
    label, place = fields.required(action, name) if written else ("", fields.span)
    new = NEW_STEPS.get(action) if written else None
    inserted = fields.required(new, steps) if new else ()
    fields.close()
    return Edit(procedure=procedure, action=action, anchor=label, steps=inserted, span=span, anchor_span=place)
