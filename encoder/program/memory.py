"""Reading memory where nothing happens: in the start and in properties."""

from collections.abc import Callable

from encoder.program import fold
from encoder.program.core import CellName, Const, Expr, Op, Scalar
from encoder.program.values import Location, Record, parts_of, with_parts, zero
from encoder.program.world import World


def look(world: World, location: Location, value: Callable[[CellName], Expr | Record]) -> Expr | Record:
    """What a location holds, given what each cell holds; 0 through NULL."""
    cells = world.targets(location)
    if isinstance(location.base, Const):
        return value(cells[0][1]) if cells else zero(location.type)
    result = zero(location.type)
    for index, cell in reversed(cells):
        here = fold.arith(Op.EQ, location.base, Const(index, Scalar(kind="pointer", struct=location.struct)))
        held = dict(parts_of(value(cell)))
        result = with_parts(result, tuple((n, fold.choose(here, held[n], rest)) for n, rest in parts_of(result)))
    return result
