"""`count(STRUCT, CONDITION)`: the number of objects for which a condition holds."""

from collections.abc import Callable

from encoder.program import fold
from encoder.program.core import INT, Const, Expr, Op
from encoder.program.evaluate import evaluate_truth
from encoder.program.scope import Scope
from encoder.program.symbol_table import SymbolTable
from encoder.spec.syntax import Call, Name


def count_objects(table: SymbolTable, call: Call, with_it: Callable[[Const], Scope]) -> Expr:
    """The number of objects `it` of a struct for which the condition holds; `with_it` gives the scope in which `it` is
    an object. Raises Rejected."""
    match call.arguments:
        case (Name() as struct, condition):
            pass
        case _:
            expected = "`count(STRUCT, CONDITION)`"
            raise table.problems.reject(
                "S226", "`count_objects` takes a struct and a condition", call.span, expected=expected
            )
    if struct.name not in table.structs:
        message = f"unknown struct `{struct.name}`"
        raise table.problems.reject("S221", message, struct.span, word=struct.name, known=table.structs)
    total: Expr = Const(0, INT)
    for name in table.members[struct.name]:
        holds = evaluate_truth(with_it(table.objects[name]), condition)
        term = fold.choose(holds, Const(1, INT), Const(0, INT))
        total = term if total == Const(0, INT) else fold.arith(Op.ADD, total, term)
    return total
