"""Expressions as text again, names replaced by what they stand for."""

from collections.abc import Callable

from encoder.spec.syntax import (
    Binary,
    Call,
    Compound,
    Conditional,
    Expression,
    ListOf,
    Member,
    Name,
    Number,
    Position,
    Subscript,
    Unary,
)

Naming = Callable[[Expression], str | None]


def unparse(expression: Expression, naming: Naming = lambda _: None) -> str:
    """The expression in C; `naming` may give a part a text of its own (`*` before `&x` cancels it)."""

    def inner(part: Expression) -> str:
        return unparse(part, naming)

    own = naming(expression)
    if own is not None:
        return own
    match expression:
        case Number():
            return str(expression.value)
        case Name():
            return expression.name
        case Unary():
            operand = _closed(inner(expression.operand))
            return operand[1:] if expression.op == "*" and operand.startswith("&") else expression.op + operand
        case Binary():
            return f"{_closed(inner(expression.left))} {expression.op} {_closed(inner(expression.right))}"
        case Conditional():
            parts = (expression.condition, expression.then, expression.otherwise)
            condition, then, otherwise = (_closed(inner(part)) for part in parts)
            return f"{condition} ? {then} : {otherwise}"
        case Member():
            return f"{_closed(inner(expression.base))}{'->' if expression.arrow else '.'}{expression.name}"
        case Subscript():
            return f"{_closed(inner(expression.base))}[{inner(expression.index)}]"
        case Call():
            return f"{expression.function}({', '.join(inner(argument) for argument in expression.arguments)})"
        case Compound():
            fields = ", ".join(f".{name} = {inner(value)}" for name, value in expression.fields)
            return f"({expression.type}){{{fields}}}"
        case ListOf():
            return f"[{', '.join(inner(item) for item in expression.items)}]"
        case Position():
            thread = inner(Name(name=expression.thread, span=expression.span))
            return f"{thread} at {expression.label}"


def _closed(text: str) -> str:
    """The text in parentheses where an operator on the outside could tear it apart."""
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == " " and depth == 0:
            return f"({text})"
    return text
