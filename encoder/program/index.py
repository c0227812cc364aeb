"""Elements of arrays and lists, by index."""

from encoder.program import fold
from encoder.program.core import INT, Const, Expr, Op, Scalar
from encoder.program.values import Array, ObjectList, RecordValue, parts_of, with_parts, zero_value


def element_at(items: Array | ObjectList, index: Expr) -> Expr | RecordValue:
    """The element at an index; 0 or NULL beyond the end."""
    if isinstance(index, Const) and 0 <= index.value < len(items.items):
        return items.items[index.value]
    element_type = items.element if isinstance(items, Array) else Scalar(kind="pointer", struct=items.struct)
    result = zero_value(element_type)
    for position in range(len(items.items) - 1, -1, -1):
        here = fold.arith(Op.EQ, index, Const(position, INT))
        result = choose_value(here, items.items[position], result)
    return result


def choose_value(condition: Expr, then: Expr | RecordValue, otherwise: Expr | RecordValue) -> Expr | RecordValue:
    """`condition ? then : otherwise` for two values of the same type."""
    first = dict(parts_of(then))
    parts = tuple((name, fold.choose(condition, first[name], rest)) for name, rest in parts_of(otherwise))
    return with_parts(otherwise, parts)
