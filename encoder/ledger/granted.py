"""What the ledger grants: programs that are known to wait for ever, or to end with something held.

An entry of `checks:` in an obligations file grants one of these for all properties of a scenario and variant, on the
platforms that it names, or on all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from encoder.base.source import Span
from encoder.ledger.place import platforms
from encoder.spec.fields import NodeReader
from encoder.spec.yamltree import Sequence as Items
from encoder.spec.yamltree import YamlNode

Kind = Literal["deadlock", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """`places` are the platforms, none for everywhere; `why` names the kernel code."""

    variant: str
    places: tuple[str, ...]
    found: Kind
    why: str
    span: Span

    def speaks_of(self, variant: str, place: str) -> bool:
        return self.variant == variant and (not self.places or place in self.places)


def load_granted(reader: NodeReader, node: YamlNode) -> tuple[Granted, ...]:
    """The entries of `checks:`."""
    found = [_entry(reader, item) for item in reader.items(node)]
    first: dict[tuple[str, str, str], Granted] = {}
    for each in found:
        for place in each.places or ("",):
            key = each.variant, place, each.found
            if key in first:
                related = (("first here", first[key].span),)
                reader.refuse(
                    "L101", each.span, f"`{each.found}` of `{each.variant}` is claimed twice", related=related
                )
            first.setdefault(key, each)
    return tuple(found)


def _entry(reader: NodeReader, node: YamlNode) -> Granted:
    fields = reader.fields(node, "an entry of `checks`")
    kind = fields.required("found", lambda item: reader.choice(item, get_args(Kind)))
    granted = Granted(
        variant=fields.required("variant", reader.text),
        places=fields.optional("on", lambda item: place_names(reader, item), ()),
        found="held" if kind == "held" else "deadlock",
        why=fields.required("why", reader.text),
        span=fields.span,
    )
    fields.close()
    return granted


def place_names(reader: NodeReader, node: YamlNode) -> tuple[str, ...]:
    """One platform, or a list of them; those that there are not are left out."""
    items = node.items if isinstance(node, Items) else (node,)
    known = tuple(platforms())
    return tuple(name for item in items if (name := reader.choice(item, known)) == reader.text(item))


def idle(reader: NodeReader, granted: Sequence[Granted], claimed: set[tuple[str, str]]) -> None:
    """Refuse what speaks of a variant and platform of which nothing else is claimed: nobody would ask."""
    for each in granted:
        if each.variant and not any(each.speaks_of(variant, place) for variant, place in claimed):
            on = f" on {', '.join(each.places)}" if each.places else ""
            message = f"no obligation is about `{each.variant}`{on}, so its checks are never run"
            reader.refuse("L107", each.span, message, expected="an obligation of the variant in this file")
