"""Elements of arrays and lists."""

from encoder.program import fold
from encoder.program.core import INT, Const, Expr, Op, Scalar
from encoder.program.values import Array, ObjectList, RecordValue, parts_of, with_parts, zero


def element(items: Array | ObjectList, index: Expr) -> Expr | RecordValue:
    """The element at an index; 0 or NULL beyond the end."""
    if isinstance(index, Const) and 0 <= index.value < len(items.items):
        return items.items[index.value]
    element_type = items.element if isinstance(items, Array) else Scalar(kind="pointer", struct=items.struct)
    result = zero(element_type)
    for position in range(len(items.items) - 1, -1, -1):
        here = fold.arith(Op.EQ, index, Const(position, INT))
        result = chosen(here, items.items[position], result)
    return result


def chosen(condition: Expr, then: Expr | RecordValue, otherwise: Expr | RecordValue) -> Expr | RecordValue:
    """One of two values of one type."""
    first = dict(parts_of(then))
    parts = tuple((name, fold.choose(condition, first[name], rest)) for name, rest in parts_of(otherwise))
    return with_parts(otherwise, parts)
