"""Reads primitives: what kernel macros do, in events and ordering."""

from typing import Literal

from encoder.spec.fields import Fields, NodeReader
from encoder.spec.load_arm64 import load_arm64
from encoder.spec.load_steps import load_macro
from encoder.spec.model import (
    Body,
    FenceBody,
    FlushBody,
    GraceBody,
    LoadBody,
    LockBody,
    MacroBody,
    Primitive,
    RegionBody,
    RmwBody,
    StoreBody,
)
from encoder.spec.reserved_names import FUNCTIONS, OLD
from encoder.spec.yamltree import YamlNode, YamlScalar

LOCKS: tuple[Literal["acquire", "try_acquire", "release"], ...] = ("acquire", "try_acquire", "release")
FORMS = ("load", "store", "rmw", *LOCKS, "fence", "region", "flush", "grace", "steps")
ORDERS = ("once", "acquire", "release", "mb", "noreturn", "relaxed", "plain", "srcu-lock", "srcu-unlock")
FENCES = (
    *("mb", "rmb", "wmb", "barrier", "before-atomic", "after-atomic", "after-spinlock", "after-unlock-lock"),
    "after-srcu-read-unlock",
)
FLUSHES = ("ipi", "deferred", "broadcast", "deferred-broadcast")
"""What a TLB flush does, from what orders most on (specs/primitives/tlb.yaml)."""
EDGES = ("begin", "end")
REGIONS = ("irq", "rcu")
GRACES: tuple[Literal["rcu", "srcu"], ...] = ("rcu", "srcu")
READERS = ("irq",)
MODES = ("write", "read")
FAILS = ("locked",)


def load_primitive(reader: NodeReader, key: YamlScalar, node: YamlNode) -> Primitive:
    """One entry of a `primitives` document."""
    fields = reader.fields(node, f"primitive `{key.text}`")
    parameters = fields.optional("params", reader.parameters, ())
    source = fields.optional("source", reader.text, "")
    meant = fields.optional("stands for", reader.texts, ())
    bodies: tuple[tuple[str, Body], ...] = ()
    if fields.has("by flush"):
        bodies = fields.required("by flush", lambda inner: _by_flush(reader, inner, source))
    elif (body := _body(reader, fields, source, ("by flush",))) is not None:
        bodies = (("", body),)
    fields.close()
    reader.check_not_reserved(key.text, key.span, FUNCTIONS)
    if any(isinstance(body, RmwBody) for _, body in bodies):
        for parameter in parameters:
            reader.check_not_reserved(parameter.name, parameter.span, OLD)
    return Primitive(
        name=key.text, parameters=parameters, bodies=bodies, source=source, span=key.span, stands_for=meant
    )


def load_readers(reader: NodeReader, node: YamlNode) -> tuple[tuple[str, str], ...]:
    """`{irq: KERNEL}`: the first kernel in which a grace period of RCU waits for regions of a kind."""
    found = []
    for key, value in reader.entries(node):
        reader.check_known("S113", "kind of region", key.text, READERS, key.span)
        found.append((key.text, reader.text(value)))
    return tuple(found)


def _by_flush(reader: NodeReader, node: YamlNode, source: str) -> tuple[tuple[str, Body], ...]:
    """A form for each kind of TLB flush."""
    forms = reader.fields(node, "`by flush`")

    def form(inner: YamlNode) -> Body | None:
        fields = reader.fields(inner, "this form")
        body = _body(reader, fields, source)
        fields.close()
        return body

    bodies = [(kind, forms.required(kind, form)) for kind in FLUSHES]
    forms.close()
    return tuple((kind, body) for kind, body in bodies if body is not None)


def _body(reader: NodeReader, fields: Fields, source: str, others: tuple[str, ...] = ()) -> Body | None:
    """The form that these keys give, None if there is not exactly one."""
    expression = reader.expression
    match fields.one_of(*FORMS, *others):
        case "load":
            place, arm64 = fields.required("load", expression), load_arm64(reader, fields, "load")
            return LoadBody(place=place, order=_order(reader, fields), arm64=arm64)
        case "store":
            place, arm64 = fields.required("store", expression), load_arm64(reader, fields, "store")
            value = fields.required("value", expression)
            return StoreBody(place=place, value=value, order=_order(reader, fields), arm64=arm64)
        case "rmw":
            return _rmw(reader, fields)
        case "acquire":
            return _lock(reader, fields, "acquire")
        case "try_acquire":
            return _lock(reader, fields, "try_acquire")
        case "release":
            return _lock(reader, fields, "release")
        case "fence":
            kind = fields.required("fence", lambda node: reader.choice(node, FENCES))
            return FenceBody(kind=kind, arm64=load_arm64(reader, fields, "fence"))
        case "region":
            kind = fields.required("region", lambda node: reader.choice(node, REGIONS))
            edge = fields.required("edge", lambda node: reader.choice(node, EDGES))
            return RegionBody(kind=kind, begin=edge == "begin")
        case "flush":
            edge = fields.required("flush", lambda node: reader.choice(node, EDGES))
            return FlushBody(begin=edge == "begin", mm=fields.required("mm", expression))
        case "grace":
            if fields.required("grace", lambda node: reader.choice(node, GRACES)) == "rcu":
                return GraceBody(kind="rcu", place=None)
            return GraceBody(kind="srcu", place=fields.required("place", expression))
        case "steps":
            return MacroBody(steps=fields.required("steps", lambda node: load_macro(reader, node, source)))
        case _:
            return None


def _order(reader: NodeReader, fields: Fields) -> str:
    return fields.optional("order", lambda node: reader.choice(node, ORDERS), "once")


def _rmw(reader: NodeReader, fields: Fields) -> RmwBody:
    expression = reader.expression

    def orders(node: YamlNode) -> tuple[str, str]:
        if isinstance(node, YamlScalar):
            return _split(reader.choice(node, ORDERS))
        inner = reader.fields(node, "`order`")
        read = inner.required("read", lambda word: reader.choice(word, ORDERS))
        write = inner.required("write", lambda word: reader.choice(word, ORDERS))
        inner.close()
        return read, write

    read_order, write_order = fields.optional("order", orders, ("relaxed", "relaxed"))
    return RmwBody(
        place=fields.required("rmw", expression),
        when=fields.optional("when", expression, None),
        new=fields.required("new", expression),
        result=fields.optional("result", expression, None),
        await_=fields.optional("await", expression, None),
        read_order=read_order,
        write_order=write_order,
        fails_locked=fields.optional("fails", lambda node: reader.choice(node, FAILS), None) is not None,
        arm64=load_arm64(reader, fields, "rmw"),
    )


def _split(order: str) -> tuple[str, str]:
    """(ordering of the read, ordering of the write): an acquire orders the read alone, a release the write alone."""
    match order:
        case "acquire":
            return "acquire", "once"
        case "release":
            return "once", "release"
        case _:
            return order, order


def _lock(reader: NodeReader, fields: Fields, action: Literal["acquire", "try_acquire", "release"]) -> LockBody:
    place = fields.required(action, reader.expression)
    mode = fields.optional("mode", lambda node: reader.choice(node, MODES), "write")
    arm64 = load_arm64(reader, fields, action)
    return LockBody(action=action, place=place, mode="read" if mode == "read" else "write", arm64=arm64)
