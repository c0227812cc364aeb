"""Expressions as text, with names replaced by what they stand for."""

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

CONDITIONAL, UNARY, POSTFIX = 0, 11, 12
BINARY = {
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, "<=": 7, ">": 7, ">=": 7,
    "<<": 8, ">>": 8, "+": 9, "-": 9, "*": 10,
}  # fmt: skip


def unparse(expression: Expression, naming: Naming = lambda _: None) -> str:
    """The expression in C; `naming` may return a text for a part (`*` before a text `&x` gives `x`)."""
    return _text(expression, naming)[0]


def _text(expression: Expression, naming: Naming) -> tuple[str, int]:
    """The text, and the binding strength of its outermost operator."""

    def inner(part: Expression, strength: int = CONDITIONAL) -> str:
        text, binds = _text(part, naming)
        return text if binds >= strength else f"({text})"

    own = naming(expression)
    if own is not None:
        return own, _strength(own)
    match expression:
        case Number():
            return str(expression.value), POSTFIX
        case Name():
            return expression.name, POSTFIX
        case Unary():
            operand = inner(expression.operand, UNARY)
            if expression.op == "*" and operand.startswith("&"):
                return operand[1:], POSTFIX
            return expression.op + operand, UNARY
        case Binary():
            binds = BINARY[expression.op]
            return f"{inner(expression.left, binds)} {expression.op} {inner(expression.right, binds + 1)}", binds
        case Conditional():
            condition, then, otherwise = expression.condition, expression.then, expression.otherwise
            return f"{inner(condition, 1)} ? {inner(then)} : {inner(otherwise)}", CONDITIONAL
        case Member():
            return f"{inner(expression.base, POSTFIX)}{'->' if expression.arrow else '.'}{expression.name}", POSTFIX
        case Subscript():
            return f"{inner(expression.base, POSTFIX)}[{inner(expression.index)}]", POSTFIX
        case Call():
            return f"{expression.function}({', '.join(map(inner, expression.arguments))})", POSTFIX
        case Compound():
            fields = ", ".join(f".{name} = {inner(value)}" for name, value in expression.fields)
            return f"({expression.type}){{{fields}}}", POSTFIX
        case ListOf():
            return f"[{', '.join(map(inner, expression.items))}]", POSTFIX
        case Position():
            thread = inner(Name(name=expression.thread, span=expression.span))
            return f"{thread} at {expression.label}", POSTFIX


def parenthesized(text: str) -> str:
    """An expression's text in parentheses, unless it is a single operand."""
    return text if _strength(text) == POSTFIX else f"({text})"


def _strength(text: str) -> int:
    """The binding strength of a text that stands for a name: the lowest if it has an operator outside brackets."""
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == " " and depth == 0:
            return CONDITIONAL
    return UNARY if text[:1] in ("&", "*", "!", "~", "-") else POSTFIX
