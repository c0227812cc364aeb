"""C read by tree-sitter: the one place that speaks its language."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import tree_sitter
import tree_sitter_c

from encoder.kernel.c import CFunction, CStatement, StatementKind, Token

Condition = tuple[Any, ...]
"""Of `#if`: ("name", NAME), ("number", DIGITS), ("not", one), ("and", one, other), ("or", one, other), ("unknown",)."""
LOOPS = ("for_statement", "while_statement", "do_statement")
SIMPLE: dict[str, StatementKind] = {
    "return_statement": "return",
    "goto_statement": "goto",
    "break_statement": "break",
    "continue_statement": "continue",
    "declaration": "declaration",
    "expression_statement": "expression",
}
CONNECTIVES = {"&&": "and", "||": "or"}
UNREAD = ("comment", "{", "}")
DEFINED = re.compile(r"[A-Z][A-Z0-9_]*\s*\((.*)\)")
"""What stands before the block of a function that a macro defines."""
WORD = re.compile(r"\w+")


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))


def functions_of(text: str, file: str) -> tuple[CFunction, ...]:
    """The functions that a file defines, and the macros with parameters, in its order."""
    root = _parser().parse(text.encode()).root_node
    return tuple(_definitions(root, file))


def statements_of(text: str, first_line: int = 1) -> tuple[tuple[CStatement, ...], bool]:
    """The statements of the inside of a function, and whether all of it could be read. The text begins on
    `first_line`."""
    root = _parser().parse(f"void f(void) {{ {text}\n}}".encode()).root_node
    body = root.children[0].child_by_field_name("body") if root.children else None
    if body is None:
        return (), False
    return _block(body, first_line - 1), not root.has_error


def condition_of(text: str) -> Condition | None:
    """The expression of `#if TEXT`, None if it is none."""
    root = _parser().parse(f"#if {text}\n#endif\n".encode()).root_node
    found = root.children[0].child_by_field_name("condition") if root.children else None
    return None if root.has_error or found is None else _condition(found)


def _condition(node: tree_sitter.Node) -> Condition:
    match node.type:
        case "identifier":
            return ("name", text_at(node))
        case "number_literal":
            return ("number", text_at(node))
        case "preproc_defined":
            return ("name", text_at(node.named_children[0]))
        case "parenthesized_expression":
            return _condition(node.named_children[0])
        case "unary_expression" if text_at(node.children[0]) == "!":
            return ("not", _condition(node.named_children[0]))
        case "binary_expression" if text_at(node.children[1]) in CONNECTIVES:
            one, other = node.named_children
            return (CONNECTIVES[text_at(node.children[1])], _condition(one), _condition(other))
        case "call_expression" | "preproc_call_expression" if _is_enabled(node):
            return ("name", text_at(node.named_children[1].named_children[0]))
        case _:
            return ("unknown",)


def _is_enabled(node: tree_sitter.Node) -> bool:
    name, arguments = node.named_children[:2]
    return text_at(name) in ("IS_ENABLED", "IS_BUILTIN") and len(arguments.named_children) == 1


def text_at(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()


def _definitions(node: tree_sitter.Node, file: str) -> Iterator[CFunction]:
    for child in node.children:
        match child.type:
            case "function_definition":
                if (found := _function(child, file)) is not None:
                    yield found
            case "preproc_function_def":
                yield from _macro(child, file)
            case "expression_statement":
                yield from _defined_by_macro(child, file)
            case _ if child.is_named and child.type not in ("declaration", "comment", "type_definition"):
                yield from _definitions(child, file)


def _function(node: tree_sitter.Node, file: str) -> CFunction | None:
    body, declarator = node.child_by_field_name("body"), node.child_by_field_name("declarator")
    if body is not None and declarator is not None and declarator.type == "parenthesized_declarator":
        return _named_by_macro(f"{text_at(node.children[0])}{text_at(declarator)}", node, body, file)
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator")
    name = None if declarator is None else declarator.child_by_field_name("declarator")
    if body is None or declarator is None or name is None:
        return None
    return CFunction(
        name=text_at(name), file=file, line=node.start_point[0] + 1, end=node.end_point[0] + 1,
        statements=_block(body, 0), parameters=_parameters(declarator), broken=node.has_error,
    )  # fmt: skip


def _defined_by_macro(node: tree_sitter.Node, file: str) -> Iterator[CFunction]:
    """`SYSCALL_DEFINE1(swapoff, const char __user *, name)` with a block behind it."""
    body = node.next_named_sibling
    found = body and body.type == "compound_statement" and _named_by_macro(text_at(node), node, body, file)
    if found:
        yield found


def _named_by_macro(head: str, node: tree_sitter.Node, body: tree_sitter.Node, file: str) -> CFunction | None:
    """The function that such a macro names first; behind it stand types and names of parameters by turns."""
    match = DEFINED.fullmatch(" ".join(head.split()))
    if match is None:
        return None
    name, *others = [(WORD.findall(each) or [""])[-1] for each in match[1].split(",")]
    return CFunction(
        name=name, file=file, line=node.start_point[0] + 1, end=body.end_point[0] + 1, statements=_block(body, 0),
        parameters=tuple(others[1::2]), broken=body.has_error,
    )  # fmt: skip


def _parameters(declarator: tree_sitter.Node) -> tuple[str, ...]:
    found = []
    for each in declarator.children_by_field_name("parameters")[0].named_children:
        inner = each.child_by_field_name("declarator")
        while inner is not None and inner.type != "identifier":
            inner = inner.child_by_field_name("declarator")
        if inner is not None:
            found.append(text_at(inner))
    return tuple(found)


def _macro(node: tree_sitter.Node, file: str) -> Iterator[CFunction]:
    """A macro with parameters: its text is read as the inside of a function."""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None or value is None:
        return
    line = value.start_point[0] + 1
    statements, whole = statements_of(f"{text_at(value).replace(chr(92), ' ')};", line)
    parameters = tuple(text_at(each) for each in node.children_by_field_name("parameters")[0].named_children)
    yield CFunction(
        name=text_at(name), file=file, line=node.start_point[0] + 1, end=node.end_point[0] + 1, statements=statements,
        parameters=parameters, broken=not whole,
    )  # fmt: skip


def _block(node: tree_sitter.Node, shift: int) -> tuple[CStatement, ...]:
    """The statements in `{}`; lines are counted from `shift`."""
    return tuple(each for child in node.children if child.type not in UNREAD for each in _statements(child, shift))


def _statements(node: tree_sitter.Node, shift: int) -> Iterator[CStatement]:
    """What a node is: a label is one statement, and what stands behind it another."""
    match node.type:
        case "compound_statement":
            yield from _block(node, shift)
        case "labeled_statement":
            name = node.child_by_field_name("label")
            assert name is not None
            yield _made("label", node, tuple(_tokens(name, shift)), shift, last=name)
            for child in node.named_children[1:]:
                if child.type != "comment":
                    yield from _statements(child, shift)
        case "else_clause":
            for child in node.named_children:
                if child.type != "comment":
                    yield from _statements(child, shift)
        case "comment" | "preproc_call" | "preproc_def":
            return
        case _:
            yield _statement(node, shift)


def _statement(node: tree_sitter.Node, shift: int) -> CStatement:
    if node.type == "if_statement":
        then, otherwise = (_below(node.child_by_field_name(name), shift) for name in ("consequence", "alternative"))
        return _made("if", node, _head(node, ("consequence", "alternative"), shift), shift, then, otherwise)
    if node.type in (*LOOPS, "switch_statement"):
        body = _below(node.child_by_field_name("body"), shift)
        kind: StatementKind = "switch" if node.type == "switch_statement" else "loop"
        return _made(kind, node, _head(node, ("body",), shift), shift, body)
    if node.type == "case_statement":
        value = node.child_by_field_name("value")
        label = () if value is None else tuple(_tokens(value, shift))
        inner = [each for each in node.named_children if each != value and each.type != "comment"]
        return _made("case", node, label, shift, tuple(s for each in inner for s in _statements(each, shift)))
    return _made(SIMPLE.get(node.type, "other"), node, tuple(_tokens(node, shift)), shift)


def _below(node: tree_sitter.Node | None, shift: int) -> tuple[CStatement, ...]:
    return () if node is None else tuple(_statements(node, shift))


def _head(node: tree_sitter.Node, blocks: tuple[str, ...], shift: int) -> tuple[Token, ...]:
    below = [node.child_by_field_name(name) for name in blocks]
    return tuple(token for child in node.children if child not in below for token in _tokens(child, shift))


def _made(
    kind: StatementKind, node: tree_sitter.Node, tokens: tuple[Token, ...], shift: int,
    then: tuple[CStatement, ...] = (), otherwise: tuple[CStatement, ...] = (), last: tree_sitter.Node | None = None,
) -> CStatement:  # fmt: skip
    return CStatement(
        kind=kind, tokens=tokens, line=node.start_point[0] + 1 + shift, end=(last or node).end_point[0] + 1 + shift,
        then=then, otherwise=otherwise,
    )  # fmt: skip


def _tokens(node: tree_sitter.Node, shift: int) -> Iterator[Token]:
    """The leaves of a node, without comments; a string is one."""
    if node.type == "comment":
        return
    if not node.children or node.type in ("string_literal", "char_literal"):
        if text := text_at(node).strip():
            yield Token(text, node.start_point[0] + 1 + shift)
        return
    for child in node.children:
        yield from _tokens(child, shift)
