"""Type conversions of assignments and comparisons, as in C but stricter about pointers."""

from encoder.base.source import Span
from encoder.program import fold
from encoder.program.core import Const, Expr, Op, Scalar
from encoder.program.scope import Scope
from encoder.program.values import RecordValue, Type, Value, WordType, describe, type_of


def coerce(scope: Scope, value: Value | None, type: Type, span: Span) -> Expr | RecordValue:
    """The value converted as if assigned to a variable of `type`. Raises Rejected."""
    match type:
        case WordType():
            if isinstance(value, RecordValue) and value.word == type:
                return value
        case Scalar():
            if isinstance(value, Expr):
                return coerce_scalar(scope, value, type, span)
    raise scope.problems.reject("S223", f"{describe(value)} where {describe(type)} is wanted", span)


def coerce_scalar(scope: Scope, value: Expr, type: Scalar, span: Span) -> Expr:
    """A scalar converted to `type`: numbers convert as in C, pointers must have this type. Raises Rejected."""
    found = type_of(value)
    if type.kind == "pointer":
        if found == type:
            return value
        if _is_null(value):
            return Const(0, type)
    elif found.kind != "pointer":
        return fold.convert(value, type)
    elif type.kind == "bool":
        return fold.truth(value)
    raise scope.problems.reject("S223", f"{describe(found)} where {describe(type)} is wanted", span)


def require_number(scope: Scope, value: Value, span: Span) -> Expr:
    """The value, which must be a number. Raises Rejected."""
    if isinstance(value, Expr) and type_of(value).kind != "pointer":
        return value
    raise scope.problems.reject("S223", f"{describe(value)} where a number is wanted", span)


def equality(scope: Scope, left: Value, right: Value, span: Span) -> Expr:
    """`left == right`. Raises Rejected."""
    if isinstance(left, RecordValue) and isinstance(right, RecordValue) and left.word == right.word:
        equal: Expr = fold.TRUE
        for (_, one), (_, other) in zip(left.parts, right.parts, strict=True):
            equal = fold.conjunction(equal, fold.arith(Op.EQ, one, other))
        return equal
    if isinstance(left, Expr) and isinstance(right, Expr):
        first, second = type_of(left), type_of(right)
        if first == second or "pointer" not in (first.kind, second.kind):
            return fold.arith(Op.EQ, left, right)
        if first.kind == "pointer" and _is_null(right):
            return fold.arith(Op.EQ, left, Const(0, first))
        if second.kind == "pointer" and _is_null(left):
            return fold.arith(Op.EQ, Const(0, second), right)
    raise scope.problems.reject("S223", f"{describe(left)} compared with {describe(right)}", span)


def _is_null(value: Expr) -> bool:
    if not isinstance(value, Const) or value.value != 0:
        return False
    return value.type.kind == "int" or value.type == Scalar(kind="pointer")
