"""Builds the syntax tree, with the span of every node, from Lark's parse trees."""

from dataclasses import replace
from typing import TypeAlias

from lark import Tree
from lark.lexer import Token

from encoder.base.source import Origin, Span
from encoder.spec.model import TypeName
from encoder.spec.syntax import (
    Assertion,
    Assignment,
    Binary,
    Break,
    Call,
    Compound,
    Conditional,
    Continue,
    Empty,
    Evaluate,
    Expression,
    ForHead,
    Goto,
    IfHead,
    ListOf,
    Member,
    Name,
    Number,
    Position,
    Return,
    Simple,
    SourceStatement,
    Subscript,
    Unary,
    WhileHead,
)

SyntaxTree: TypeAlias = Tree[Token] | Token

LEVELS = ("||", "&&", "|", "^", "&", "== !=", "< <= > >=", "<< >>", "+ -", "*")
LEVEL = {op: level for level, ops in enumerate(LEVELS) for op in ops.split()}


def statement(tree: SyntaxTree, origin: Origin) -> SourceStatement:
    """A statement or the head of a block."""
    span = span_of(tree, origin)
    match parts_of(tree):
        case "if_head", [_, _, condition, _, *rest]:
            inner = simple(rest[0], origin) if rest else None
            return IfHead(condition=expression(condition, origin), statement=inner, span=span)
        case "while_head", [_, _, condition, _]:
            return WhileHead(condition=expression(condition, origin), span=span)
        case "for_head", [_, name, _, first, *rest]:
            last = expression(rest[1], origin) if rest else None
            return ForHead(name=str(name), first=expression(first, origin), last=last, span=span)
        case _:
            return simple(tree, origin)


def simple(tree: SyntaxTree, origin: Origin) -> Simple:
    """A statement without a block."""
    span = span_of(tree, origin)
    match parts_of(tree):
        case "assignment", _:
            return assignment(tree, origin)
        case "evaluate", [value]:
            return Evaluate(value=expression(value, origin), span=span)
        case "return_", [_, *values]:
            return Return(value=expression(values[0], origin) if values else None, span=span)
        case "break_", _:
            return Break(span=span)
        case "continue_", _:
            return Continue(span=span)
        case "goto", [_, label]:
            return Goto(label=str(label), span=span)
        case "assertion", [_, _, condition, _]:
            return Assertion(condition=expression(condition, origin), span=span)
        case "empty", _:
            return Empty(span=span)
        case rule, _:
            raise AssertionError(f"grammar.lark has no simple statement {rule}")


def assignment(tree: SyntaxTree, origin: Origin) -> Assignment:
    """`target = value`."""
    _, (target, _, value) = parts_of(tree)
    return Assignment(target=expression(target, origin), value=expression(value, origin), span=span_of(tree, origin))


def expression(tree: SyntaxTree, origin: Origin) -> Expression:
    """An expression; of parentheses and casts (which only litmus tests have) only the span remains."""
    span = span_of(tree, origin)
    match parts_of(tree):
        case "name", [name]:
            return Name(name=str(name), span=span)
        case "number", [number]:
            return Number(value=parse_number(str(number)), span=span)
        case "unary", [op, operand]:
            return Unary(op=str(op), operand=expression(operand, origin), span=span)
        case "binary", parts:
            return _binary(parts, origin)
        case "member", [base, op, name]:
            return Member(base=expression(base, origin), name=str(name), arrow=op == "->", span=span)
        case "subscript", [base, _, index, _]:
            return Subscript(base=expression(base, origin), index=expression(index, origin), span=span)
        case "call", [function, _, *rest]:
            arguments = _arguments(rest[0], origin) if len(rest) > 1 else ()
            return Call(function=str(function), arguments=arguments, span=span)
        case _:
            return _other_expression(tree, origin)


def _binary(parts: list[SyntaxTree], origin: Origin) -> Expression:
    """Operands and the operators between them, combined by C's precedence and left associativity."""
    operands = [(expression(parts[0], origin), *_extent(parts[0]))]
    operators: list[str] = []

    def bind(least: int) -> None:
        while operators and LEVEL[operators[-1]] >= least:
            (left, first, _), (right, _, last) = operands[-2:]
            node = Binary(op=operators.pop(), left=left, right=right, span=origin.span(first, last))
            operands[-2:] = [(node, first, last)]

    for op, operand in zip(parts[1::2], parts[2::2], strict=True):
        bind(LEVEL[str(op)])
        operators.append(str(op))
        operands.append((expression(operand, origin), *_extent(operand)))
    bind(0)
    return operands[0][0]


def _other_expression(tree: SyntaxTree, origin: Origin) -> Expression:
    span = span_of(tree, origin)
    match parts_of(tree):
        case "conditional", [condition, _, then, _, otherwise]:
            return Conditional(
                condition=expression(condition, origin),
                then=expression(then, origin),
                otherwise=expression(otherwise, origin),
                span=span,
            )
        case "compound", [name, _, *values, _]:
            return Compound(
                type=str(name).strip("() \t\n"), fields=tuple(_value(value, origin) for value in values[::2]), span=span
            )
        case "list_of", [_, items, _]:
            return ListOf(items=_arguments(items, origin), span=span)
        case "position", [thread, _, label]:
            return Position(thread=str(thread), label=str(label), span=span)
        case "group", [_, inner, _]:
            return replace(expression(inner, origin), span=span)
        case "cast", [_, inner]:
            return replace(expression(inner, origin), span=span)
        case rule, _:
            raise AssertionError(f"grammar.lark has no expression {rule}")


def type_name(tree: SyntaxTree, origin: Origin) -> TypeName:
    """A type; `lvalue` is a place without a type name."""
    rule, (name, *rest) = parts_of(tree)
    if rule == "type_of":
        _, *star, of, _ = map(str, rest)
        written, place = f"typeof({''.join(star)}{of})", span_of(tree, origin)
        return TypeName(name=written, pointer=False, shape="scalar", length=None, span=place, of=of)
    pointer = any(isinstance(part, Token) for part in rest)
    shapes = [parts_of(part) for part in rest if isinstance(part, Tree)]
    span = span_of(tree, origin)
    match shapes:
        case []:
            if name == "lvalue" and not pointer:
                return TypeName(name="", pointer=False, shape="place", length=None, span=span)
            return TypeName(name=str(name), pointer=pointer, shape="scalar", length=None, span=span)
        case [("array", [_, *length, _])]:
            size = parse_number(str(length[0])) if length else None
            return TypeName(name=str(name), pointer=pointer, shape="array", length=size, span=span)
        case [("list", _)]:
            return TypeName(name=str(name), pointer=pointer, shape="list", length=None, span=span)
        case [("place", _)]:
            return TypeName(name=str(name), pointer=pointer, shape="place", length=None, span=span)
        case _:
            raise AssertionError(f"grammar.lark has no type with {shapes}")


def number_range(tree: SyntaxTree) -> tuple[int, int]:
    """`first..last`."""
    _, (first, _, last) = parts_of(tree)
    return integer(first), integer(last)


def integer(tree: SyntaxTree) -> int:
    """A number with or without a minus sign."""
    return parse_number("".join(str(token) for token in parts_of(tree)[1]))


def _arguments(tree: SyntaxTree, origin: Origin) -> tuple[Expression, ...]:
    return tuple(expression(argument, origin) for argument in parts_of(tree)[1][::2])


def _value(tree: SyntaxTree, origin: Origin) -> tuple[str, Expression]:
    _, (_, name, _, value) = parts_of(tree)
    return str(name), expression(value, origin)


def parts_of(tree: SyntaxTree) -> tuple[str, list[SyntaxTree]]:
    """The rule of a tree, and its children."""
    if isinstance(tree, Token):
        raise AssertionError(f"grammar.lark leaves the token {tree} where a rule is wanted")
    return str(tree.data), list(tree.children)


def span_of(tree: SyntaxTree, origin: Origin) -> Span:
    """The span from the first to the last token."""
    return origin.span(*_extent(tree))


def _extent(tree: SyntaxTree) -> tuple[int, int]:
    """The offsets of the first character and after the last one."""
    return _first(tree).start_pos or 0, _last(tree).end_pos or 0


def _first(tree: SyntaxTree) -> Token:
    return tree if isinstance(tree, Token) else _first(tree.children[0])


def _last(tree: SyntaxTree) -> Token:
    return tree if isinstance(tree, Token) else _last(tree.children[-1])


def parse_number(text: str) -> int:
    """The number in a token. Python refuses to convert thousands of digits; the first hundred are out of every range as
    well."""
    return int(text[:100], 0)
