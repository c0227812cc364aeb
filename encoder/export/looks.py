"""What a thread wants to know of a value that it has read."""

from collections.abc import Collection

from encoder.program.core import Arith, Code, Const, Expr, Not, Op, Rmw, Var
from encoder.program.traverse import expressions, operands, statements


def looks_only_for_zero(code: Code, event: Rmw, asked: Collection[str]) -> bool:
    """Whether of what the operation has read the code looks only at whether it is 0, and it is not `asked` about."""
    own = {variable for _, variable in event.into}
    others = (expr for each in statements(code) if each is not event for expr in expressions(each))
    return own.isdisjoint(asked) and all(_only_for_zero(expr, own) for expr in others)


def _only_for_zero(expr: Expr, names: Collection[str]) -> bool:
    match expr:
        case Var(name=name):
            return name not in names
        case Arith(op=Op.EQ | Op.NE, left=Var(), right=Const(value=0)) | Not(operand=Var()):
            return True
        case _:
            return all(_only_for_zero(each, names) for each in operands(expr))
