"""Syntax trees as text, without places."""

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


def shape(node: Expression) -> str:
    """The expression with every operation in brackets."""
    match node:
        case Number():
            return str(node.value)
        case Name():
            return node.name
        case Unary():
            return f"({node.op}{shape(node.operand)})"
        case Binary():
            return f"({shape(node.left)} {node.op} {shape(node.right)})"
        case Conditional():
            return f"({shape(node.condition)} ? {shape(node.then)} : {shape(node.otherwise)})"
        case Member():
            return f"({shape(node.base)}{'->' if node.arrow else '.'}{node.name})"
        case Subscript():
            return f"({shape(node.base)}[{shape(node.index)}])"
        case Call():
            return f"{node.function}({', '.join(map(shape, node.arguments))})"
        case Compound():
            return f"({node.type}){{{', '.join(f'.{name} = {shape(value)}' for name, value in node.fields)}}}"
        case ListOf():
            return f"[{', '.join(map(shape, node.items))}]"
        case Position():
            return f"({node.thread} at {node.label})"
