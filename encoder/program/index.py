"""Elements of arrays and lists."""

from encoder.program import fold
from encoder.program.core import INT, Const, Expr, Op, Scalar
from encoder.program.values import Array, ObjectList, Record, parts_of, with_parts, zero


def element(items: Array | ObjectList, index: Expr) -> Expr | Record:
    """The element at an index; 0 or NULL beyond the end."""
    if isinstance(index, Const) and 0 <= index.value < len(items.items):
        return items.items[index.value]
    element_type = items.element if isinstance(items, Array) else Scalar(kind="pointer", struct=items.struct)
    result = zero(element_type)
    for position in range(len(items.items) - 1, -1, -1):
        here = fold.arith(Op.EQ, index, Const(position, INT))
        item = dict(parts_of(items.items[position]))
        parts = tuple((name, fold.choose(here, item[name], rest)) for name, rest in parts_of(result))
        result = with_parts(result, parts)
    return result
