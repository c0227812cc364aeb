"""Parses statements, expressions and types of the spec language, and litmus tests, with one Lark grammar."""

import re
from functools import cache
from importlib.resources import files

from lark import Lark, Tree, UnexpectedInput
from lark.lexer import Token

from encoder.base.errors import InputError, Problem
from encoder.base.source import Origin
from encoder.spec import build, build_litmus
from encoder.spec.litmus import LitmusText
from encoder.spec.model import TypeName
from encoder.spec.syntax import (
    Assignment,
    Call,
    Evaluate,
    Expression,
    IfHead,
    Member,
    Name,
    SourceStatement,
    Subscript,
    Unary,
)
from encoder.spec.terminal_names import describe_terminals
from encoder.spec.unsupported_constructs import find_unsupported

MOST_NESTED = 200
WORD = re.compile(r"\w+")
CHANGES = re.compile(r"\+\+|--|(?:<<|>>|[-+*&|^])=(?!=)")
"""What C has to change a variable, and the language has not."""
STARTS = {
    "statement": "statement",
    "assignment": "assignment",
    "expression": "expression",
    "type": "type",
    "range": "range of numbers",
    "integer": "number",
    "litmus": "litmus test",
}


def parse_statement(text: str, origin: Origin) -> SourceStatement:
    """One statement of a step, or the head of its block. Raises InputError."""
    statement = build.statement(_tree("statement", text, origin), origin)
    inner = statement.statement if isinstance(statement, IfHead) else statement
    match inner:
        case Assignment():
            _check_target(inner)
        case Evaluate() if not isinstance(inner.value, Call):
            raise InputError([_no_effect_problem(inner)])
        case _:
            pass
    return statement


def parse_assignment(text: str, origin: Origin) -> Assignment:
    """`target = value`. Raises InputError."""
    assignment = build.assignment(_tree("assignment", text, origin), origin)
    _check_target(assignment)
    return assignment


def parse_expression(text: str, origin: Origin) -> Expression:
    """One expression. Raises InputError."""
    return build.expression(_tree("expression", text, origin), origin)


def parse_type(text: str, origin: Origin) -> TypeName:
    """A type as in `params`: `int`, `page *`, `page *[2]`, `page *[]`, `pte_slot *list`, `int &`, `lvalue`,
    `typeof(*v)`."""
    return build.type_name(_tree("type", text, origin), origin)


def parse_range(text: str, origin: Origin) -> tuple[int, int]:
    """`first..last`, both included. Raises InputError."""
    return build.number_range(_tree("range", text, origin))


def parse_integer(text: str, origin: Origin) -> int:
    """One number. Raises InputError."""
    return build.integer(_tree("integer", text, origin))


def parse_litmus(text: str, origin: Origin) -> LitmusText:
    """A litmus test from its init block on, its comments blanked. Raises InputError."""
    return build_litmus.build_litmus_test(_tree("litmus", text, origin), text, origin)


def _tree(start: str, text: str, origin: Origin) -> Tree[Token]:
    if start != "litmus" and sum(map(text.count, "([!~-+*&|^<>=?")) > MOST_NESTED:
        message, expected = "this is too long, or nested too deep", f"at most {MOST_NESTED} operators and brackets"
        raise InputError([Problem(code="S103", message=message, span=origin.span(0, 1), expected=expected)])
    try:
        tree = _parser().parse(text, start=start) if start == "litmus" else _parse_cached(start, text)
    except UnexpectedInput:
        raise InputError([_syntax_problem(start, text, origin)]) from None
    if start != "litmus" and isinstance(tree, Tree) and "(" in text:
        _reject_casts(tree, origin)
    return tree


def _reject_casts(tree: Tree[Token], origin: Origin) -> None:
    """Raises InputError for casts, which the typed spec language does not have."""
    casts = [build.span_of(cast.children[0], origin) for cast in tree.find_data("cast")]
    if casts:
        message, expected = "only litmus tests have casts", "the value alone"
        raise InputError([Problem(code="S112", message=message, span=span, expected=expected) for span in casts])


@cache
def _parse_cached(start: str, text: str) -> Tree[Token]:
    """The parse tree, cached, as the same types and statements occur in many places. Raises UnexpectedInput."""
    return _parser().parse(text, start=start)


@cache
def _parser() -> Lark:
    grammar = (files("encoder.spec") / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start=list(STARTS), keep_all_tokens=True, maybe_placeholders=False)


def _syntax_problem(start: str, text: str, origin: Origin) -> Problem:
    """Parses again, token by token, to find what was expected where the text goes wrong."""
    interactive = _parser().parse_interactive(text, start=start)
    first, last = len(text), len(text) + 1
    try:
        interactive.exhaust_lexer()
    except UnexpectedInput as error:
        first = error.pos_in_stream if error.pos_in_stream is not None else first
        token = getattr(error, "token", None)
        word = WORD.match(text, first)
        last = token.end_pos if token is not None else word.end() if word else first + 1
    if start == "litmus" and (construct := find_unsupported(text, first)) is not None:
        begin, end, name, instead = construct
        message = f"{name} not supported in litmus tests"
        return Problem(code="L101", message=message, span=origin.span(begin, end), expected=instead)
    found = text[first:last]
    changed = next((each for each in CHANGES.finditer(text) if each.start() < first < each.end()), None)
    return Problem(
        code="S103",
        message=f"unexpected `{found}` in this {STARTS[start]}" if found else f"this {STARTS[start]} is not finished",
        span=origin.span(first, last),
        expected=f"`n = n {changed[0][:-1]} …`: there is no `{changed[0]}`"
        if changed and start != "litmus"
        else describe_terminals(interactive.accepts()),  # type: ignore[no-untyped-call]
    )


def _check_target(assignment: Assignment) -> None:
    match assignment.target:
        case Name() | Member() | Subscript() | Unary(op="*"):
            return
        case target:
            raise InputError(
                [
                    Problem(
                        code="S112",
                        message="this cannot be assigned to",
                        span=target.span,
                        expected="a variable, a field, an array element or `*place`",
                    )
                ]
            )


def _no_effect_problem(statement: Evaluate) -> Problem:
    return Problem(
        code="S112",
        message="this statement has no effect",
        span=statement.span,
        expected="an assignment or a call",
    )
