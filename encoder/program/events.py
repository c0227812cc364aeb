"""Primitives that become events: loads, stores, read-modify-writes, locks, fences, regions, flushes and grace
periods."""

from collections.abc import Callable
from typing import TypeVar, assert_never

from encoder.program import cause, fold
from encoder.program.assignment import emit_store
from encoder.program.coerce import coerce
from encoder.program.core import BOOL, Acquire, Arm64Code, Const, Fence, Flush, Grace, Region, Release, Rmw, Scalar, Var
from encoder.program.evaluate import evaluate, evaluate_location, evaluate_scalar, evaluate_truth
from encoder.program.frame import Binding
from encoder.program.lowering import Lowering
from encoder.program.values import Value, describe, parts_of, type_of
from encoder.spec.model import (
    Arm64Body,
    FenceBody,
    FlushBody,
    GraceBody,
    LoadBody,
    LockBody,
    RegionBody,
    RmwBody,
    StoreBody,
)
from encoder.spec.syntax import Expression

T = TypeVar("T")
EventBody = LoadBody | StoreBody | RmwBody | LockBody | FenceBody | RegionBody | FlushBody | GraceBody


def lower_event(low: Lowering, body: EventBody, text: str) -> Value | None:
    """Emit the events of a primitive; returns its value, None if it has none. Raises Rejected."""
    match body:
        case LoadBody():
            return low.read(evaluate_location(low, body.place), body.order, arm64_code(body.arm64), text, body.place)
        case StoreBody():
            value = evaluate(low, body.value)
            location, order = evaluate_location(low, body.place), (body.order, arm64_code(body.arm64))
            emit_store(low, location, value, order, text, body.place, body.value.span)
        case RmwBody():
            return _rmw(low, body, text)
        case LockBody():
            return _lock(low, body, text)
        case FenceBody():
            low.emit(Fence(kind=body.kind, site=low.site(text), arm64=arm64_code(body.arm64)))
        case RegionBody():
            low.emit(Region(kind=body.kind, begin=body.begin, site=low.site(text)))
        case FlushBody():
            mm = evaluate_scalar(low, body.mm)
            if not type_of(mm).struct:
                raise low.problems.reject("S223", f"{describe(mm)} is no mm", body.mm.span)
            if isinstance(mm, Const) and not mm.value and not low.unreachable_depth:
                raise cause.flush_of_null(low.table, low.frames, body.mm)
            low.emit(Flush(begin=body.begin, mm=mm, site=low.site(text)))
        case GraceBody():
            _grace(low, body, text)
        case _:
            assert_never(body)
    return None


def _grace(low: Lowering, body: GraceBody, text: str) -> None:
    place = None
    if body.place is not None:
        location = evaluate_location(low, body.place)
        if location.lock or not isinstance(location.type, Scalar):
            raise low.problems.reject("S223", f"{describe(location.type)} is no srcu_struct", body.place.span)
        place = low.place(location, body.place)
    for begin, happens in ((True, "begins"), (False, "ends")):
        low.emit(Grace(kind=body.kind, begin=begin, place=place, site=low.site(f"{text} {happens}")))


def _rmw(low: Lowering, body: RmwBody, text: str) -> Value | None:
    location = evaluate_location(low, body.place)
    if location.lock:
        raise low.problems.reject("S224", "a lock is taken and released, not changed", body.place.span)
    old = low.temporary(location.type)
    low.frame.names["old"] = Binding(old)
    when = fold.TRUE if body.when is None else _pure(low, body.when, evaluate_truth)
    await_ = fold.TRUE if body.await_ is None else _pure(low, body.await_, evaluate_truth)
    new = coerce(low, _pure(low, body.new, evaluate), location.type, body.new.span)
    low.emit(
        Rmw(
            place=low.place(location, body.place),
            into=tuple((name, part.name) for name, part in parts_of(old) if isinstance(part, Var)),
            when=when,
            values=parts_of(new),
            await_=await_,
            read_order=body.read_order,
            write_order=body.write_order,
            site=low.site(text),
            fails_locked=body.fails_locked,
            arm64=arm64_code(body.arm64),
        )
    )
    return None if body.result is None else _pure(low, body.result, evaluate)


def _pure(low: Lowering, expression: Expression, evaluation: Callable[[Lowering, Expression], T]) -> T:
    """The value of an expression inside an atomic event. Raises Rejected if it has events of its own."""
    with low.buffer() as code:
        value = evaluation(low, expression)
    if code:
        raise low.problems.reject("S224", "an atomic event cannot contain another", expression.span)
    return value


def _lock(low: Lowering, body: LockBody, text: str) -> Value | None:
    location = evaluate_location(low, body.place)
    if not location.lock:
        raise low.problems.reject("S223", f"{describe(location.type)} is no lock", body.place.span)
    place, arm64 = low.place(location, body.place), arm64_code(body.arm64)
    match body.action:
        case "acquire":
            low.emit(Acquire(place=place, mode=body.mode, into=None, site=low.site(text), arm64=arm64))
        case "try_acquire":
            taken = low.temporary(BOOL)
            assert isinstance(taken, Var)
            low.emit(Acquire(place=place, mode=body.mode, into=taken.name, site=low.site(text), arm64=arm64))
            return taken
        case "release":
            low.emit(Release(place=place, mode=body.mode, site=low.site(text), arm64=arm64))
        case never:
            assert_never(never)
    return None


def arm64_code(body: Arm64Body | None) -> Arm64Code | None:
    return None if body is None else Arm64Code(lse=body.lse, llsc=body.llsc)
