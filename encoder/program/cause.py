"""Error positions: a mistake that shows inside a call is reported where it is caused, which is the calling step or what
an object is not given.

A parameter stands for the caller's argument, so an expression is followed through the open calls until it is no
parameter. `frames` are the open calls, the innermost last.
"""

from collections.abc import Sequence

from encoder.base.source import Span
from encoder.program.frame import Binding, CallFrame
from encoder.program.naming import known_constant
from encoder.program.problems import Rejected
from encoder.program.symbol_table import SymbolTable
from encoder.program.values import Location
from encoder.spec.syntax import Expression, Member, Name, Subscript, Unary


def null_dereference(
    table: SymbolTable, frames: Sequence[CallFrame], location: Location, access: Expression
) -> Rejected:
    """The problem of dereferencing NULL for a `location` that `access` names in the innermost call."""
    depth, pointer = _pointer(table, frames, access)
    if depth == len(frames) - 1 and not frames[depth].macro and _unset_field(table, frames[depth], pointer) is None:
        return table.problems.reject("S231", f"`->{location.field}` of NULL", access.span)
    return _null_problem(table, frames, access.span, depth, pointer)


def flush_of_null(table: SymbolTable, frames: Sequence[CallFrame], mm: Expression) -> Rejected:
    """The problem of flushing the mm NULL, which `mm` names in the innermost call."""
    depth, pointer = _origin(table, frames, len(frames) - 1, mm)
    return _null_problem(table, frames, mm.span, depth, pointer)


def _null_problem(
    table: SymbolTable, frames: Sequence[CallFrame], used_at: Span, depth: int, pointer: Expression
) -> Rejected:
    """The problem of a `pointer`, written in the frame at `depth`, that is NULL where it is used, at `used_at`."""
    unset = _unset_field(table, frames[depth], pointer)
    if unset is None:
        span = _span_in_step(frames, depth, pointer.span)
        message = "this is NULL, and it is dereferenced"
        return table.problems.reject("S231", message, span, related=_related_places(frames, used_at, span))
    owner, field = unset
    declared = table.declared[owner]
    struct = table.field(declared.struct, field, declared.span).type.name
    span = next((value.span for name, value in declared.values if name == field), declared.span)
    has = f"is given no `{field}`" if span is declared.span else f"has `{field}: NULL`"
    message, expected = f"`{owner}` {has}, and it is dereferenced", f"`{field}: {_example(table, struct)}`"
    expected += f", an object of type `{struct}`"
    return table.problems.reject(
        "S231", message, span, expected=expected, related=_related_places(frames, used_at, span)
    )


def index_out_of_range(
    table: SymbolTable, frames: Sequence[CallFrame], index: int, length: int, access: Subscript
) -> Rejected:
    """The problem of an index beyond the end of an array or list, reported where the array comes from."""
    depth, array = _resolve_argument(frames, len(frames) - 1, access.base, shared=True)
    own = depth == len(frames) - 1
    span = _span_in_step(frames, depth, access.index.span if own else array.span)
    message = f"index {index} is out of range: the length is {length}"
    return table.problems.reject("S231", message, span, related=_related_places(frames, access.index.span, span))


def _resolve_argument(
    frames: Sequence[CallFrame], depth: int, expression: Expression, *, shared: bool = False
) -> tuple[int, Expression]:
    """The expression that one of the frame at `depth` stands for, with the depth of the frame in which that is written.
    A parameter that is assigned there has a value of its own; a `shared` array stays the caller's, whatever is assigned
    to its elements."""
    while isinstance(expression, Name) and expression.name in frames[depth].arguments:
        if frames[depth].assignment_counts[expression.name] and not shared:
            break
        expression = frames[depth].arguments[expression.name]
        depth -= 1
    return depth, expression


def _pointer(table: SymbolTable, frames: Sequence[CallFrame], access: Expression) -> tuple[int, Expression]:
    """The pointer that an access dereferences, or the first one on the way to it that is NULL; with its frame's
    depth."""
    depth, expression = _resolve_argument(frames, len(frames) - 1, access)
    while isinstance(expression, Unary):
        depth, expression = _resolve_argument(frames, depth, expression.operand)
    if not isinstance(expression, Member):
        return depth, expression
    return _origin(table, frames, depth, _base(expression))


def _origin(table: SymbolTable, frames: Sequence[CallFrame], depth: int, pointer: Expression) -> tuple[int, Expression]:
    """Where a pointer comes from: the first one on the way to it that is NULL; with its frame's depth."""
    depth, pointer = _resolve_argument(frames, depth, pointer)
    while isinstance(pointer, Member) and _known_object(table, frames[depth], _base(pointer)) == "":
        depth, pointer = _resolve_argument(frames, depth, _base(pointer))
    return depth, pointer


def _base(member: Member) -> Expression:
    """The pointer before `->`, or `p` of `(*p).x`."""
    return member.base.operand if isinstance(member.base, Unary) and not member.arrow else member.base


def _unset_field(table: SymbolTable, frame: CallFrame, pointer: Expression) -> tuple[str, str] | None:
    """(object, const field) from which a pointer is read, if that is known from names alone."""
    owner = _known_object(table, frame, _base(pointer)) if isinstance(pointer, Member) else None
    return (owner, pointer.name) if owner and isinstance(pointer, Member) else None


def _known_object(table: SymbolTable, frame: CallFrame, pointer: Expression) -> str | None:
    """The object that a pointer points to, "" for NULL, None where names alone do not tell."""
    objects = {name: Binding(value) for name, value in table.objects.items()} if frame.script else {}
    found = known_constant(table, {**objects, **frame.names}, pointer)
    if found is None or not found.type.struct:
        return None
    return table.members[found.type.struct][found.value - 1] if found.value else ""


def _example(table: SymbolTable, struct: str) -> str:
    """An object of the struct, or a placeholder if there is none."""
    return next(iter(table.members.get(struct, ())), "NAME")


def _span_in_step(frames: Sequence[CallFrame], depth: int, span: Span) -> Span:
    """The span of an expression; if it is inside a macro, that of the macro's call in a step."""
    while frames[depth].macro:
        span = frames[depth].call or span
        depth -= 1
    return span


def _related_places(frames: Sequence[CallFrame], span: Span, reported_at: Span) -> tuple[tuple[str, Span], ...]:
    """The step in which the mistake shows, and the place in the primitive that the step calls."""
    step = _span_in_step(frames, len(frames) - 1, span)
    places = {step: "used here", span: "detected here"} if span != step else {span: "detected here"}
    return tuple((what, place) for place, what in places.items() if place != reported_at)
