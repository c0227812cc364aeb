"""Translates encodings to standard SMT-LIB: replaces z3's own `at-most`."""

import re

AT_MOST = re.compile(r"\(\(_ at-most (\d+)\) ")
TOKEN = re.compile(r"\|[^|]*\||[()]|[^\s()|]+")


def to_portable(text: str) -> str:
    """The same text with each `((_ at-most K) A B ...)`, which limits the depth (see `encoding.assert_depth`), replaced
    by a comparison of a bit-vector sum. Text without one is returned unchanged."""
    parts, place = [], 0
    while match := AT_MOST.search(text, place):
        literals, end = operands_until_close(text, match.end())
        parts += [text[place : match.start()], at_most(int(match[1]), literals)]
        place = end
    return "".join((*parts, text[place:])) if parts else text


def at_most(limit: int, literals: list[str]) -> str:
    """The formula that at most `limit` of the literals hold."""
    if limit >= len(literals):
        return "true"
    width = len(literals).bit_length()
    ones = " ".join(f"(ite {each} (_ bv1 {width}) (_ bv0 {width}))" for each in literals)
    return f"(bvule {f'(bvadd {ones})' if len(literals) > 1 else ones} (_ bv{limit} {width}))"


def operands_until_close(text: str, place: int) -> tuple[list[str], int]:
    """The expressions from `place` up to the parenthesis that closes the enclosing expression, and the position after
    it. Raises ValueError if there is no such parenthesis."""
    operands: list[str] = []
    depth, start = 0, place
    for token in TOKEN.finditer(text, place):
        if depth == 0 and token[0] == ")":
            return operands, token.end()
        if depth == 0:
            start = token.start()
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0:
            operands.append(text[start : token.end()])
    raise ValueError("parentheses are left open")
