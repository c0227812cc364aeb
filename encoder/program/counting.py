"""`count(STRUCT, CONDITION)`: for how many objects a condition holds."""

from collections.abc import Callable

from encoder.program import fold
from encoder.program.core import INT, Const, Expr, Op
from encoder.program.evaluate import truth
from encoder.program.scope import Scope
from encoder.program.symbol_table import SymbolTable
from encoder.spec.syntax import Call, Name


def count(world: SymbolTable, call: Call, with_it: Callable[[Const], Scope]) -> Expr:
    """The number of objects `it` of a struct for which the condition holds. Raises Rejected."""
    match call.arguments:
        case (Name() as struct, condition):
            pass
        case _:
            expected = "`count(STRUCT, CONDITION)`"
            raise world.problems.reject("S226", "`count` takes a struct and a condition", call.span, expected=expected)
    if struct.name not in world.structs:
        message = f"unknown struct `{struct.name}`"
        raise world.problems.reject("S221", message, struct.span, word=struct.name, known=world.structs)
    total: Expr = Const(0, INT)
    for name in world.members[struct.name]:
        holds = truth(with_it(world.objects[name]), condition)
        term = fold.choose(holds, Const(1, INT), Const(0, INT))
        total = term if total == Const(0, INT) else fold.arith(Op.ADD, total, term)
    return total
