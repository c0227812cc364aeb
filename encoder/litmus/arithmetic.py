"""C's operators on ints. Expressions are kept as written: only sums and differences of constants (addresses) are
folded."""

from encoder.program.core import BOOL, INT, Arith, Choose, Const, Convert, Expr, Not, Op, Var
from encoder.program.fold import wrap

COMPARISONS = {"==": Op.EQ, "!=": Op.NE, "<": Op.LT, "<=": Op.LE}


def binary_operation(op: str, left: Expr, right: Expr) -> Expr:
    """`left op right`."""
    left, right = to_int(left), to_int(right)
    match op:
        case "==" | "!=" | "<" | "<=":
            return Arith(COMPARISONS[op], left, right, BOOL)
        case ">" | ">=":
            return Arith(Op.LT if op == ">" else Op.LE, right, left, BOOL)
        case "+" | "-" if isinstance(left, Const) and isinstance(right, Const):
            return Const(wrap(left.value + right.value if op == "+" else left.value - right.value, INT), INT)
        case _:
            return Arith(Op(op), left, right, INT)


def is_bool(expr: Expr) -> bool:
    match expr:
        case Const(type=type) | Arith(type=type) | Convert(type=type) | Var(type=type):
            return type == BOOL
        case Not():
            return True
        case Choose(then=then):
            return is_bool(then)
        case _:
            return False


def to_int(expr: Expr) -> Expr:
    """The value as an int."""
    return Convert(expr, INT) if is_bool(expr) else expr


def to_bool(expr: Expr) -> Expr:
    """Whether the value is not 0."""
    return expr if is_bool(expr) else Arith(Op.NE, expr, Const(0, INT), BOOL)
