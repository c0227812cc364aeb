"""Expressions as events show them: objects by name, a macro's parameters as the arguments that were written."""

from collections.abc import Mapping

from encoder.program.core import Const
from encoder.program.frame import Binding, CallFrame
from encoder.program.symbol_table import SymbolTable
from encoder.program.unparse import unparse
from encoder.program.values import ObjectList, Value
from encoder.spec.syntax import Compound, Expression, ForHead, Member, Name, Number, Subscript, WhileHead

WIDTH = 60


def expression_text(table: SymbolTable, frame: CallFrame, expression: Expression) -> str:
    """The expression in C, with what is known of its names; long compound literals are abbreviated."""
    whole = _shown(table, frame, expression, short=False)
    return whole if len(whole) <= WIDTH else _shown(table, frame, expression, short=True)


def _shown(table: SymbolTable, frame: CallFrame, expression: Expression, *, short: bool) -> str:
    def naming(part: Expression) -> str | None:
        object = known_constant(table, frame.names, part)
        if object is not None and object.type.struct and object.value:
            return table.members[object.type.struct][object.value - 1]
        if short and isinstance(part, Compound):
            return f"({part.type}){{...}}"
        if isinstance(part, Name) and part.name in frame.names:
            return frame.names[part.name].text or None
        return None

    return unparse(expression, naming)


def head_text(table: SymbolTable, frame: CallFrame, head: ForHead | WhileHead) -> str:
    """The head of a loop as text."""
    if isinstance(head, WhileHead):
        return f"while ({expression_text(table, frame, head.condition)})"
    last = f" .. {expression_text(table, frame, head.last)}" if head.last is not None else ""
    return f"for {head.name} in {expression_text(table, frame, head.first)}{last}"


def known_constant(table: SymbolTable, names: Mapping[str, Binding], expression: Expression) -> Const | None:
    """The object or number that an expression denotes, if names alone tell."""
    value: Value | None = None
    match expression:
        case Number():
            return Const(expression.value)
        case Name() if expression.name in names:
            value = names[expression.name].value
        case Member(arrow=True):
            base = known_constant(table, names, expression.base)
            if base is not None and base.type.struct and base.value:
                owner = table.members[base.type.struct][base.value - 1]
                value = table.fixed.get((owner, expression.name))
        case Subscript(base=Name(name=array), index=index) if array in names:
            items, position = names[array].value, known_constant(table, names, index)
            if isinstance(items, ObjectList) and position is not None and position.value in range(len(items.items)):
                value = items.items[position.value]
        case _:
            pass
    return value if isinstance(value, Const) else None
