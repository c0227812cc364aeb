"""What the ledger grants: programs that are known to wait for ever, or to end with something held.

An entry of `checks:` in an obligations file grants one of these for all properties of a scenario and variant, under the
model that it names and every weaker one: a schedule under a memory model is one under every weaker model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from encoder.base.source import Span
from encoder.memory import CHAIN
from encoder.spec.fields import NodeReader
from encoder.spec.yamltree import YamlNode

Kind = Literal["deadlock", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """`model` is the strongest under which it is found; `why` names the kernel code."""

    variant: str
    flush: str
    model: str
    found: Kind
    why: str
    span: Span

    def speaks_of(self, variant: str, flush: str, model: str) -> bool:
        order = list(CHAIN)
        return (self.variant, self.flush) == (variant, flush) and order.index(self.model) <= order.index(model)


def load_granted(reader: NodeReader, node: YamlNode) -> tuple[Granted, ...]:
    """The entries of `checks:`."""
    found = [_entry(reader, item) for item in reader.items(node)]
    first: dict[tuple[str, str, str], Granted] = {}
    for each in found:
        key = each.variant, each.flush, each.found
        if key in first:
            related = (("first here", first[key].span),)
            reader.refuse("L101", each.span, f"`{each.found}` of `{each.variant}` is claimed twice", related=related)
        first.setdefault(key, each)
    return tuple(found)


def _entry(reader: NodeReader, node: YamlNode) -> Granted:
    fields = reader.fields(node, "an entry of `checks`")
    kind = fields.required("found", lambda item: reader.choice(item, get_args(Kind)))
    granted = Granted(
        variant=fields.required("variant", reader.text),
        flush=fields.optional("flush", lambda item: reader.choice(item, ("ipi", "broadcast", "deferred")), "ipi"),
        model=fields.optional("model", lambda item: reader.choice(item, tuple(CHAIN)), next(iter(CHAIN))),
        found="held" if kind == "held" else "deadlock",
        why=fields.required("why", reader.text),
        span=fields.span,
    )
    fields.close()
    return granted


def idle(reader: NodeReader, granted: Sequence[Granted], claimed: set[tuple[str, str]]) -> None:
    """Refuse what speaks of a variant and flush of which nothing else is claimed: nobody would ask."""
    for each in granted:
        if each.variant and (each.variant, each.flush) not in claimed:
            message = f"no obligation is about `{each.variant}` with {each.flush} flushes, so its checks are never run"
            reader.refuse("L107", each.span, message, expected="an obligation of the variant in this file")
