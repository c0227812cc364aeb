"""Reading memory where nothing happens: in the start and in properties."""

from collections.abc import Callable

from encoder.program import fold
from encoder.program.core import CellName, Const, Expr, Op, Scalar
from encoder.program.index import chosen
from encoder.program.symbol_table import SymbolTable
from encoder.program.values import Location, RecordValue, zero


def look(world: SymbolTable, location: Location, value: Callable[[CellName], Expr | RecordValue]) -> Expr | RecordValue:
    """What a location holds, given what each cell holds; 0 through NULL."""
    cells = world.targets(location)
    if isinstance(location.base, Const):
        return value(cells[0][1]) if cells else zero(location.type)
    result = zero(location.type)
    for index, cell in reversed(cells):
        here = fold.arith(Op.EQ, location.base, Const(index, Scalar(kind="pointer", struct=location.struct)))
        result = chosen(here, value(cell), result)
    return result
