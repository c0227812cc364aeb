"""Reads platforms: machines as a memory model and what a TLB flush does in each kernel version."""

from encoder.spec.fields import Fields, NodeReader
from encoder.spec.load_primitives import FLUSHES
from encoder.spec.model import Platform
from encoder.spec.yamltree import YamlNode


def load_platform(reader: NodeReader, fields: Fields) -> Platform:
    """A `platform` document."""

    def kind(node: YamlNode) -> str:
        return reader.choice(node, FLUSHES)

    def later(node: YamlNode) -> tuple[tuple[str, str], ...]:
        return tuple((key.text, kind(value)) for key, value in reader.entries(node))

    model, model_span = fields.required("model", lambda node: (reader.text(node), node.span))
    first = fields.required("flush", kind)
    platform = Platform(
        name=fields.required("platform", reader.file_name),
        title=fields.required("title", reader.text),
        machine=fields.optional("machine", reader.text, ""),
        model=model,
        flushes=(("", first), *fields.optional("from", later, ())),
        source=fields.required("source", reader.text),
        span=fields.span,
        model_span=model_span,
    )
    fields.optional("note", reader.text, "")
    return platform
