"""Typed expressions with C's conversions and constant folding.

Only operations on constants are folded, and `&&`, `||`, `?:` with a constant operand or condition: `x * 0` still
depends on x.
"""

from encoder.program.core import BOOL, INT, UNSIGNED, Arith, Choose, Const, Convert, Expr, Not, Op, Scalar
from encoder.program.values import type_of

COMPARISONS = frozenset({Op.EQ, Op.NE, Op.LT, Op.LE})
SHIFTS = frozenset({Op.SHL, Op.SHR})
TRUE = Const(1, BOOL)
FALSE = Const(0, BOOL)


def wrap(value: int, type: Scalar) -> int:
    """`value` converted to `type`."""
    match type.kind:
        case "int":
            return (value + (1 << 31)) % (1 << 32) - (1 << 31)
        case "unsigned":
            return value % (1 << 32)
        case "bool":
            return int(value != 0)
        case "pointer":
            return value


def convert(expr: Expr, type: Scalar) -> Expr:
    """The number `expr` converted to `type`."""
    if type_of(expr) == type:
        return expr
    if isinstance(expr, Const):
        return Const(wrap(expr.value, type), type)
    if type == BOOL:
        return truth(expr)
    return Convert(expr, type)


def truth(expr: Expr) -> Expr:
    """`expr != 0`."""
    if type_of(expr) == BOOL:
        return expr
    if isinstance(expr, Const):
        return Const(int(expr.value != 0), BOOL)
    return Arith(Op.NE, expr, Const(0, type_of(expr)), BOOL)


def negation(expr: Expr) -> Expr:
    """`!expr`."""
    inner = truth(expr)
    match inner:
        case Const():
            return Const(1 - inner.value, BOOL)
        case Not(operand):
            return operand
        case _:
            return Not(inner)


def conjunction(left: Expr, right: Expr) -> Expr:
    """`left && right`, both without effects."""
    left, right = truth(left), truth(right)
    if FALSE in (left, right):
        return FALSE
    if left == TRUE:
        return right
    return left if right == TRUE else Arith(Op.LAND, left, right, BOOL)


def disjunction(left: Expr, right: Expr) -> Expr:
    """`left || right`, both without effects."""
    left, right = truth(left), truth(right)
    if TRUE in (left, right):
        return TRUE
    if left == FALSE:
        return right
    return left if right == FALSE else Arith(Op.LOR, left, right, BOOL)


def choose(condition: Expr, then: Expr, otherwise: Expr) -> Expr:
    """`condition ? then : otherwise`; both arms have one type."""
    condition = truth(condition)
    if isinstance(condition, Const):
        return then if condition.value else otherwise
    return then if then == otherwise else Choose(condition, then, otherwise)


def promote(expr: Expr) -> Expr:
    """C's integer promotion: a bool becomes an int."""
    return convert(expr, INT) if type_of(expr) == BOOL else expr


def arith(op: Op, left: Expr, right: Expr) -> Expr:
    """`left op right` of two numbers after C's usual conversions; `==` and `!=` also compare two bools or pointers."""
    if op in (Op.EQ, Op.NE) and type_of(left) == type_of(right):
        return _operation(op, left, right, BOOL)
    left, right = promote(left), promote(right)
    if op in SHIFTS:
        return _operation(op, left, right, type_of(left))
    common = UNSIGNED if UNSIGNED in (type_of(left), type_of(right)) else INT
    return _operation(op, convert(left, common), convert(right, common), BOOL if op in COMPARISONS else common)


def _operation(op: Op, left: Expr, right: Expr, type: Scalar) -> Expr:
    if isinstance(left, Const) and isinstance(right, Const):
        return Const(wrap(_value(op, left.value, right.value), type), type)
    return Arith(op, left, right, type)


def _value(op: Op, left: int, right: int) -> int:
    match op:
        case Op.ADD:
            return left + right
        case Op.SUB:
            return left - right
        case Op.MUL:
            return left * right
        case Op.AND:
            return left & right
        case Op.OR:
            return left | right
        case Op.XOR:
            return left ^ right
        case Op.SHL:
            return left << min(right % (1 << 32), 32)
        case Op.SHR:
            return left >> min(right % (1 << 32), 32)
        case Op.EQ:
            return int(left == right)
        case Op.NE:
            return int(left != right)
        case Op.LT:
            return int(left < right)
        case Op.LE:
            return int(left <= right)
        case Op.LAND:
            return int(left != 0 and right != 0)
        case Op.LOR:
            return int(left != 0 or right != 0)
