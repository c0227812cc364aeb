"""Where a mistake has its cause that is felt inside a call: in the step that calls, or in what an object is not given.

A parameter stands for what the caller wrote, so an expression is followed through the calls that are open until it is
no parameter.
"""

from collections.abc import Sequence

from encoder.base.source import Span
from encoder.program.frame import Binding, CallFrame
from encoder.program.naming import known
from encoder.program.problems import Rejected
from encoder.program.symbol_table import SymbolTable
from encoder.program.values import Location
from encoder.spec.syntax import Expression, Member, Name, Subscript, Unary


def null(world: SymbolTable, frames: Sequence[CallFrame], location: Location, access: Expression) -> Rejected:
    """The problem of a `location` behind NULL, which `access` names in the innermost of the open calls."""
    depth, pointer = _pointer(world, frames, access)
    if depth == len(frames) - 1 and not frames[depth].macro and _lacking(world, frames[depth], pointer) is None:
        return world.problems.reject("S231", f"`->{location.field}` of NULL", access.span)
    return _nowhere(world, frames, access.span, depth, pointer)


def unflushable(world: SymbolTable, frames: Sequence[CallFrame], mm: Expression) -> Rejected:
    """The problem of a flush of what is NULL: `mm` is how the innermost of the open calls names it."""
    depth, pointer = _origin(world, frames, len(frames) - 1, mm)
    return _nowhere(world, frames, mm.span, depth, pointer)


def _nowhere(world: SymbolTable, frames: Sequence[CallFrame], felt: Span, depth: int, pointer: Expression) -> Rejected:
    """The problem of a `pointer`, written in the frame at `depth`, that is NULL where it is `felt`."""
    lacking = _lacking(world, frames[depth], pointer)
    if lacking is None:
        span = _told(frames, depth, pointer.span)
        message = "this is NULL, and it is dereferenced"
        return world.problems.reject("S231", message, span, related=_felt(frames, felt, span))
    owner, field = lacking
    declared = world.declared[owner]
    struct = world.field(declared.struct, field, declared.span).type.name
    span = next((value.span for name, value in declared.values if name == field), declared.span)
    has = f"is given no `{field}`" if span is declared.span else f"has `{field}: NULL`"
    message, expected = f"`{owner}` {has}, and it is dereferenced", f"`{field}: {_example(world, struct)}`"
    expected += f", an object of type `{struct}`"
    return world.problems.reject("S231", message, span, expected=expected, related=_felt(frames, felt, span))


def outside(world: SymbolTable, frames: Sequence[CallFrame], index: int, length: int, access: Subscript) -> Rejected:
    """The problem of an index beyond the end of an array or list, told where the array comes from."""
    depth, array = _followed(frames, len(frames) - 1, access.base, shared=True)
    own = depth == len(frames) - 1
    span = _told(frames, depth, access.index.span if own else array.span)
    message = f"index {index} is out of range: the length is {length}"
    return world.problems.reject("S231", message, span, related=_felt(frames, access.index.span, span))


def _followed(
    frames: Sequence[CallFrame], depth: int, expression: Expression, *, shared: bool = False
) -> tuple[int, Expression]:
    """What an expression of the frame at `depth` stands for, and the frame in which that is written. A value that is
    assigned anew there is its own; an array that is `shared` stays the caller's, whatever is assigned to its elements.
    """
    while isinstance(expression, Name) and expression.name in frames[depth].arguments:
        if frames[depth].counts[expression.name] and not shared:
            break
        expression = frames[depth].arguments[expression.name]
        depth -= 1
    return depth, expression


def _pointer(world: SymbolTable, frames: Sequence[CallFrame], access: Expression) -> tuple[int, Expression]:
    """The pointer that an access follows, or the first one on the way to it that is NULL."""
    depth, expression = _followed(frames, len(frames) - 1, access)
    while isinstance(expression, Unary):
        depth, expression = _followed(frames, depth, expression.operand)
    if not isinstance(expression, Member):
        return depth, expression
    return _origin(world, frames, depth, _base(expression))


def _origin(world: SymbolTable, frames: Sequence[CallFrame], depth: int, pointer: Expression) -> tuple[int, Expression]:
    """Where a pointer comes from: the first one on the way to it that is NULL."""
    depth, pointer = _followed(frames, depth, pointer)
    while isinstance(pointer, Member) and _object(world, frames[depth], _base(pointer)) == "":
        depth, pointer = _followed(frames, depth, _base(pointer))
    return depth, pointer


def _base(member: Member) -> Expression:
    """The pointer before `->`, or `p` of `(*p).x`."""
    return member.base.operand if isinstance(member.base, Unary) and not member.arrow else member.base


def _lacking(world: SymbolTable, frame: CallFrame, pointer: Expression) -> tuple[str, str] | None:
    """The object and its const field that a pointer is read from, if its names alone say so."""
    owner = _object(world, frame, _base(pointer)) if isinstance(pointer, Member) else None
    return (owner, pointer.name) if owner and isinstance(pointer, Member) else None


def _object(world: SymbolTable, frame: CallFrame, pointer: Expression) -> str | None:
    """The object that a pointer points to, "" for NULL, None where its names alone do not say it."""
    objects = {name: Binding(value) for name, value in world.objects.items()} if frame.script else {}
    found = known(world, {**objects, **frame.names}, pointer)
    if found is None or not found.type.struct:
        return None
    return world.members[found.type.struct][found.value - 1] if found.value else ""


def _example(world: SymbolTable, struct: str) -> str:
    """An object of the struct, or a word for one."""
    return next(iter(world.members.get(struct, ())), "NAME")


def _told(frames: Sequence[CallFrame], depth: int, span: Span) -> Span:
    """The place of an expression; of one inside a macro, that of the macro's call in a step."""
    while frames[depth].macro:
        span = frames[depth].call or span
        depth -= 1
    return span


def _felt(frames: Sequence[CallFrame], span: Span, told: Span) -> tuple[tuple[str, Span], ...]:
    """The step in which it was felt, and the place in the primitive that the step calls."""
    step = _told(frames, len(frames) - 1, span)
    places = {step: "used here", span: "detected here"} if span != step else {span: "detected here"}
    return tuple((what, place) for place, what in places.items() if place != told)
