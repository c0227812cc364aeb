"""Reads memory without events: in the initial state and in properties."""

from collections.abc import Callable

from encoder.program import fold
from encoder.program.core import CellName, Const, Expr, Op, Scalar
from encoder.program.index import choose_value
from encoder.program.symbol_table import SymbolTable
from encoder.program.values import Location, RecordValue, zero_value


def memory_value(
    table: SymbolTable, location: Location, value: Callable[[CellName], Expr | RecordValue]
) -> Expr | RecordValue:
    """What a location holds, given what each cell holds; 0 through NULL."""
    cells = table.targets(location)
    if isinstance(location.base, Const):
        return value(cells[0][1]) if cells else zero_value(location.type)
    result = zero_value(location.type)
    for index, cell in reversed(cells):
        here = fold.arith(Op.EQ, location.base, Const(index, Scalar(kind="pointer", struct=location.struct)))
        result = choose_value(here, value(cell), result)
    return result
