"""Evaluates expressions of the spec language: typed, constants folded, their events emitted in C's order."""

from encoder.base.source import Span
from encoder.program import fold
from encoder.program.aggregate import object_list, record_value
from encoder.program.coerce import coerce_scalar, equality, require_number
from encoder.program.core import BOOL, INT, UNSIGNED, Arith, Const, Expr, Op, Scalar
from encoder.program.index import element_at
from encoder.program.scope import Scope
from encoder.program.values import (
    Array,
    Location,
    ObjectList,
    Pointer,
    RecordValue,
    ThreadRef,
    Value,
    describe,
    type_of,
)
from encoder.spec.syntax import (
    Binary,
    Call,
    Compound,
    Conditional,
    Expression,
    ListOf,
    Member,
    Name,
    Number,
    Position,
    Subscript,
    Unary,
)

LITERALS = {
    "NULL": Const(0, Scalar(kind="pointer")),
    "true": Const(1, BOOL),
    "false": Const(0, BOOL),
}


def evaluate(scope: Scope, expression: Expression) -> Value:
    """The value of an expression. Raises Rejected."""
    match expression:
        case Number():
            return _number(scope, expression)
        case Name():
            found = _name(scope, expression)
            return scope.load(found, expression) if isinstance(found, Location) else found
        case Unary(op="&"):
            return Pointer(evaluate_location(scope, expression.operand))
        case Unary(op="*"):
            return scope.load(evaluate_location(scope, expression), expression)
        case Unary():
            return _unary(scope, expression)
        case Binary(op="&&" | "||"):
            return _logic(scope, expression)
        case Binary():
            return _binary(scope, expression)
        case Conditional():
            return _conditional(scope, expression)
        case Member():
            return _member(scope, expression)
        case Subscript():
            return _subscript(scope, expression)
        case Call():
            return _call(scope, expression)
        case Compound():
            return record_value(scope, expression, [evaluate_scalar(scope, value) for _, value in expression.fields])
        case ListOf():
            return object_list(scope, expression, [evaluate_scalar(scope, item) for item in expression.items])
        case Position():
            return scope.position(expression)


def evaluate_scalar(scope: Scope, expression: Expression) -> Expr:
    """The value of an expression that is a number, a truth value or a pointer. Raises Rejected."""
    value = evaluate(scope, expression)
    if isinstance(value, Expr):
        return value
    raise scope.problems.reject("S223", f"{describe(value)} cannot be used as a number or a pointer", expression.span)


def evaluate_truth(scope: Scope, expression: Expression) -> Expr:
    """Whether an expression is not 0. Raises Rejected."""
    return fold.truth(evaluate_scalar(scope, expression))


def evaluate_constant(scope: Scope, expression: Expression) -> int | None:
    """The number that an expression is, None if only running the program tells. Raises Rejected."""
    value = evaluate_scalar(scope, expression)
    return value.value if isinstance(value, Const) else None


def evaluate_location(scope: Scope, expression: Expression) -> Location:
    """The memory location that an expression denotes. Raises Rejected."""
    match expression:
        case Name():
            found = _name(scope, expression)
            if isinstance(found, Location):
                return found
        case Unary(op="*"):
            value = evaluate(scope, expression.operand)
            if isinstance(value, Pointer):
                return value.location
        case Member(arrow=False, base=Member()):
            message = "a word is read and written at once, not by its fields"
            raise scope.problems.reject("S224", message, expression.span)
        case Member():
            base = _object(scope, expression)
            if base is not None:
                struct = type_of(base).struct
                field = scope.table.field(struct, expression.name, expression.span)
                if scope.table.is_memory(struct, field):
                    return scope.table.location(base, struct, field)
                message = f"`{field.name}` of `{struct}` is no memory location: the scenario fixes it"
                raise scope.problems.reject("S224", message, expression.span, expected="a field without `const`")
        case _:
            pass
    expected = "`object->field` or `*pointer`"
    raise scope.problems.reject("S224", "this is no memory location", expression.span, expected=expected)


def _number(scope: Scope, expression: Number) -> Const:
    if expression.value >= 1 << 32:
        raise scope.problems.reject("S223", f"{expression.value} does not fit 32 bits", expression.span)
    return Const(expression.value, UNSIGNED if expression.value >= 1 << 31 else INT)


def _name(scope: Scope, expression: Name) -> Value:
    if expression.name in LITERALS:
        return LITERALS[expression.name]
    if expression.name in scope.table.constants:
        return Const(fold.wrap(scope.table.constants[expression.name], INT), INT)
    return scope.lookup(expression)


def _unary(scope: Scope, expression: Unary) -> Expr:
    if expression.op == "!":
        return fold.negation(evaluate_scalar(scope, expression.operand))
    operand = fold.promote(require_number(scope, evaluate_scalar(scope, expression.operand), expression.operand.span))
    if expression.op == "-":
        return fold.arith(Op.SUB, Const(0, type_of(operand)), operand)
    return fold.arith(Op.XOR, operand, Const(fold.wrap(-1, type_of(operand)), type_of(operand)))


def _logic(scope: Scope, expression: Binary) -> Expr:
    """`&&` and `||`: the right side is evaluated only where C does so."""
    conjunction = expression.op == "&&"
    left = evaluate_truth(scope, expression.left)
    if isinstance(left, Const) and bool(left.value) != conjunction:
        with scope.unreachable():
            evaluate_truth(scope, expression.right)
        return left
    if isinstance(left, Const):
        return evaluate_truth(scope, expression.right)
    right, code = scope.capture(lambda: evaluate_truth(scope, expression.right))
    if not code:
        return fold.conjunction(left, right) if conjunction else fold.disjunction(left, right)
    decided: tuple[Expr, tuple[()]] = (fold.FALSE if conjunction else fold.TRUE, ())
    return scope.join(left, (right, code), decided) if conjunction else scope.join(left, decided, (right, code))


def _binary(scope: Scope, expression: Binary) -> Expr:
    left, right = evaluate(scope, expression.left), evaluate(scope, expression.right)
    match expression.op:
        case "==" | "!=":
            equal = equality(scope, left, right, expression.span)
            return equal if expression.op == "==" else _unequal(equal)
        case ">" | ">=":
            left, right = right, left
            spans = expression.right.span, expression.left.span
            op = Op.LT if expression.op == ">" else Op.LE
        case _:
            spans = expression.left.span, expression.right.span
            op = Op(expression.op)
    return fold.arith(op, require_number(scope, left, spans[0]), require_number(scope, right, spans[1]))


def _unequal(equal: Expr) -> Expr:
    if isinstance(equal, Arith) and equal.op is Op.EQ:
        return Arith(Op.NE, equal.left, equal.right, BOOL)
    return fold.negation(equal)


def _conditional(scope: Scope, expression: Conditional) -> Value:
    condition = evaluate_truth(scope, expression.condition)
    if isinstance(condition, Const):
        live, dead = expression.then, expression.otherwise
        if not condition.value:
            live, dead = dead, live
        with scope.unreachable():
            evaluate(scope, dead)
        return evaluate(scope, live)
    then, first = scope.capture(lambda: evaluate_scalar(scope, expression.then))
    otherwise, second = scope.capture(lambda: evaluate_scalar(scope, expression.otherwise))
    then, otherwise = _common(scope, then, otherwise, expression.span)
    if first or second:
        return scope.join(condition, (then, first), (otherwise, second))
    return fold.choose(condition, then, otherwise)


def _common(scope: Scope, then: Expr, otherwise: Expr, span: Span) -> tuple[Expr, Expr]:
    """Both arms of `?:` converted to one type."""
    one, other = type_of(then), type_of(otherwise)
    if one == other:
        return then, otherwise
    if one.kind == "pointer":
        return then, coerce_scalar(scope, otherwise, one, span)
    if other.kind == "pointer":
        return coerce_scalar(scope, then, other, span), otherwise
    common = UNSIGNED if UNSIGNED in (one, other) else INT
    return fold.convert(then, common), fold.convert(otherwise, common)


def _object(scope: Scope, expression: Member) -> Expr | None:
    """The pointer before `->` (or `p` of `(*p).x`), None if this is no field of an object."""
    if expression.arrow:
        base = evaluate(scope, expression.base)
        span = expression.base.span
    elif isinstance(expression.base, Unary) and expression.base.op == "*":
        base = evaluate(scope, expression.base.operand)
        span = expression.base.operand.span
    else:
        return None
    if isinstance(base, Expr) and type_of(base).struct:
        return base
    raise scope.problems.reject("S223", f"{describe(base)} does not point to an object", span)


def _member(scope: Scope, expression: Member) -> Value:
    base = _object(scope, expression)
    if base is not None:
        struct = type_of(base).struct
        field = scope.table.field(struct, expression.name, expression.span)
        if scope.table.is_memory(struct, field):
            return scope.load(scope.table.location(base, struct, field), expression)
        if not field.const:
            return scope.parameter(base, struct, field.name, expression.span)
        return scope.table.fixed_value(base, struct, field, expression.span)
    value = evaluate(scope, expression.base)
    match value:
        case RecordValue():
            known: dict[str, Value] = dict(value.parts)
            kind = f"`{value.word.name}`"
        case ThreadRef():
            known = dict(value.members)
            kind = f"thread {value.name}"
        case _:
            hint = f"`->{expression.name}`" if isinstance(value, Expr) and type_of(value).struct else ""
            message = f"{describe(value)} has no fields"
            raise scope.problems.reject("S223", message, expression.base.span, expected=hint)
    if expression.name not in known:
        message = f"{kind} has no `{expression.name}`"
        expected = "a local that the thread's steps assign, or a ghost" if isinstance(value, ThreadRef) else ""
        raise scope.problems.reject(
            "S222", message, expression.span, expected=expected, word=expression.name, known=known
        )
    return known[expression.name]


def _subscript(scope: Scope, expression: Subscript) -> Value:
    base = evaluate(scope, expression.base)
    if not isinstance(base, Array | ObjectList):
        raise scope.problems.reject("S223", f"{describe(base)} cannot be indexed", expression.base.span)
    index = require_number(scope, evaluate_scalar(scope, expression.index), expression.index.span)
    scope.index(index, len(base.items), expression)
    return element_at(base, index)


def _call(scope: Scope, expression: Call) -> Value:
    if expression.function == "len":
        return _length(scope, expression)
    value = scope.call(expression)
    if value is None:
        raise scope.problems.reject("S225", f"`{expression.function}` has no value", expression.span)
    return value


def _length(scope: Scope, expression: Call) -> Const:
    if len(expression.arguments) != 1:
        raise scope.problems.reject("S226", "`len` takes one argument", expression.span)
    value = evaluate(scope, expression.arguments[0])
    if not isinstance(value, Array | ObjectList):
        raise scope.problems.reject("S223", f"{describe(value)} has no length", expression.arguments[0].span)
    return Const(len(value.items), INT)
