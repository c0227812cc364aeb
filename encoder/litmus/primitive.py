"""Calls of primitives to events, as specs/primitives defines them."""

from dataclasses import replace
from typing import assert_never

from encoder.base.source import Span
from encoder.litmus.arithmetic import to_bool, to_int
from encoder.litmus.problems import input_error
from encoder.litmus.thread import AddressOf, LitmusLowering
from encoder.program.core import BOOL, Acquire, Const, Expr, Fence, Grace, Region, Release, Rmw, Store
from encoder.program.events import arm64_code
from encoder.spec.model import (
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
from encoder.spec.syntax import Call, Expression, Return, Step

TRUE = Const(1, BOOL)


def expand_primitive(low: LitmusLowering, primitive: Primitive, call: Call) -> Expr | None:
    """Emit the events of a call; returns its value, None if it has none. Raises InputError."""
    names: dict[str, Expr | AddressOf] = {}
    for parameter, argument in zip(primitive.parameters, call.arguments, strict=True):
        type = parameter.type
        if type is not None and type.shape == "place" and not type.name:
            names[parameter.name] = low.place_of(argument)
            continue
        value = to_int(low.value(argument))
        names[parameter.name] = value
        if type is not None and type.name == "lock":
            names[f"lock {parameter.name}"] = value
    outer = low.arguments, low.text
    low.arguments, low.text = names, low.text or low.source_text(call.span)
    try:
        return _body(low, primitive, call.span)
    finally:
        low.arguments, low.text = outer


def _body(low: LitmusLowering, primitive: Primitive, span: Span) -> Expr | None:
    bodies = dict(primitive.bodies)
    body = bodies.get("", next(iter(bodies.values())))
    match body:
        case LoadBody(place=place, order=order):
            return low.load(low.place_of(place), order, arm64_code(body.arm64), span)
        case StoreBody(place=place, value=value, order=order):
            target = low.place(low.place_of(place), span)
            written = to_int(low.value(value))
            store = Store(place=target, values=(("", written),), order=order, site=low.site(span))
            low.code.append(replace(store, arm64=arm64_code(body.arm64)))
            return None
        case RmwBody():
            return _rmw(low, body, span)
        case LockBody():
            return _lock(low, body, span)
        case FenceBody(kind=kind):
            low.code.append(Fence(kind=kind, site=low.site(span), arm64=arm64_code(body.arm64)))
            return None
        case GraceBody(kind=kind, place=domain):
            where = None if domain is None else low.place(low.place_of(domain), span)
            low.code += [Grace(kind=kind, begin=begin, place=where, site=low.site(span)) for begin in (True, False)]
            return None
        case RegionBody(kind=kind, begin=begin):
            low.code.append(Region(kind=kind, begin=begin, site=low.site(span)))
            return None
        case MacroBody(steps=steps):
            return _macro(low, steps, span)
        case FlushBody():
            raise input_error("L110", f"`{primitive.name}` is not supported in litmus tests", span)
        case _:
            assert_never(body)


def _rmw(low: LitmusLowering, body: RmwBody, span: Span) -> Expr | None:
    place = low.place(low.place_of(body.place), span)
    assert low.arguments is not None
    old = low.temporary()
    low.arguments["old"] = old

    def condition(expression: Expression | None) -> Expr:
        return TRUE if expression is None else to_bool(low.value(expression))

    event = Rmw(
        place=place, into=(("", old.name),), when=condition(body.when), values=(("", to_int(low.value(body.new))),),
        await_=condition(body.await_), read_order=body.read_order, write_order=body.write_order, site=low.site(span),
        arm64=arm64_code(body.arm64),
    )  # fmt: skip
    low.code.append(event)
    return None if body.result is None else low.value(body.result)


def _lock(low: LitmusLowering, body: LockBody, span: Span) -> Expr | None:
    place, site, arm64 = low.place(low.place_of(body.place), span), low.site(span), arm64_code(body.arm64)
    if body.action == "release":
        low.code.append(Release(place=place, mode=body.mode, site=site, arm64=arm64))
        return None
    taken = low.temporary() if body.action == "try_acquire" else None
    into = taken.name if taken else None
    low.code.append(Acquire(place=place, mode=body.mode, into=into, site=site, arm64=arm64))
    return taken


def _macro(low: LitmusLowering, steps: tuple[Step, ...], span: Span) -> Expr | None:
    """Emit the statements of a macro, which ends at its first `return`."""
    for step in steps:
        match step.statement:
            case Return(value=None):
                return None
            case Return(value=value):
                assert value is not None
                return low.value(value)
            case _:
                low.statement(step)
    return None
